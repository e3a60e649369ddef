import type { Task } from '../protocol.ts';
import { ONNX_INPUT, ONNX_OUTPUT, toOnnx } from './onnx-model.ts';
import { type Predicting, predictionWorkload } from './prediction.ts';
import type { Contestant } from './serve.ts';
import { readWeights } from './task-data.ts';

/** What is used of onnxruntime-node, which is not there when the bench is compiled without its peers. */
interface OnnxRuntime {
  readonly env: { readonly versions: { readonly node?: string } };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => OnnxTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
}

interface OnnxTensor {
  readonly data: Float32Array;
}

interface OnnxSession {
  run(inputs: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

const PACKAGE = 'onnxruntime-node';

/**
 * ONNX Runtime on the CPU, prediction only.
 *
 * @throws Error when onnxruntime-node is not installed
 */
export async function onnxruntimeContestant(): Promise<Contestant> {
  const runtime = await loadRuntime();
  return {
    greeting: {
      version: `onnxruntime-node ${runtime.env.versions.node ?? ''}`,
      variants: { train: [], predict: [''] },
    },
    async prepare(task) {
      return predictionWorkload(
        task,
        await openSession(runtime, task, task.batchSize),
        await openSession(runtime, task, 1),
      );
    },
  };
}

async function loadRuntime(): Promise<OnnxRuntime> {
  try {
    const loaded = (await import(PACKAGE)) as { readonly default: OnnxRuntime };
    return loaded.default;
  } catch (error) {
    throw new Error('onnxruntime-node is not installed; npm ci in tools/bench brings it', { cause: error });
  }
}

async function openSession(runtime: OnnxRuntime, task: Task, batchSize: number): Promise<Predicting<OnnxTensor>> {
  const model = toOnnx(task.architecture, readWeights(task), batchSize);
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: task.threads,
    interOpNumThreads: 1,
  });
  const [height, width, channels] = task.architecture.inputShape;
  return {
    toInput: (images, numImages) => new runtime.Tensor('float32', images, [numImages, channels, height, width]),
    predict: async (input) => (await session.run({ [ONNX_INPUT]: input }))[ONNX_OUTPUT].data,
    dispose: () => session.release(),
  };
}
