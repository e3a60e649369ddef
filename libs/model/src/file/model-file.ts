import type { Model } from '../answers/model.ts';
import { parseArchitecture } from '../network/architecture-json.ts';
import { type Architecture, numClassesOf } from '../network/architecture.ts';
import { checkWeights } from '../network/engine-arguments.ts';
import {
  readArray,
  readChoice,
  readInteger,
  readNumber,
  readObject,
  readRecord,
  readString,
  shown,
} from '../network/json-fields.ts';
import { kerasTopology } from '../network/keras-topology.ts';
import { ARCHITECTURE_LIMITS, type Shape, shapeSize, showShape } from '../network/shapes.ts';
import { type WeightSpec, weightSpecs } from '../network/weight-specs.ts';
import {
  bytesPerValue,
  concatBytes,
  decodeValues,
  type EncodedValues,
  encodeValues,
  type Precision,
  type Quantization,
  sha256,
  type Weights,
} from '../network/weights.ts';
import { METADATA_KEYS, parseMetadata, readSha256 } from './model-metadata-json.ts';

/** Names of the two files of a model. */
export const MODEL_FILES = { topology: 'model.json', weights: 'weights.bin' } as const;

/** What reading a model may cost at most. */
export const MODEL_FILE_LIMITS = {
  /** UTF-16 units of `model.json`. */
  jsonLength: 8 * 2 ** 20,
  /** Bytes of `weights.bin`. */
  weightsLength: 4 * ARCHITECTURE_LIMITS.parameters,
} as const;

/** The two files of a model, in TensorFlow.js' layers format. */
export interface ModelFiles {
  /** Content of `model.json`. */
  readonly modelJson: string;
  /** Content of `weights.bin`. */
  readonly weightsBin: Uint8Array;
}

const FILE_VERSION = 1;
const FILE_KEYS = ['version', 'architecture', ...METADATA_KEYS, 'fileSha256'] as const;
/** An entry of the weight manifest, read from the file. */
interface ManifestEntry {
  readonly name: string;
  readonly shape: Shape;
  readonly quantization: Quantization | null;
}

/**
 * Writes a model in TensorFlow.js' layers format, which `tf.loadLayersModel` reads as a model that gives calibrated
 * probabilities. Our own facts ride in `userDefinedMetadata`.
 *
 * @param options `precision` is how kernels are stored; default float32
 * @throws RangeError when the weights are not those of the architecture, or not finite
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function encodeModel(
  model: Model,
  { precision = 'float32' }: { readonly precision?: Precision } = {},
): ModelFiles {
  const { architecture, weights, metadata } = model;
  checkWeights('encodeModel', architecture, weights);
  const encoded = weights.map(({ name, values }) => encodeValues(name, values, precision));
  const weightsBin = concatBytes(encoded.map(({ bytes }) => bytes));
  const entries = weights.map(({ name, shape }, i) => {
    const { quantization } = encoded[i];
    return { name, shape, dtype: 'float32', ...(quantization === null ? {} : { quantization }) };
  });
  const json = {
    format: 'layers-model',
    generatedBy: 'digits',
    convertedBy: null,
    modelTopology: kerasTopology(architecture, metadata.temperature),
    weightsManifest: [{ paths: [MODEL_FILES.weights], weights: entries }],
    userDefinedMetadata: { version: FILE_VERSION, architecture, ...metadata, fileSha256: sha256(weightsBin) },
  };
  return { modelJson: JSON.stringify(json), weightsBin };
}

/**
 * Reads a model that {@link encodeModel} wrote. The files are not trusted: sizes are bounded, every field is checked, and
 * nothing is allocated for weights that are not there.
 *
 * @throws TypeError or RangeError naming the field, what it must be and what was found
 */
export function decodeModel({ modelJson, weightsBin }: ModelFiles): Model {
  if (modelJson.length > MODEL_FILE_LIMITS.jsonLength) {
    throw new RangeError(
      `decodeModel: model.json must have at most ${MODEL_FILE_LIMITS.jsonLength} characters, got ${modelJson.length}`,
    );
  }
  const json = readRecord(parseJson(modelJson), 'decodeModel: model.json');
  readChoice(json.format, 'decodeModel: format', ['layers-model'] as const);
  if (json.userDefinedMetadata === undefined) {
    throw new TypeError(
      'decodeModel: userDefinedMetadata must be given, got nothing; was the model saved by this project?',
    );
  }
  const where = 'decodeModel: userDefinedMetadata';
  const { version } = readRecord(json.userDefinedMetadata, where);
  if (version !== FILE_VERSION) {
    throw new RangeError(`${where}.version must be ${FILE_VERSION}, got ${shown(version)}; update the reader`);
  }
  const fields = readObject(json.userDefinedMetadata, where, FILE_KEYS);
  const architecture = parseArchitecture(fields.architecture, `${where}.architecture`);
  const metadata = parseMetadata(fields, numClassesOf(architecture), where);
  const entries = parseManifest(json.weightsManifest, architecture);
  const fileSha256 = readSha256(fields.fileSha256, `${where}.fileSha256`);
  return { architecture, weights: decodeWeights(entries, weightsBin, fileSha256), metadata };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TypeError(`decodeModel: model.json must be JSON, got ${shown(text)}`, { cause });
  }
}

