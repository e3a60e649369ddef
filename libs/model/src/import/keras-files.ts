import type { File as Hdf5File } from 'h5wasm';
import { parse, RECORD, shown } from '../json.ts';
import { decodeValues, quantizationSchema } from '../network/weight-bytes.ts';
import { shapeSize } from '../network/shapes.ts';
import { type KerasEntry, readKerasNetwork } from './keras-layers.ts';
import type { ImportedNetwork } from './network-builder.ts';

/** A file by its name, without folders. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a TensorFlow.js layers model.
 *
 * @param json content of `model.json`
 * @param files the files that its weight manifest names
 * @throws TypeError or RangeError naming the field, file or layer that cannot be read
 */
export function readTfjsNetwork(json: Readonly<Record<string, unknown>>, files: readonly NamedFile[]): ImportedNetwork {
  const weights = new Map<string, Float32Array>();
  if (!Array.isArray(json.weightsManifest)) {
    throw new TypeError(`importModel: weightsManifest must be a list, got ${shown(json.weightsManifest)}`);
  }
  for (const group of json.weightsManifest.map((value: unknown) =>
    parse(RECORD, value, 'importModel: weightsManifest'),
  )) {
    const bytes = bytesOf(group.paths, files);
    let at = 0;
    for (const value of (group.weights ?? []) as unknown[]) {
      const entry = parse(RECORD, value, 'importModel: weights');
      const name = String(entry.name);
      if (entry.dtype !== 'float32')
        throw new RangeError(`importModel: weight "${name}" must be float32, got ${shown(entry.dtype)}`);
      const quantization =
        entry.quantization == null
          ? null
          : parse(quantizationSchema, entry.quantization, `importModel: quantization of "${name}"`);
      const size =
        shapeSize(entry.shape as number[]) * (quantization === null ? 4 : quantization.dtype === 'uint8' ? 1 : 2);
      if (at + size > bytes.length) {
        throw new RangeError(
          `importModel: weight "${name}" must have ${size} bytes, got ${bytes.length - at}; is a file cut off?`,
        );
      }
      weights.set(name, decodeValues({ bytes: bytes.subarray(at, at + size), quantization }));
      at += size;
    }
  }
  const topology = parse(RECORD, json.modelTopology, 'importModel: modelTopology');
  const config = topology.model_config ?? topology;
  return readKerasNetwork(config, (layer) => weightsNamed(layer, weights));
}

/** The bytes of a group's files, one after the other. */
function bytesOf(paths: unknown, files: readonly NamedFile[]): Uint8Array {
  const parts = (Array.isArray(paths) ? paths : []).map((path: unknown) => {
    const name = String(path).split('/').at(-1) ?? '';
    const file = files.find((given) => given.name === name);
    if (file === undefined)
      throw new RangeError(
        `importModel: the file ${name} of the weights must be there too, got none; it belongs to model.json`,
      );
    return file.bytes;
  });
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Roles of weights in Keras' order, by the class of their layer. */
const ROLES: readonly (readonly [pattern: RegExp, roles: readonly string[]])[] = [
  [/^SeparableConv2D$/, ['depthwise_kernel', 'pointwise_kernel', 'bias']],
  [/^DepthwiseConv2D$/, ['depthwise_kernel', 'kernel', 'bias']],
  [/^BatchNormalization/, ['gamma', 'beta', 'moving_mean', 'moving_variance']],
  [/./, ['kernel', 'bias']],
];

/** Finds a layer's weights: `conv/kernel`, below the model's own name too, or `conv/kernel:0`. */
function weightsNamed(
  { className, name }: KerasEntry,
  weights: ReadonlyMap<string, Float32Array>,
): readonly Float32Array[] {
  const roles = ROLES.find(([pattern]) => pattern.test(className))?.[1] ?? [];
  return roles.flatMap((role) => {
    const end = `${name}/${role}`;
    for (const [key, values] of weights) {
      const plain = key.replace(/:\d+$/, '');
      if (plain === end || plain.endsWith(`/${end}`)) return [values];
    }
    return [];
  });
}

/**
 * Reads a `.keras` file of Keras 3.
 *
 * @throws TypeError or RangeError naming what cannot be read
 */
export async function readKerasArchive(bytes: Uint8Array): Promise<ImportedNetwork> {
  const { strFromU8, unzipSync } = await import('fflate');
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => ARCHIVE_FILES.includes(name) && originalSize <= MAX_UNPACKED,
    });
  } catch (cause) {
    throw new TypeError('importModel: a .keras file must be a ZIP archive, got bytes that are none', { cause });
  }
  const missing = ARCHIVE_FILES.find((name) => !(name in files));
  if (missing !== undefined) throw new TypeError(`importModel: a .keras file must hold ${missing}, got none`);
  const config: unknown = JSON.parse(strFromU8(files['config.json']));
  return withHdf5(files['model.weights.h5'], (file) => {
    // Groups are named by the layers' classes, which Keras counts.
    const counts = new Map<string, number>();
    const groupOf = new Map<string, string>();
    for (const layer of layersOf(config)) {
      const base = snakeCase(layer.className);
      const count = counts.get(base) ?? 0;
      counts.set(base, count + 1);
      groupOf.set(layer.name, count === 0 ? base : `${base}_${count}`);
    }
    return readKerasNetwork(config, ({ name }) => {
      const group = groupOf.get(name) ?? name;
      // A separable convolution keeps its kernels with its own variables.
      return datasets(file, (i) => `layers/${group}/vars/${i}`);
    });
  });
}

