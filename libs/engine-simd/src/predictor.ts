import {
  checkImages,
  checkWeights,
  type Activation,
  type Architecture,
  inferShapes,
  type Predictor,
  shapeSize,
  validateArchitecture,
  type Weights,
} from '@digits/model';
import * as contract from './program/contract.ts';
import { compileInference, type OutputRecord } from './program/inference-program.ts';
import { writeWeights } from './program/layout.ts';
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
import { instantiateKernelsLater, type KernelExports } from './threads/thread-program.ts';
import { createCallQueue, startThreads, type ThreadHost, type ThreadPool } from './threads/thread-pool.ts';

/** Maximum number of images predicted on the calling thread: this blocks it only for a moment, and waking the threads takes longer. */
const DIRECT_IMAGES = 4;
/** Maximum number of images per call of the threads, and per call that blocks the caller if there are no threads. */
const BATCH_IMAGES = 2048;
const LOCAL_IMAGES = 64;

/** Kernels and threads of a predictor. */
export interface PredictorHost {
  readonly module: WebAssembly.Module;
  readonly host: ThreadHost;
  readonly numThreads: number;
}

/** Addresses in the memory of a predictor. */
interface PredictorPlan {
  readonly network: Network;
  readonly directImages: number;
  readonly directRecords: number;
  /** Number of images per call of the threads. */
  readonly batchSize: number;
  readonly batchImages: number;
  readonly batchRecords: number;
  readonly activationsProgram: number;
  readonly activationsRecord: number;
  readonly activations: OutputRecord;
}

/**
 * Creates a predictor. It folds and packs the weights once, and starts its threads with the first batch.
 *
 * @throws RangeError if the weights do not match the architecture or there is not enough memory
 */
export async function createSimdPredictor(
  host: PredictorHost,
  architecture: Architecture,
  weights: Weights,
): Promise<Predictor> {
  validateArchitecture(architecture);
  checkWeights('createPredictor', architecture, weights);
  const { plan, memory, arenaIndex } = setUp(architecture, weights, host);
  const kernels = await instantiateKernelsLater({
    module: host.module,
    memory: memory.memory,
    thread: 0,
    numThreads: 1,
    arena: arenaIndex,
  });
  kernels.prepare();
  return new SimdPredictor(host, architecture, plan, memory, kernels);
}

function setUp(
  architecture: Architecture,
  weights: Weights,
  { host, numThreads }: PredictorHost,
): { plan: PredictorPlan; memory: KernelsMemory; arenaIndex: number } {
  const network = describeNetwork(architecture);
  const planned = planMemory(contract.FREE_ADDRESS);
  const arena = planArena();
  const weightsAddress = planned.allocate(network.weights.totalBytes);
  const fused = compileInference(network, weightsAddress, planned, arena, 'fused');
  const whole = compileInference(network, weightsAddress, planned, arena, 'every layer');
  const preparing = placeProgram(planned, [...fused.preparing, ...whole.preparing]);
  const running = placeProgram(planned, fused.stages);
  const inspecting = placeProgram(planned, whole.stages);
  const imageBytes = 4 * shapeSize(architecture.inputShape);
  const batchSize = imagesPerCall(BATCH_IMAGES, imageBytes + fused.record.bytes);
  const batchImages = host.canShareMemory ? batchSize : 0;
  const directImages = host.canShareMemory ? DIRECT_IMAGES : LOCAL_IMAGES;
  const plan: PredictorPlan = {
    network,
    directImages: planned.allocate(directImages * imageBytes),
    directRecords: planned.allocate(directImages * fused.record.bytes),
    batchSize,
    batchImages: planned.allocate(batchImages * imageBytes),
    batchRecords: planned.allocate(batchImages * fused.record.bytes),
    activationsProgram: inspecting.address,
    activationsRecord: planned.allocate(whole.record.bytes),
    activations: whole.record,
  };
  const numArenas = host.canShareMemory ? numThreads + 1 : 1;
  const arenas = planned.allocate(numArenas * arena.size());
  const memory = createMemory('createPredictor', planned.size());
  writePrograms(memory, [preparing, running, inspecting]);
  setControl(memory, {
    [contract.CONTROL_PREPARING_PROGRAM]: preparing.address,
    [contract.CONTROL_INFERENCE_PROGRAM]: running.address,
    [contract.CONTROL_ARENA]: arenas,
    [contract.CONTROL_ARENA_BYTES]: arena.size(),
  });
  writeWeights(network.weights, weights, weightsAddress, memory.floats);
  return { plan, memory, arenaIndex: numArenas - 1 };
}