function parseManifest(value: unknown, architecture: Architecture): readonly ManifestEntry[] {
  const where = 'decodeModel: weightsManifest';
  const specs = weightSpecs(architecture);
  const [group] = readArray(value, where, 1, 1, (item, at) => readObject(item, at, ['paths', 'weights']));
  readArray(group.paths, `${where}[0].paths`, 1, 1, (path, at) => readChoice(path, at, [MODEL_FILES.weights] as const));
  const entries = readArray(group.weights, `${where}[0].weights`, 0, ARCHITECTURE_LIMITS.layers * 4, parseEntry);
  specs.forEach((spec, i) => {
    checkEntry(spec, entries.at(i));
  });
  if (entries.length > specs.length) {
    throw new RangeError(
      `decodeModel: weights must be the ${specs.length} of the architecture, got ${entries.length}; are they of another architecture?`,
    );
  }
  return entries;
}

function parseEntry(value: unknown, where: string): ManifestEntry {
  const fields = readObject(value, where, ['name', 'shape', 'dtype', 'quantization'], ['quantization']);
  readChoice(fields.dtype, `${where}.dtype`, ['float32'] as const);
  return {
    name: readString(fields.name, `${where}.name`, 128),
    shape: readArray(fields.shape, `${where}.shape`, 1, 4, (size, at) =>
      readInteger(size, at, 1, ARCHITECTURE_LIMITS.activationSize),
    ),
    quantization:
      fields.quantization === undefined ? null : parseQuantization(fields.quantization, `${where}.quantization`),
  };
}

function parseQuantization(value: unknown, where: string): Quantization {
  const dtype = readChoice(readRecord(value, where).dtype, `${where}.dtype`, ['float16', 'uint8'] as const);
  const original_dtype = 'float32';
  switch (dtype) {
    case 'float16': {
      const fields = readObject(value, where, ['dtype', 'original_dtype']);
      readChoice(fields.original_dtype, `${where}.original_dtype`, [original_dtype] as const);
      return { dtype, original_dtype };
    }
    case 'uint8': {
      const fields = readObject(value, where, ['dtype', 'original_dtype', 'min', 'scale']);
      readChoice(fields.original_dtype, `${where}.original_dtype`, [original_dtype] as const);
      return {
        dtype,
        original_dtype,
        min: readNumber(fields.min, `${where}.min`, { min: -1e30, max: 1e30 }),
        scale: readNumber(fields.scale, `${where}.scale`, { min: 0, max: 1e30 }),
      };
    }
  }
}

function checkEntry(spec: WeightSpec, entry: ManifestEntry | undefined): void {
  const expected = `"${spec.name}" ${showShape(spec.shape)}`;
  if (entry === undefined) {
    throw new RangeError(`decodeModel: weights must hold ${expected}, got none; are they of another architecture?`);
  }
  const actual = `"${entry.name}" ${showShape(entry.shape)}`;
  if (actual !== expected) {
    throw new RangeError(
      `decodeModel: weights must hold ${expected}, got ${actual}; are they of another architecture?`,
    );
  }
}

function decodeWeights(entries: readonly ManifestEntry[], weightsBin: Uint8Array, fileSha256: string): Weights {
  const sizes = entries.map(({ shape, quantization }) => shapeSize(shape) * bytesPerValue(quantization));
  const expected = sizes.reduce((sum, size) => sum + size, 0);
  if (weightsBin.length !== expected) {
    const advice = weightsBin.length < expected ? 'is the file cut off?' : 'are they of another architecture?';
    throw new RangeError(`decodeModel: weights.bin must have ${expected} bytes, got ${weightsBin.length}; ${advice}`);
  }
  const actual = sha256(weightsBin);
  if (actual !== fileSha256) {
    throw new RangeError(
      `decodeModel: weights.bin must have the SHA-256 ${fileSha256.slice(0, 12)}..., got ${actual.slice(0, 12)}...; it belongs to another model.json or is damaged`,
    );
  }
  let at = 0;
  return entries.map(({ name, shape, quantization }, i) => {
    const encoded: EncodedValues = { bytes: weightsBin.subarray(at, (at += sizes[i])), quantization };
    const values = decodeValues(encoded);
    const strange = values.find((value) => !Number.isFinite(value));
    if (strange !== undefined) {
      throw new RangeError(`decodeModel: weight "${name}" must have finite values, got ${strange}`);
    }
    return { name, shape, values };
  });
}
