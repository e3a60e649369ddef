/*
 * Measures the kernels one by one: GFLOP/s of the processor time that they take (so that other work on the machine counts
 * less), and the share of what 128-bit multiplications and additions can reach in the same run.
 *
 *   node libs/engine-simd/bench/kernels.mjs
 */
/* global WebAssembly */
import { compileKernels } from '../kernel-compiler.mjs';

const ROUNDS = 12;
const FLOPS_A_SAMPLE = 5e7;
const MIB = 2 ** 20;
const [A, B, C, D, SCRATCH] = [MIB, 16 * MIB, 32 * MIB, 40 * MIB, 48 * MIB];

/** Layers of the presets: height and width of the output, channels in and out, padding, side of a tile. */
const LAYERS = [
  [11, 16, 24, 0, 6],
  [26, 24, 24, 0, 6],
  [13, 48, 48, 1, 4],
  [6, 96, 96, 1, 6],
];

/** Memory full of small numbers. */
function createNoise() {
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: 1024, shared: true });
  new Float32Array(memory.buffer).fill(0.001);
  return memory;
}

/** Everything that is measured: a name, the multiplications and additions of one call, the call. */
function measurements(kernels) {
  const list = [['peak', 96 * 1e5, () => kernels.peak(1e5)]];
  for (const [size, input, output, pad, tile] of LAYERS) {
    const inSize = pad === 1 ? size : size + 2;
    const images = 8;
    const period = size + (pad === 1 ? 1 : 2);
    const stacked = period < tile * Math.ceil(size / tile) ? period : 0;
    const inImage = 4 * inSize * inSize * input;
    const outImage = 4 * size * size * output;
    const points = (tile + 2) ** 2;
    const tiles = Math.min(64, Math.max(16, 4 * Math.floor((320 * 1024) / (4 * points * (input + output)) / 4)));
    const flops = 18 * images * size * size * input * output;
    const inShape = [A, inImage, inSize, inSize, input, pad, pad];
    const outShape = [B, outImage, size, size, output];
    const name = `F(${tile}x${tile}) ${size}x${size}, ${input} to ${output} channels`;
    const rest = [images, tiles, stacked, SCRATCH];
    const convolve = () => kernels.winogradConvolution(tile, ...inShape, ...outShape, C, 0, 0, ...rest);
    const gradients = () =>
      kernels.winogradGradients(tile, ...inShape, ...outShape, D, 1, A + 8 * MIB, inImage, C, ...rest);
    const product = () => {
      for (let i = 0; i < points; i++) {
        const u = C + 4 * i * (input * output + 16);
        kernels.multiply(A + 65536 * i, 4 * input, u, B + 65536 * i, 4 * output, tiles, output, input, 0, 0);
      }
    };
    list.push([`Winograd ${name}`, flops, convolve], [`both gradients ${name}`, 2 * flops, gradients]);
    list.push([
      `${points} products of ${tiles}x${input} by ${input}x${output}`,
      2 * points * tiles * input * output,
      product,
    ]);
  }
  for (const filters of [16, 24]) {
    const window = [A, 28, 1, 3, 3, 1, 1];
    const flops = 18 * 26 * 26 * filters;
    const name = `26x26, 1 to ${filters} channels`;
    list.push([`direct ${name}`, flops, () => kernels.directConvolution(...window, B, 0, 0, C, 26, 26, filters)]);
    const gradient = () => kernels.directFilterGradient(...window, B, 26, 26, filters, C, 1);
    list.push([`direct filter gradient ${name}`, flops, gradient]);
  }
  return list;
}

/** GFLOP/s over a sample of calls. */
function sample(flops, call) {
  const count = Math.max(1, Math.round(FLOPS_A_SAMPLE / flops));
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) call();
  const { user, system } = process.cpuUsage(start);
  return (count * flops) / (user + system) / 1e3;
}

const env = { memory: createNoise(), sleep: () => {} };
const { instance } = await WebAssembly.instantiate(await compileKernels('assembly/benchmark.ts'), { env });
const list = measurements(instance.exports);
const best = list.map(() => 0);
// Interleaved, so that what else the machine does falls on all alike.
for (let round = 0; round < ROUNDS; round++) {
  list.forEach(([, flops, call], i) => (best[i] = Math.max(best[i], sample(flops, call), sample(flops, call))));
}
list.forEach(([name], i) => {
  const share = `${Math.round((100 * best[i]) / best[0])}%`;
  console.log(`${name.padEnd(56)} ${best[i].toFixed(1).padStart(7)} GFLOP/s ${share.padStart(6)} of peak`);
});
