import { nullable, optional } from 'valibot';
import { checkMetadata, METADATA, type Model } from '../answers/model.ts';
import { checkPixelMetadata, PIXEL_METADATA, type PixelModel } from '../answers/pixel-model.ts';
import { choice, fields, type Fields, integer, list, parse, RECORD, shown, text } from '../json.ts';
import {
  type Architecture,
  architectureSchema,
  checkArchitecture,
  numClassesOf,
  type WeightSpec,
  weightSpecs,
} from '../network/architecture.ts';
import { checkWeights } from '../network/engine-arguments.ts';
import { ARCHITECTURE_LIMITS } from '../network/layers.ts';
import { shapeSize, showShape } from '../network/shapes.ts';
import {
  bytesPerValue,
  concatBytes,
  decodeValues,
  type EncodedValues,
  encodeValues,
  type Precision,
  quantizationSchema,
  sha256,
  sha256Schema,
} from '../network/weight-bytes.ts';
import type { Weights } from '../network/weights.ts';
import { kerasTopology } from './keras-topology.ts';

/** Names of the two files of a model. */
export const MODEL_FILES = { topology: 'model.json', weights: 'weights.bin' } as const;

/** What reading a model may cost at most. */
export const MODEL_FILE_LIMITS = {
  /** UTF-16 units of `model.json`. */
  jsonLength: 8 * 2 ** 20,
  /** Bytes of `weights.bin`. */
  weightsLength: 4 * ARCHITECTURE_LIMITS.parameters,
} as const;

/** A model for classes or one for pixels. */
export type AnyModel = Model | PixelModel;

/** Whether a model answers for pixels. */
export function isPixelModel(model: AnyModel): model is PixelModel {
  return 'channels' in model.metadata;
}

/** The two files of a model, in TensorFlow.js' layers format. */
export interface ModelFiles {
  /** Content of `model.json`. */
  readonly modelJson: string;
  /** Content of `weights.bin`. */
  readonly weightsBin: Uint8Array;
}

const FILE_VERSION = 1;

/** What a model answers for, in the file of one for pixels; a file without it is of a model for classes. */
const PIXEL_KIND = 'pixels';

const FILE_FACTS = {
  version: integer(FILE_VERSION, FILE_VERSION),
  architecture: architectureSchema,
  fileSha256: sha256Schema,
};

/** Our own facts, in `userDefinedMetadata`. */
const classFacts = fields({ ...FILE_FACTS, ...METADATA });
const pixelFacts = fields({ ...FILE_FACTS, ...PIXEL_METADATA, kind: choice([PIXEL_KIND]) });

const MANIFEST_ENTRY = {
  name: text(128),
  shape: list(integer(1, ARCHITECTURE_LIMITS.activationSize), 1, 4),
  dtype: choice(['float32']),
  /** Null for float32. */
  quantization: optional(nullable(quantizationSchema), null),
};

/** An entry of the weight manifest, read from the file. */
type ManifestEntry = Fields<typeof MANIFEST_ENTRY>;

const manifestSchema = list(
  fields({
    paths: list(choice([MODEL_FILES.weights]), 1),
    weights: list(fields(MANIFEST_ENTRY), 0, 4 * ARCHITECTURE_LIMITS.layers),
  }),
  1,
);

/**
 * Writes a model in TensorFlow.js' layers format, which `tf.loadLayersModel` reads as a model that gives (calibrated)
 * probabilities. Our own facts ride in `userDefinedMetadata`.
 *
 * @param options `precision` is how kernels are stored; default float32
 * @throws RangeError when the weights are not those of the architecture, or not finite
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function encodeModel(
  model: AnyModel,
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
    modelTopology: kerasTopology(architecture, 'channels' in metadata ? 'sigmoid' : metadata.temperature),
    weightsManifest: [{ paths: [MODEL_FILES.weights], weights: entries }],
    userDefinedMetadata: {
      version: FILE_VERSION,
      ...(isPixelModel(model) && { kind: PIXEL_KIND }),
      architecture,
      ...metadata,
      fileSha256: sha256(weightsBin),
    },
  };
  return { modelJson: JSON.stringify(json), weightsBin };
}

/**
 * Reads a model for classes that {@link encodeModel} wrote. The files are not trusted: sizes are bounded, every field is checked, and
 * nothing is allocated for weights that are not there.
 *
 * @throws TypeError or RangeError naming the field, what it must be and what was found; as RangeError if the model answers for pixels
 */