/** Owns the memory of one network and its threads. */
class SimdPredictor implements Predictor {
  readonly #host: PredictorHost;
  readonly #architecture: Architecture;
  readonly #plan: PredictorPlan;
  readonly #imageSize: number;
  readonly #queue = createCallQueue();
  #memory: KernelsMemory | null;
  #kernels: KernelExports;
  #pool: Promise<ThreadPool> | null = null;

  constructor(
    host: PredictorHost,
    architecture: Architecture,
    plan: PredictorPlan,
    memory: KernelsMemory,
    kernels: KernelExports,
  ) {
    this.#host = host;
    this.#architecture = architecture;
    this.#plan = plan;
    this.#memory = memory;
    this.#kernels = kernels;
    this.#imageSize = shapeSize(architecture.inputShape);
  }

  async predict(images: Float32Array): Promise<Float32Array> {
    const memory = this.#requireMemory('predict');
    const count = checkImages('predict', this.#architecture, images);
    const logits = new Float32Array(count * this.#plan.network.numLogits);
    if (count <= DIRECT_IMAGES) {
      if (count > 0) this.#predictDirectly(memory, images, logits);
      return logits;
    }
    await (this.#host.host.canShareMemory
      ? this.#predictOnThreads(images, logits)
      : this.#predictInTurns(images, logits));
    return logits;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- errors must reject the promise
  async activations(image: Float32Array): Promise<readonly Activation[]> {
    const { floats } = this.#requireMemory('activations');
    checkImages('activations', this.#architecture, image, 1);
    const { directImages, activationsProgram, activationsRecord, activations } = this.#plan;
    floats.set(image, directImages / 4);
    this.#kernels.inferAlone(activationsProgram, contract.SOURCE_FLOATS, directImages, activationsRecord, 1);
    const shapes = inferShapes(this.#architecture);
    return this.#architecture.layers.map(({ name }, index) => {
      const start = (activationsRecord + activations.offsets[index]) / 4;
      const shape = shapes[index];
      return { layer: name, shape, values: floats.slice(start, start + shapeSize(shape)) };
    });
  }

  async dispose(): Promise<void> {
    this.#memory = null;
    this.#kernels = {};
    const pool = this.#pool;
    this.#pool = null;
    // If the threads did not start, the call that needed them has already failed.
    const started = await pool?.catch(() => null);
    await started?.dispose();
  }

  /** Predicts on this thread without waiting, so no other call can run in between. */
  #predictDirectly({ floats }: KernelsMemory, images: Float32Array, logits: Float32Array): void {
    const { directImages, directRecords } = this.#plan;
    floats.set(images, directImages / 4);
    this.#kernels.infer(contract.SOURCE_FLOATS, directImages, directRecords, images.length / this.#imageSize);
    logits.set(floats.subarray(directRecords / 4, directRecords / 4 + logits.length));
  }

  /** Predicts on this thread, and yields between two parts of the batch. */
  async #predictInTurns(images: Float32Array, logits: Float32Array): Promise<void> {
    const { numLogits } = this.#plan.network;
    const count = images.length / this.#imageSize;
    for (let first = 0; first < count; first += LOCAL_IMAGES) {
      const end = Math.min(count, first + LOCAL_IMAGES);
      const part = images.subarray(first * this.#imageSize, end * this.#imageSize);
      this.#predictDirectly(this.#requireMemory('predict'), part, logits.subarray(first * numLogits, end * numLogits));
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  async #predictOnThreads(images: Float32Array, logits: Float32Array): Promise<void> {
    const { batchSize, batchImages, batchRecords, network } = this.#plan;
    const { numLogits } = network;
    const count = images.length / this.#imageSize;
    await this.#queue.enqueue(async () => {
      const memory = this.#requireMemory('predict');
      const { floats } = memory;
      const work = { module: this.#host.module, memory: memory.memory };
      this.#pool ??= startThreads(this.#host.host, this.#host.numThreads, work);
      const pool = await this.#pool;
      for (let first = 0; first < count; first += batchSize) {
        const end = Math.min(count, first + batchSize);
        floats.set(images.subarray(first * this.#imageSize, end * this.#imageSize), batchImages / 4);
        setControl(memory, { [contract.CONTROL_TICKETS]: 0 });
        await pool.run('infer', contract.SOURCE_FLOATS, batchImages, batchRecords, end - first);
        const start = batchRecords / 4;
        logits.set(floats.subarray(start, start + (end - first) * numLogits), first * numLogits);
      }
    });
  }

  #requireMemory(caller: string): KernelsMemory {
    if (this.#memory === null) throw new Error(`${caller}: the predictor must be in use, but it was disposed`);
    return this.#memory;
  }
}
