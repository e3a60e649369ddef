import {
  checkImages,
  checkPlan,
  checkSession,
  checkState,
  type Architecture,
  type SessionSettings,
  shapeSize,
  type StepPlan,
  type StepReport,
  type TrainingImages,
  type TrainingSession,
  type TrainingState,
} from '@digits/model';
import * as contract from './program/contract.ts';
import { compileInference } from './program/inference-program.ts';
import { placeAugmentation } from './program/input.ts';
import { numTrainable, readSlot, readWeights, writeSlot, writeWeights } from './program/layout.ts';
import {
  createMemory,
  imagesPerCall,
  type KernelsMemory,
  placeProgram,
  planArena,
  planMemory,
  setControl,
  writePrograms,
} from './program/memory.ts';
import { describeNetwork, type Network } from './program/network.ts';
import { compileTraining } from './program/training-program.ts';
import { createCallQueue, startThreads, type ThreadHost, type ThreadPool } from './threads/thread-pool.ts';

/** Maximum number of samples and steps per call of the kernels; longer plans are cut. */
const PLAN_SAMPLES = 65_536;
const PLAN_STEPS = 4096;
/** Maximum number of samples per call if the engine has no threads, because each call then blocks the caller. */
const LOCAL_PLAN_SAMPLES = 512;
/** Maximum number of images per call when evaluating. */
const EVALUATION_IMAGES = 1024;

/** Addresses in the memory of a session. */
interface SessionPlan {
  readonly network: Network;
  readonly weights: number;
  readonly averages: number;
  readonly slots: readonly number[];
  readonly dataset: number;
  readonly answers: number;
  readonly labelSmoothing: number;
  readonly evaluationWeights: number;
  /** Number of images per call when evaluating. */
  readonly evaluationSize: number;
  readonly evaluationImages: number;
  readonly evaluationRecords: number;
  readonly samples: number;
  readonly batchSizes: number;
  readonly learningRates: number;
  readonly averageDecays: number;
  readonly losses: number;
  readonly numCorrect: number;
}

/** Kernels and threads of a session. */
export interface SessionHost {
  readonly module: WebAssembly.Module;
  readonly host: ThreadHost;
  readonly numThreads: number;
}

/**
 * Creates a session: plans its memory, writes programs, training set and weights, and starts the threads.
 *
 * @throws RangeError as `checkSession`, or if there is not enough memory
 */
export async function createSession(
  { module, host, numThreads }: SessionHost,
  architecture: Architecture,
  settings: SessionSettings,
  dataset: TrainingImages,
): Promise<TrainingSession> {
  checkSession(architecture, settings, dataset);
  const threadCount = host.canShareMemory ? numThreads : 1;
  const { plan, memory } = setUp(architecture, settings, dataset, threadCount);
  const pool = await startThreads(host, threadCount, { module, memory: memory.memory });
  return new SimdSession(architecture, settings, dataset.count, plan, memory, pool, host.canShareMemory);
}

