import type { Task } from '../protocol.ts';
import { exportOnnx } from './onnx-file.ts';
import { type Predicting, predictionWorkload } from './prediction.ts';
import type { Contestant } from './serve.ts';

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
  run(
    inputs: Readonly<Record<string, OnnxTensor>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, OnnxTensor>>>;
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
      const model = await exportOnnx(task);
      return predictionWorkload(
        task,
        await openSession(runtime, model, task, task.batchSize),
        await openSession(runtime, model, task, 1),
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

/** @param batchSize fixed, so that the runtime can plan for it */
async function openSession(
  runtime: OnnxRuntime,
  model: Uint8Array,
  task: Task,
  batchSize: number,
): Promise<Predicting<OnnxTensor>> {
  const session = await runtime.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    freeDimensionOverrides: { n: batchSize },
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: task.threads,
    interOpNumThreads: 1,
  });
  return {
    toInput: (images, numImages) => new runtime.Tensor('float32', images, [numImages, ...task.architecture.inputShape]),
    predict: async (input) => (await session.run({ images: input }, ['logits'])).logits.data,
    dispose: () => session.release(),
  };
}
