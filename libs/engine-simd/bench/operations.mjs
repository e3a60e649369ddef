/*
 * Measures each operation of a training step, or of a batch's prediction, on one thread: microseconds per image. The GFLOP/s of
 * convolutions count the operations of the definition; `winogradGradients` computes both gradients.
 *
 *   npx nx build @digits/engine-simd && node libs/engine-simd/bench/operations.mjs train|predict fast|accurate|FILE.json
 *
 * FILE.json contains an architecture.
 */
/* global WebAssembly */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { initialWeights, outputKind, PRESET_NAMES, presetConfig } from '@digits/model';
import * as contract from '../dist/program/contract.js';
import { compileInference } from '../dist/program/inference-program.js';
import { writeWeights } from '../dist/program/layout.js';
import {
  createMemory,
  placeProgram,
  planArena,
  planMemory,
  setControl,
  writePrograms,
} from '../dist/program/memory.js';
import { describeNetwork } from '../dist/program/network.js';
import { OPERATIONS, operandWords } from '../dist/program/operations.js';
import { compileTraining } from '../dist/program/training-program.js';
import { compileKernels } from '../kernel-compiler.mjs';

const BATCH = 128;
const ROUNDS = 40;
const OPTIMIZER = { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.01 };

/** Operations whose GFLOP/s are shown, and the operands that these depend on. */
const CONVOLUTIONS = ['winogradConvolution', 'winogradGradients', 'directConvolution', 'directFilterGradient'];
const SHAPE = ['height', 'width', 'channels', 'outHeight', 'outWidth', 'outChannels'];

const [kind = 'train', name = 'fast'] = process.argv.slice(2);
const architecture = PRESET_NAMES.includes(name)
  ? presetConfig(name).architecture
  : JSON.parse(readFileSync(resolve(process.env.INIT_CWD ?? '.', name), 'utf8'));

/** Places everything, fills it with noise and compiles the program that is asked for. */
function setUp() {
  const network = describeNetwork(architecture);
  const plan = planMemory(contract.FREE_ADDRESS);
  const arena = planArena();
  const { totalBytes, trainableBytes } = network.weights;
  const weights = plan.allocate(totalBytes);
  const slots = [plan.allocate(trainableBytes), plan.allocate(trainableBytes)];
  const gradientBytes = Math.ceil(trainableBytes / 64) * 64;
  const state = { weights, averages: 0, slots, gradients: plan.allocate(8 * gradientBytes), gradientBytes };
  const labelSmoothing = plan.allocate(8);
  const options = { batchSize: BATCH, optimizer: OPTIMIZER, labelSmoothing, augmentation: null };
  const predicting = compileInference(network, weights, plan, arena, 'fused');
  const stages = kind === 'train' ? compileTraining(network, options, state, plan, arena) : predicting.stages;
  const programs = [placeProgram(plan, stages), placeProgram(plan, predicting.preparing)];
  const imageSize = architecture.inputShape.reduce((product, side) => product * side, 1);
  const images = plan.allocate(4 * BATCH * imageSize);
  const numAnswers = outputKind(architecture) === 'classes' ? BATCH : BATCH * network.numLogits;
  const answers = plan.allocate(numAnswers);
  const samples = plan.allocate(4 * BATCH);
  const records = plan.allocate(BATCH * predicting.record.bytes);
  const numbers = Array.from({ length: 5 }, () => plan.allocate(4));
  const arenaAddress = plan.allocate(arena.size());
  const memory = createMemory('operations', plan.size());
  writePrograms(memory, programs);
  setControl(memory, {
    [contract.CONTROL_PREPARING_PROGRAM]: programs[1].address,
    [contract.CONTROL_ARENA]: arenaAddress,
    [contract.CONTROL_ARENA_BYTES]: arena.size(),
    [contract.CONTROL_DATASET]: images,
    [contract.CONTROL_ANSWERS]: answers,
    [contract.CONTROL_SAMPLES]: samples,
    [contract.CONTROL_BATCH_SIZES]: numbers[0],
    [contract.CONTROL_LEARNING_RATES]: numbers[1],
    [contract.CONTROL_AVERAGE_DECAYS]: numbers[2],
    [contract.CONTROL_LOSSES]: numbers[3],
    [contract.CONTROL_NUM_CORRECT]: numbers[4],
  });
  memory.words[numbers[0] / 4] = BATCH;
  memory.floats[numbers[1] / 4] = 1e-3;
  for (let i = 0; i < BATCH; i++) {
    memory.words[samples / 4 + i] = i;
  }
  for (let i = 0; i < numAnswers; i++) memory.bytes[answers + i] = i % 10;
  for (let i = 0; i < BATCH * imageSize; i++) {
    if (kind === 'train') memory.bytes[images + i] = (i * 2654435761) >>> 24;
    else memory.floats[images / 4 + i] = ((i * 2654435761) >>> 24) / 255;
  }
  writeWeights(network.weights, initialWeights(architecture, 1), weights, memory.floats);
  return { memory, program: programs[0].address, images, records };
}

