import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Contestant } from './serve.ts';

interface Measured {
  readonly amount: number;
  readonly seconds: number;
}

const NUM_ACCUMULATORS = ['8', '10', '12', '13'];

/** About a millisecond. */
const ITERATIONS_A_CALL = 50_000;

/*
 * The machine's peak of 128-bit multiplication and addition in WebAssembly, written as bytes: what no kernel of plain
 * (not fused, not relaxed) SIMD can exceed.
 * @see https://webassembly.github.io/spec/core/binary/index.html
 */

const LANES = 4;
/** Repeats of the loop's body, so that counting costs nothing beside it. */
const UNROLLED = 8;

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const F32X4_SPLAT = [0xfd, 0x13];
const F32X4_EXTRACT_LANE_0 = [0xfd, 0x1f, 0];
const F32X4_ADD = [0xfd, 0xe4, 0x01];
const F32X4_MUL = [0xfd, 0xe6, 0x01];

const ITERATIONS = 0;
const FACTOR = 1;
const TERM = 2;
const FACTORS = 3;
const TERMS = 4;
const FIRST_ACCUMULATOR = 5;

/** The peak kernel on as many threads as the task says; its amounts are floating-point operations, not images. */
export function peakContestant(): Contestant {
  return {
    greeting: {
      version: 'peak of 128-bit multiplication and addition in WebAssembly',
      variants: { train: NUM_ACCUMULATORS, predict: NUM_ACCUMULATORS },
    },
    prepare(task) {
      const workers = Array.from(
        { length: task.threads },
        () => new Worker(new URL(import.meta.url), { workerData: Number(task.variant) }),
      );
      return Promise.resolve({
        outcome: [],
        async run(seconds: number) {
          const measured = await Promise.all(workers.map((worker) => measure(worker, seconds)));
          const longest = Math.max(...measured.map((each) => each.seconds));
          const rate = measured.reduce((sum, each) => sum + each.amount / each.seconds, 0);
          return { amount: rate * longest, seconds: longest };
        },
        async dispose() {
          await Promise.all(workers.map((worker) => worker.terminate()));
        },
      });
    },
  };
}

function measure(worker: Worker, seconds: number): Promise<Measured> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.postMessage(seconds);
  });
}

/** Floating-point operations of one iteration. */
export function peakFlopsPerIteration(numAccumulators: number): number {
  return 2 * LANES * numAccumulators * UNROLLED;
}

/**
 * Writes a module whose `run(iterations, factor, term)` keeps so many independent vectors going, each
 * `x = x * factor + term` over and over, and returns the sum of their first lanes.
 *
 * @param numAccumulators enough to hide the latency of both instructions, few enough for the machine's 16 registers
 */
export function peakModule(numAccumulators: number): Uint8Array<ArrayBuffer> {
  const accumulators = Array.from({ length: numAccumulators }, (_, i) => FIRST_ACCUMULATOR + i);
  const step = accumulators.flatMap((local) => [
    ...[LOCAL_GET, local, LOCAL_GET, FACTORS, ...F32X4_MUL],
    ...[LOCAL_GET, TERMS, ...F32X4_ADD, LOCAL_SET, local],
  ]);
  const body = [
    ...[1, ...unsigned(numAccumulators + 2), V128],
    ...[LOCAL_GET, FACTOR, ...F32X4_SPLAT, LOCAL_SET, FACTORS],
    ...[LOCAL_GET, TERM, ...F32X4_SPLAT, LOCAL_SET, TERMS],
    ...accumulators.flatMap((local) => [...float(local), ...F32X4_SPLAT, LOCAL_SET, local]),
    ...[0x03, 0x40], // loop
    ...Array.from({ length: UNROLLED }, () => step).flat(),
    ...[LOCAL_GET, ITERATIONS, 0x41, 1, 0x6b, LOCAL_TEE, ITERATIONS], // iterations - 1
    ...[0x0d, 0, 0x0b], // again unless 0, end of loop
    ...[LOCAL_GET, accumulators[0], ...F32X4_EXTRACT_LANE_0],
    ...accumulators.slice(1).flatMap((local) => [LOCAL_GET, local, ...F32X4_EXTRACT_LANE_0, 0x92]), // f32.add
    0x0b,
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, F32, F32, 1, F32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...new TextEncoder().encode('run'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

function section(id: number, content: readonly number[]): readonly number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** f32.const. */
function float(value: number): readonly number[] {
  return [0x43, ...new Uint8Array(new Float32Array([value]).buffer)];
}

/** Runs the kernel for as many seconds as each message says: what this file does in a worker thread. */
async function serveThread(numAccumulators: number): Promise<void> {
  const { instance } = await WebAssembly.instantiate(peakModule(numAccumulators));
  const run = instance.exports.run as (iterations: number, factor: number, term: number) => number;
  parentPort?.on('message', (seconds: number) => {
    const start = performance.now();
    let flops = 0;
    let elapsed = 0;
    while (elapsed < seconds) {
      // Stays a normal number: it tends to term / (1 - factor).
      run(ITERATIONS_A_CALL, 0.5, 1);
      flops += ITERATIONS_A_CALL * peakFlopsPerIteration(numAccumulators);
      elapsed = (performance.now() - start) / 1000;
    }
    parentPort?.postMessage({ amount: flops, seconds: elapsed });
  });
}

if (typeof workerData === 'number') void serveThread(workerData);
