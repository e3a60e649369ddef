import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNativeError } from 'node:util/types';
import type { Model } from './answers/model.ts';
import type { PixelModel } from './answers/pixel-model.ts';
import { parseCheckpoint, serialiseCheckpoint } from './file/checkpoint-file.ts';
import {
  type AnyModel,
  decodeAnyModel,
  decodeModel,
  decodePixelModel,
  encodeModel,
  MODEL_FILE_LIMITS,
  MODEL_FILES,
  type ModelFiles,
} from './file/model-file.ts';
import { importModel, IMPORTED_ENDINGS, type NamedFile } from './import.ts';
import type { Precision } from './network/weight-bytes.ts';
import type { TrainingCheckpoint } from './training/checkpoint.ts';

/** What an error says, whichever realm it comes from. */
function reasonOf(error: unknown): string {
  return isNativeError(error) ? error.message : String(error);
}

/**
 * Writes a file so that at any moment, through crashes too, it is either absent, as before, or complete: beside it first, then
 * synced, then renamed.
 *
 * @param path its folder must exist
 * @throws Error of the file system; nothing is left beside the file
 */
export async function writeFileSafely(path: string, content: Uint8Array | string): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = await open(beside, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Makes a rename last through a power cut, where the system can (Windows cannot open folders). */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Saves a model as `model.json` and `weights.bin`, making the folder where there is none. Neither file is ever half-written;
 * `model.json` is replaced last and knows its weights' hash, so that a mixture of two models is refused when read.
 *
 * @param options `precision` is how kernels are stored; default float32
 * @throws Error when the folder cannot be written, RangeError as `encodeModel`
 */
export async function saveModel(
  folder: string,
  model: AnyModel,
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
 * Reads a model for classes that {@link saveModel} wrote, or one of another framework as `importModel` does.
 *
 * @param folder of the model, or an `.onnx`, `.keras`, `.h5` or `model.json` file
 * @throws Error naming the folder and what is wrong with it: no such folder, a file missing, or files that are no such model
 */
export async function loadModel(folder: string): Promise<Model> {
  return readModelFolder('loadModel', folder, decodeModel);
}

/**
 * Reads a model for pixels that {@link saveModel} wrote.
 *
 * @throws Error as {@link loadModel}
 */
export async function loadPixelModel(folder: string): Promise<PixelModel> {
  return readModelFolder('loadPixelModel', folder, decodePixelModel);
}

/**
 * Reads a model of either kind that {@link saveModel} wrote.
 *
 * @throws Error as {@link loadModel}
 */
export async function loadAnyModel(folder: string): Promise<AnyModel> {
  return readModelFolder('loadAnyModel', folder, decodeAnyModel);
}

async function readModelFolder<Kind extends AnyModel>(
  caller: string,
  folder: string,
  decode: (files: ModelFiles) => Kind,
): Promise<Kind> {
  const foreign = await readForeignFiles(caller, folder);
  if (foreign !== null) {
    try {
      const files = encodeModel(await importModel(foreign));
      return decode(files);
    } catch (cause) {
      throw new Error(`${caller}: "${folder}": ${reasonOf(cause)}`, { cause });
    }
  }
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
      `${caller}: folder must hold ${MODEL_FILES.topology} and ${MODEL_FILES.weights}, got ${got} in "${folder}"; name the folder of a trained model`,
    );
  }
  checkSize(caller, join(folder, MODEL_FILES.topology), topologySize, MODEL_FILE_LIMITS.jsonLength);
  checkSize(caller, join(folder, MODEL_FILES.weights), weightsSize, MODEL_FILE_LIMITS.weightsLength);
  try {
    const modelJson = (await readRegularFile(join(folder, MODEL_FILES.topology))).toString('utf8');
    const weightsBin = await readRegularFile(join(folder, MODEL_FILES.weights));
    return decode({ modelJson, weightsBin });
  } catch (cause) {
    throw new Error(`${caller}: "${folder}": ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Reads the files of another framework's model: a file by its ending, or a folder whose `model.json` has no facts of ours.
 *
 * @returns null for anything else
 */
async function readForeignFiles(caller: string, path: string): Promise<readonly NamedFile[] | null> {
  const isFile = (await kindOf(path)) === 'file';
  const main = isFile ? path : join(path, MODEL_FILES.topology);
  if (
    isFile ? !IMPORTED_ENDINGS.some((ending) => path.toLowerCase().endsWith(ending)) : (await kindOf(main)) !== 'file'
  ) {
    return null;
  }
  const readNamed = async (file: string): Promise<NamedFile> => {
    checkSize(caller, file, (await sizeOf(file)) ?? 0, MODEL_FILE_LIMITS.weightsLength);
    return { name: basename(file), bytes: await readRegularFile(file) };
  };
  const first = await readNamed(main);
  if (!main.endsWith('.json')) return [first];
  const paths = weightPathsOf(first.bytes);
  if (paths === null) return isFile ? [first] : null;
  const others = paths.map((name) => join(dirname(main), basename(name)));
  const present = await Promise.all(
    others.map(async (file) => ((await kindOf(file)) === 'file' ? readNamed(file) : null)),
  );
  return [first, ...present.filter((file) => file !== null)];
}

/** Names of the files of weights of another program's `model.json`; null for our own, and for what cannot be read. */
function weightPathsOf(bytes: Uint8Array): readonly string[] | null {
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes)) as {
      userDefinedMetadata?: { architecture?: unknown };
      modelTopology?: unknown;
      weightsManifest?: readonly { paths: readonly unknown[] }[];
    };
    if (json.modelTopology === undefined || json.userDefinedMetadata?.architecture !== undefined) return null;
    return (json.weightsManifest ?? []).flatMap(({ paths }) => paths.map(String));
  } catch {
    return null;
  }
}

async function kindOf(path: string): Promise<'file' | 'other' | null> {
  try {
    return (await stat(path)).isFile() ? 'file' : 'other';
  } catch {
    return null;
  }
}

/** Reads a file, but no pipe, whose reader would wait for a writer for ever. */
async function readRegularFile(path: string): Promise<Buffer> {
  // Windows has no such flag, and no pipes in folders.
  const file = await open(path, constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0));
  try {
    if (!(await file.stat()).isFile())
      throw new Error(`${basename(path)} must be a regular file, got a pipe or device`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function checkSize(caller: string, path: string, size: number, limit: number): void {
  if (size > limit) {
    throw new RangeError(
      `${caller}: ${basename(path)} in "${dirname(path)}" must have at most ${limit} bytes, got ${size}`,
    );
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

/**
 * Saves a checkpoint; killed at any moment, the file holds this one or the one before.
 *
 * @param path its folder must exist
 * @throws Error when it cannot be written, with the checkpoint before left as it was
 */
export async function saveCheckpoint(path: string, checkpoint: TrainingCheckpoint): Promise<void> {
  try {
    await writeFileSafely(path, serialiseCheckpoint(checkpoint));
  } catch (cause) {
    throw new Error(`saveCheckpoint: path must be writable, got "${path}" (${reasonOf(cause)})`, { cause });
  }
}

/**
 * Reads a checkpoint that {@link saveCheckpoint} wrote.
 *
 * @throws Error naming the file when it cannot be read or is no checkpoint
 */
export async function loadCheckpoint(path: string): Promise<TrainingCheckpoint> {
  try {
    return parseCheckpoint(await readFile(path));
  } catch (cause) {
    throw new Error(`loadCheckpoint: "${path}": ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Names the folder of the model for classes that ships with this package: `model.json`, `weights.bin`, and `README.md`, its model card.
 * A program that was bundled and left its packages behind looks beside itself.
 *
 * @param resolve finds a module's file; the default looks where this one is installed
 * @returns an absolute path
 */
export function pretrainedModelDirectory(resolve = resolveInstalled): string {
  return packageFolder('pretrained', resolve);
}

/**
 * Names the folder of the model for pixels that ships with this package, as {@link pretrainedModelDirectory} does for classes.
 *
 * @param resolve finds a module's file; the default looks where this one is installed
 * @returns an absolute path
 */
export function pretrainedInkModelDirectory(resolve = resolveInstalled): string {
  return packageFolder('pretrained-ink', resolve);
}

/**
 * Returns the folder of the bundled model for digits among others that touch them, as {@link pretrainedModelDirectory} does.
 *
 * @param resolve finds a module's file; the default looks where this one is installed
 * @returns an absolute path
 */
export function pretrainedTouchingModelDirectory(resolve = resolveInstalled): string {
  return packageFolder('pretrained-touching', resolve);
}

/**
 * Reads the bundled model for digits among others that touch them.
 *
 * @throws Error as {@link loadModel}
 */
export async function loadPretrainedTouchingModel(): Promise<Model> {
  return loadModel(pretrainedTouchingModelDirectory());
}

/**
 * Reads the model for pixels that ships with this package.
 *
 * @throws Error as {@link loadPixelModel}
 */
export async function loadPretrainedInkModel(): Promise<PixelModel> {
  return loadPixelModel(pretrainedInkModelDirectory());
}

/** Finds a module's file where this module is installed. */
const resolveInstalled: (id: string) => string = createRequire(import.meta.url).resolve;

function packageFolder(name: string, resolve: (id: string) => string): string {
  try {
    return join(dirname(resolve('@digits/model/package.json')), name);
  } catch {
    return fileURLToPath(new URL(name, import.meta.url));
  }
}
