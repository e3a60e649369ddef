import { createModel } from '@digits/model';
import { saveModel } from '@digits/model/node';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Task } from '../protocol.ts';
import type { Contestant } from './serve.ts';
import { type Predicting, predictionWorkload, readWeights } from './workload.ts';

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

const TRAINER = fileURLToPath(new URL('../../../../apps/trainer/dist/main.js', import.meta.url));

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

/**
 * Writes a task's network as `npm run export` does.
 *
 * @returns the bytes of the ONNX file
 * @throws Error when the trainer is not built, or refuses the model
 */
async function exportOnnx(task: Task): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'digits-bench-'));
  try {
    const [modelDir, file] = [join(folder, 'model'), join(folder, 'model.onnx')];
    await saveModel(modelDir, createModel(task.architecture, readWeights(task)));
    const args = [TRAINER, 'export', '--model', modelDir, '--format', 'onnx', '--out', file];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) {
      throw new Error(`exportOnnx: the trainer must write the model, but it ended with ${stderr}; is it built?`);
    }
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