export function decodeModel(files: ModelFiles): Model {
  const model = decodeAnyModel(files);
  if (!isPixelModel(model)) return model;
  throw new RangeError(
    `decodeModel: model must answer for classes, got one that answers for pixels (${model.metadata.channels.join(', ')}); name the model of a classifier`,
  );
}

/**
 * Reads a model for pixels that {@link encodeModel} wrote, checked as by {@link decodeModel}.
 *
 * @throws TypeError or RangeError as {@link decodeModel}; as RangeError if the model answers for classes
 */
export function decodePixelModel(files: ModelFiles): PixelModel {
  const model = decodeAnyModel(files);
  if (isPixelModel(model)) return model;
  throw new RangeError(
    `decodePixelModel: model must answer for pixels, got one that answers for ${model.metadata.classNames.length} classes; name a model of the preset ink`,
  );
}

/**
 * Reads a model of either kind, checked as by {@link decodeModel}.
 *
 * @throws TypeError or RangeError as {@link decodeModel}
 */
export function decodeAnyModel({ modelJson, weightsBin }: ModelFiles): AnyModel {
  if (modelJson.length > MODEL_FILE_LIMITS.jsonLength) {
    throw new RangeError(
      `decodeModel: model.json must have at most ${MODEL_FILE_LIMITS.jsonLength} characters, got ${modelJson.length}`,
    );
  }
  const json = parse(RECORD, parseJson(modelJson), 'decodeModel: model.json');
  parse(choice(['layers-model']), json.format, 'decodeModel: format');
  if (json.userDefinedMetadata === undefined) {
    throw new TypeError(
      'decodeModel: userDefinedMetadata must be given, got nothing; was the model saved by this project?',
    );
  }
  const where = 'decodeModel: userDefinedMetadata';
  const { version, kind } = parse(RECORD, json.userDefinedMetadata, where);
  if (version !== FILE_VERSION) {
    throw new RangeError(`${where}.version must be ${FILE_VERSION}, got ${shown(version)}; update the reader`);
  }
  if (kind === undefined) {
    const facts = parse(classFacts, json.userDefinedMetadata, where);
    const { architecture } = facts;
    const metadata = pickFacts(facts, Object.keys(METADATA) as (keyof typeof METADATA)[]);
    checkArchitecture(architecture, `${where}.architecture`);
    checkMetadata(metadata, numClassesOf(architecture), `${where}.`);
    return { architecture, weights: readWeights(json, weightsBin, facts), metadata };
  }
  const facts = parse(pixelFacts, json.userDefinedMetadata, where);
  const { architecture } = facts;
  const metadata = pickFacts(facts, Object.keys(PIXEL_METADATA) as (keyof typeof PIXEL_METADATA)[]);
  checkArchitecture(architecture, `${where}.architecture`);
  checkPixelMetadata(metadata, architecture, `${where}.`);
  return { architecture, weights: readWeights(json, weightsBin, facts), metadata };
}

function pickFacts<Facts extends object, Key extends keyof Facts>(
  facts: Facts,
  keys: readonly Key[],
): Pick<Facts, Key> {
  return Object.fromEntries(keys.map((key) => [key, facts[key]])) as Pick<Facts, Key>;
}

function readWeights(
  json: Readonly<Record<string, unknown>>,
  weightsBin: Uint8Array,
  { architecture, fileSha256 }: { readonly architecture: Architecture; readonly fileSha256: string },
): Weights {
  const [{ weights }] = parse(manifestSchema, json.weightsManifest, 'decodeModel: weightsManifest');
  checkManifest(weights, architecture);
  return decodeWeights(weights, weightsBin, fileSha256);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TypeError(`decodeModel: model.json must be JSON, got ${shown(text)}`, { cause });
  }
}

function checkManifest(entries: readonly ManifestEntry[], architecture: Architecture): void {
  const specs = weightSpecs(architecture);
  specs.forEach((spec, i) => {
    checkEntry(spec, entries.at(i));
  });
  if (entries.length > specs.length) {
    throw new RangeError(
      `decodeModel: weights must be the ${specs.length} of the architecture, got ${entries.length}; are they of another architecture?`,
    );
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