const ARCHIVE_FILES = ['config.json', 'model.weights.h5'];
/** Bytes that a file of an archive may have when it is unpacked. */
const MAX_UNPACKED = 2 ** 28;

/**
 * Reads an `.h5` or `.hdf5` file of `model.save` of Keras 2 and TensorFlow.
 *
 * @throws TypeError or RangeError naming what cannot be read
 */
export async function readKerasHdf5(bytes: Uint8Array): Promise<ImportedNetwork> {
  return withHdf5(bytes, (file) => {
    const config = 'model_config' in file.attrs ? file.attrs.model_config.value : null;
    if (typeof config !== 'string') {
      throw new TypeError('importModel: the file must hold a whole model, got weights alone; save with model.save');
    }
    const weights = new Map<string, Float32Array>();
    for (const path of file.paths()) {
      const item = file.get(path);
      const value = item !== null && 'value' in item ? item.value : null;
      if (value instanceof Float32Array) weights.set(path, value);
    }
    return readKerasNetwork(JSON.parse(config), (layer) => weightsNamed(layer, weights));
  });
}

const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

async function withHdf5<Result>(bytes: Uint8Array, read: (file: Hdf5File) => Result): Promise<Result> {
  // For anything else, the library prints a long text.
  if (!HDF5_SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    throw new TypeError('importModel: the file must be HDF5, got bytes that are none');
  }
  const { File, ready } = await import('h5wasm');
  const { FS } = await ready;
  const path = 'imported.h5';
  FS.writeFile(path, bytes);
  try {
    const file = new File(path, 'r');
    try {
      return read(file);
    } finally {
      file.close();
    }
  } finally {
    FS.unlink(path);
  }
}

/** Float32 data sets, by their place in a layer. */
function datasets(file: Hdf5File, path: (i: number) => string): readonly Float32Array[] {
  const found: Float32Array[] = [];
  for (;;) {
    const item = file.get(path(found.length));
    const value = item !== null && 'value' in item ? item.value : null;
    if (!(value instanceof Float32Array)) return found;
    found.push(value);
  }
}

function layersOf(config: unknown): readonly { className: string; name: string }[] {
  const model = parse(RECORD, config, 'importModel: config.json');
  const { layers } = parse(RECORD, model.config, 'importModel: config');
  return (Array.isArray(layers) ? layers : []).map((value: unknown) => {
    const layer = parse(RECORD, value, 'importModel: layer');
    return {
      className: String(layer.class_name),
      name: String(parse(RECORD, layer.config, 'importModel: layer.config').name),
    };
  });
}

/** Keras' `to_snake_case`. */
function snakeCase(className: string): string {
  return className
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