/** The operations of a stage's chunks in the order in which one thread runs them. */
function* chunksOf(chunk) {
  const shards = kind === 'train' ? contract.NUM_SHARDS : 1;
  for (let shard = 0; shard < shards; shard++) {
    const [start, end] = [shard, shard + 1].map((index) => Math.floor((BATCH * index) / shards));
    for (let first = start; first < end; first += chunk) {
      const count = Math.min(chunk, end - first);
      yield { shard, isFirst: first === start, isLast: first + count === end, first, count };
    }
  }
}

/** Runs the whole program once; milliseconds of each operation. */
function runOnce(kernels, words, program) {
  const times = [];
  let stage = program + 4;
  for (let i = words[program / 4]; i > 0; i--) {
    const [stageKind, , chunk, numOps] = words.subarray(stage / 4, stage / 4 + contract.STAGE_HEADER);
    const ops = [];
    let op = stage + 4 * contract.STAGE_HEADER;
    for (let k = 0; k < numOps; k++, op += 4 * words[op / 4 + 1]) ops.push({ op, ms: 0 });
    const isShared = stageKind === contract.STAGE_SHARED;
    const all = isShared ? [{ shard: 0, isFirst: false, isLast: false, first: 0, count: 0 }] : chunksOf(chunk);
    for (const { shard, isFirst, isLast, first, count } of all) {
      kernels.enterChunk(shard, isFirst, isLast);
      for (const each of ops) {
        const start = performance.now();
        kernels.runOperation(each.op, first, count);
        each.ms += performance.now() - start;
      }
    }
    times.push(...ops);
    stage = op;
  }
  return times;
}

/** Describes an operation: its name, and for convolutions height, width and channels of input and output. */
function describe(words, op) {
  const code = words[op / 4];
  const isGradient = code >= contract.OP_GRADIENT;
  const [operation] = Object.entries(OPERATIONS).find(
    ([, { opcode }]) => opcode === code - (isGradient ? contract.OP_GRADIENT : 0),
  );
  const isConvolution = CONVOLUTIONS.includes(operation);
  const places = operandWords(operation);
  const shape = isConvolution ? SHAPE.map((operand) => words[op / 4 + places.get(operand)]) : [];
  const numGradients = operation === 'winogradGradients' ? 2 : 1;
  const flops = isConvolution ? numGradients * 18 * shape[2] * shape[3] * shape[4] * shape[5] : 0;
  const sizes = isConvolution ? `${shape.slice(0, 3).join('x')} to ${shape.slice(3).join('x')}` : '';
  const title = operation.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return { label: `${title}${isGradient ? ' gradient' : ''} ${sizes}`.trim(), flops };
}

const { memory, program, images, records } = setUp();
const module = await compileKernels('assembly/benchmark.ts');
const env = { memory: memory.memory, sleep: () => {} };
const kernels = (await WebAssembly.instantiate(module, { env })).instance.exports;
kernels.initialize(0, 1, 0);
kernels.prepare();
kernels.setInferenceData(contract.SOURCE_FLOATS, images, records);
const rounds = [];
for (let round = 0; round < ROUNDS; round++) {
  kernels.enterPlan();
  kernels.enterStep(0);
  rounds.push(runOnce(kernels, memory.words, program));
}
/** The quicker ones: what else the machine does only ever adds. */
const typical = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 6)];
const rows = rounds[0].map(({ op }, i) => ({
  ...describe(memory.words, op),
  us: (1000 * typical(rounds.map((round) => round[i].ms))) / BATCH,
}));
const total = rows.reduce((sum, { us }) => sum + us, 0);
for (const { label, flops, us } of rows) {
  if (us < total / 200) continue;
  const share = `${((100 * us) / total).toFixed(1)}%`;
  const speed = flops === 0 ? '' : `${(flops / us / 1e3).toFixed(0)} GFLOP/s`;
  console.log(`${label.padEnd(48)} ${us.toFixed(2).padStart(8)} us ${share.padStart(6)} ${speed}`);
}
console.log(`${kind} ${name}: ${total.toFixed(1)} us an image, ${(1e6 / total).toFixed(0)} images/s on one thread`);