function setUp(
  architecture: Architecture,
  settings: SessionSettings,
  dataset: TrainingImages,
  numThreads: number,
): { plan: SessionPlan; memory: KernelsMemory } {
  const network = describeNetwork(architecture);
  const { trainableBytes, totalBytes } = network.weights;
  const planned = planMemory(contract.FREE_ADDRESS);
  const arena = planArena();
  const numSlots = settings.optimizer.type === 'sgd' ? 1 : 2;
  const weights = planned.allocate(totalBytes);
  const averages = settings.averageWeights ? planned.allocate(totalBytes) : 0;
  const slots = Array.from({ length: numSlots }, () => planned.allocate(trainableBytes));
  const gradientBytes = Math.ceil(trainableBytes / 64) * 64;
  const gradients = planned.allocate(contract.NUM_SHARDS * gradientBytes);
  const labelSmoothing = planned.allocate(8);
  const state = { weights, averages, slots, gradients, gradientBytes };
  const { batchSize, optimizer } = settings;
  const augmentation =
    settings.augmentation === null
      ? null
      : placeAugmentation(settings.augmentation, network.layouts[0], planned, arena);
  const options = { batchSize, optimizer, labelSmoothing, augmentation };
  const training = placeProgram(planned, compileTraining(network, options, state, planned, arena));

  const evaluationWeights = planned.allocate(totalBytes);
  const inference = compileInference(network, evaluationWeights, planned, arena, 'fused');
  const preparing = placeProgram(planned, inference.preparing);
  const running = placeProgram(planned, inference.stages);
  const answers = 'labels' in dataset ? dataset.labels : dataset.targets;
  const imageSize = shapeSize(architecture.inputShape);
  const evaluationSize = imagesPerCall(EVALUATION_IMAGES, imageSize + inference.record.bytes);
  const plan: SessionPlan = {
    network,
    weights,
    averages,
    slots,
    labelSmoothing,
    evaluationWeights,
    dataset: planned.allocate(dataset.images.length),
    answers: planned.allocate(answers.length),
    evaluationSize,
    evaluationImages: planned.allocate(evaluationSize * imageSize),
    evaluationRecords: planned.allocate(evaluationSize * inference.record.bytes),
    samples: planned.allocate(4 * Math.max(PLAN_SAMPLES, settings.batchSize)),
    batchSizes: planned.allocate(4 * PLAN_STEPS),
    learningRates: planned.allocate(4 * PLAN_STEPS),
    averageDecays: planned.allocate(4 * PLAN_STEPS),
    losses: planned.allocate(4 * PLAN_STEPS),
    numCorrect: planned.allocate(4 * PLAN_STEPS),
  };
  const arenas = planned.allocate(numThreads * arena.size());
  const memory = createMemory('createTrainingSession', planned.size());
  writePrograms(memory, [training, preparing, running]);
  setControl(memory, {
    [contract.CONTROL_TRAINING_PROGRAM]: training.address,
    [contract.CONTROL_PREPARING_PROGRAM]: preparing.address,
    [contract.CONTROL_INFERENCE_PROGRAM]: running.address,
    [contract.CONTROL_ARENA]: arenas,
    [contract.CONTROL_ARENA_BYTES]: arena.size(),
    [contract.CONTROL_SAMPLES]: plan.samples,
    [contract.CONTROL_BATCH_SIZES]: plan.batchSizes,
    [contract.CONTROL_LEARNING_RATES]: plan.learningRates,
    [contract.CONTROL_AVERAGE_DECAYS]: plan.averageDecays,
    [contract.CONTROL_LOSSES]: plan.losses,
    [contract.CONTROL_NUM_CORRECT]: plan.numCorrect,
    [contract.CONTROL_SEED_LOW]: settings.seed | 0,
    [contract.CONTROL_SEED_HIGH]: Math.floor(settings.seed / 2 ** 32),
    [contract.CONTROL_DATASET]: plan.dataset,
    [contract.CONTROL_ANSWERS]: plan.answers,
  });
  augmentation?.write(memory.memory.buffer);
  new DataView(memory.memory.buffer).setFloat64(labelSmoothing, settings.labelSmoothing, true);
  memory.bytes.set(dataset.images, plan.dataset);
  memory.bytes.set(answers, plan.answers);
  writeWeights(network.weights, settings.initialWeights, weights, memory.floats);
  if (averages !== 0) memory.bytes.copyWithin(averages, weights, weights + totalBytes);
  return { plan, memory };
}

/** Owns the threads and the memory of one training run. */
class SimdSession implements TrainingSession {
  readonly #architecture: Architecture;
  readonly #settings: SessionSettings;
  readonly #numSamples: number;
  readonly #plan: SessionPlan;
  readonly #pool: ThreadPool;
  readonly #planSamples: number;
  readonly #queue = createCallQueue();
  #memory: KernelsMemory | null;

  constructor(
    architecture: Architecture,
    settings: SessionSettings,
    numSamples: number,
    plan: SessionPlan,
    memory: KernelsMemory,
    pool: ThreadPool,
    hasThreads: boolean,
  ) {
    this.#architecture = architecture;
    this.#settings = settings;
    this.#numSamples = numSamples;
    this.#plan = plan;
    this.#memory = memory;
    this.#pool = pool;
    this.#planSamples = hasThreads ? PLAN_SAMPLES : LOCAL_PLAN_SAMPLES;
  }

