import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import type { Model } from '../model.ts';
import { decodeModel, encodeModel, MODEL_FILE_LIMITS, MODEL_FILES } from '../model-file.ts';
import type { Precision } from '../weight-encoding.ts';
import { reasonOf } from './reason.ts';
import { writeFileSafely } from './safe-write.ts';

/**
 * Saves a model as `model.json` and `weights.bin`, making the folder where there is none. Neither file is ever half-written;
 * `model.json` is replaced last and knows its weights' hash, so that a mixture of two models is refused when read.
 *
 * @param options `precision` is how kernels are stored; default float32
 * @throws Error when the folder cannot be written, RangeError as `encodeModel`
 */
export async function saveModel(
  folder: string,
  model: Model,
  options: { readonly precision?: Precision } = {},
): Promise<void> {
  const { modelJson, weightsBin } = encodeModel(model, options);
  try {
    await mkdir(folder, { recursive: true });
    await writeFileSafely(join(folder, MODEL_FILES.weights), weightsBin);
    await writeFileSafely(join(folder, MODEL_FILES.topology), modelJson);
  } catch (cause) {
    throw new Error(`saveModel: folder must be writable, got "${folder}" (${reasonOf(cause)})`, { cause });
  }
}

/**
 * Reads a model that {@link saveModel} wrote.
 *
 * @throws Error naming the folder and what is wrong with it: no such folder, a file missing, or files that are no model
 */
export async function loadModel(folder: string): Promise<Model> {
  const [topologySize, weightsSize] = await Promise.all(
    [MODEL_FILES.topology, MODEL_FILES.weights].map((name) => sizeOf(join(folder, name))),
  );
  if (topologySize === null || weightsSize === null) {
    const found = [
      ...(topologySize === null ? [] : [MODEL_FILES.topology]),
      ...(weightsSize === null ? [] : [MODEL_FILES.weights]),
    ];
    const got =
      (await sizeOf(folder)) === null ? 'no such folder' : found.length === 0 ? 'neither' : `only ${found[0]}`;
    throw new Error(
      `loadModel: folder must hold ${MODEL_FILES.topology} and ${MODEL_FILES.weights}, got ${got} in "${folder}"; name the folder of a trained model`,
    );
  }
  checkSize(folder, MODEL_FILES.topology, topologySize, MODEL_FILE_LIMITS.jsonLength);
  checkSize(folder, MODEL_FILES.weights, weightsSize, MODEL_FILE_LIMITS.weightsLength);
  try {
    const modelJson = await readFile(join(folder, MODEL_FILES.topology), 'utf8');
    const weightsBin = await readFile(join(folder, MODEL_FILES.weights));
    return decodeModel({ modelJson, weightsBin });
  } catch (cause) {
    throw new Error(`loadModel: "${folder}": ${reasonOf(cause)}`, { cause });
  }
}

function checkSize(folder: string, name: string, size: number, limit: number): void {
  if (size > limit) {
    throw new RangeError(`loadModel: ${name} in "${folder}" must have at most ${limit} bytes, got ${size}`);
  }
}

/** Bytes of a file, null where there is none. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    const code = isNativeError(error) && 'code' in error ? error.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