  async trainSteps(plan: StepPlan): Promise<StepReport> {
    this.#requireMemory('trainSteps');
    checkPlan(plan, this.#settings, this.#numSamples);
    return await this.#queue.enqueue(async () => {
      const losses = new Float32Array(plan.batchSizes.length);
      const numCorrect = new Uint32Array(plan.batchSizes.length);
      let step = 0;
      let sample = 0;
      while (step < plan.batchSizes.length) {
        const { endStep, endSample } = this.#cut(plan, step, sample);
        await this.#takeSteps(plan, step, endStep, sample, endSample, losses, numCorrect);
        step = endStep;
        sample = endSample;
      }
      return { losses, numCorrect };
    });
  }

  async evaluate(images: Uint8Array, which: 'current' | 'averaged'): Promise<Float32Array> {
    this.#requireMemory('evaluate');
    const count = checkImages('evaluate', this.#architecture, images);
    const from = which === 'averaged' ? this.#plan.averages : this.#plan.weights;
    if (from === 0) {
      throw new RangeError('evaluate: which must be "current" in a session without averageWeights, got "averaged"');
    }
    return await this.#queue.enqueue(async () => {
      const { network, evaluationWeights, evaluationSize, evaluationImages, evaluationRecords } = this.#plan;
      const memory = this.#requireMemory('evaluate');
      memory.bytes.copyWithin(evaluationWeights, from, from + network.weights.totalBytes);
      await this.#pool.run('prepare');
      const imageSize = shapeSize(this.#architecture.inputShape);
      const logits = new Float32Array(count * network.numLogits);
      for (let first = 0; first < count; first += evaluationSize) {
        const end = Math.min(count, first + evaluationSize);
        memory.bytes.set(images.subarray(first * imageSize, end * imageSize), evaluationImages);
        setControl(memory, { [contract.CONTROL_TICKETS]: 0 });
        await this.#pool.run('infer', contract.SOURCE_BYTES, evaluationImages, evaluationRecords, end - first);
        const records = evaluationRecords / 4;
        const size = (end - first) * network.numLogits;
        logits.set(memory.floats.subarray(records, records + size), first * network.numLogits);
      }
      return logits;
    });
  }

  async getState(): Promise<TrainingState> {
    this.#requireMemory('getState');
    return await this.#queue.enqueue(() => {
      const { floats } = this.#requireMemory('getState');
      const { network, weights, averages, slots } = this.#plan;
      const prefixes = slots.length === 1 ? ['momentum'] : ['m', 'v'];
      return Promise.resolve({
        weights: readWeights(network.weights, weights, floats),
        averagedWeights: averages === 0 ? null : readWeights(network.weights, averages, floats),
        optimizer: slots.flatMap((slot, i) => readSlot(network.weights, prefixes[i], slot, floats)),
      });
    });
  }

  async setState(state: TrainingState): Promise<void> {
    this.#requireMemory('setState');
    checkState(this.#architecture, this.#settings, state);
    await this.#queue.enqueue(() => {
      const { floats } = this.#requireMemory('setState');
      const { network, weights, averages, slots } = this.#plan;
      writeWeights(network.weights, state.weights, weights, floats);
      if (state.averagedWeights !== null) writeWeights(network.weights, state.averagedWeights, averages, floats);
      const count = numTrainable(network.weights);
      slots.forEach((slot, i) => {
        writeSlot(network.weights, state.optimizer.slice(i * count, (i + 1) * count), slot, floats);
      });
      return Promise.resolve();
    });
  }

  async dispose(): Promise<void> {
    this.#memory = null;
    await this.#pool.dispose();
  }

  /** Returns the end of the next call: as many steps as the plan has memory for, at least one. */
  #cut({ batchSizes }: StepPlan, step: number, sample: number): { endStep: number; endSample: number } {
    let endStep = step;
    let endSample = sample;
    do {
      endSample += batchSizes[endStep];
      endStep++;
    } while (
      endStep < batchSizes.length &&
      endStep - step < PLAN_STEPS &&
      endSample + batchSizes[endStep] - sample <= this.#planSamples
    );
    return { endStep, endSample };
  }

  async #takeSteps(
    plan: StepPlan,
    step: number,
    endStep: number,
    sample: number,
    endSample: number,
    losses: Float32Array,
    numCorrect: Uint32Array,
  ): Promise<void> {
    const memory = this.#requireMemory('trainSteps');
    const { samples, batchSizes, learningRates, averageDecays } = this.#plan;
    memory.words.set(plan.samples.subarray(sample, endSample), samples / 4);
    memory.words.set(plan.batchSizes.subarray(step, endStep), batchSizes / 4);
    memory.floats.set(plan.learningRates.subarray(step, endStep), learningRates / 4);
    memory.floats.set(plan.averageDecays.subarray(step, endStep), averageDecays / 4);
    setControl(memory, {
      [contract.CONTROL_TICKETS]: 0,
      [contract.CONTROL_NUM_STEPS]: endStep - step,
      [contract.CONTROL_EPOCH]: plan.epoch,
      [contract.CONTROL_FIRST_STEP]: plan.firstStep + step,
    });
    await this.#pool.run('trainSteps');
    const numSteps = endStep - step;
    losses.set(memory.floats.subarray(this.#plan.losses / 4, this.#plan.losses / 4 + numSteps), step);
    numCorrect.set(memory.words.subarray(this.#plan.numCorrect / 4, this.#plan.numCorrect / 4 + numSteps), step);
  }

  #requireMemory(caller: string): KernelsMemory {
    if (this.#memory === null) throw new Error(`${caller}: the session must be in use, but it was disposed`);
    return this.#memory;
  }
}
