import { nullable, optional } from 'valibot';
import { checkMetadata, METADATA, type Model, type ModelMetadata } from '../answers/model.ts';
import { choice, fields, type Fields, integer, list, parse, RECORD, shown, text } from '../json.ts';
import {
  type Architecture,
  architectureSchema,
  checkArchitecture,
  hasSkips,
  INPUT_NAME,
  numClassesOf,
  type WeightSpec,
  weightSpecs,
} from '../network/architecture.ts';
import { checkWeights } from '../network/engine-arguments.ts';
import { ARCHITECTURE_LIMITS, kerasSettings, type Layer, skipSource } from '../network/layers.ts';
import { type Shape, shapeSize, showShape } from '../network/shapes.ts';
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

/** Our own facts, in `userDefinedMetadata`. */
const factsSchema = fields({
  version: integer(FILE_VERSION, FILE_VERSION),
  architecture: architectureSchema,
  ...METADATA,
  fileSha256: sha256Schema,
});

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
  const json = parse(RECORD, parseJson(modelJson), 'decodeModel: model.json');
  parse(choice(['layers-model']), json.format, 'decodeModel: format');
  if (json.userDefinedMetadata === undefined) {
    throw new TypeError(
      'decodeModel: userDefinedMetadata must be given, got nothing; was the model saved by this project?',
    );
  }
  const where = 'decodeModel: userDefinedMetadata';
  const { version } = parse(RECORD, json.userDefinedMetadata, where);
  if (version !== FILE_VERSION) {
    throw new RangeError(`${where}.version must be ${FILE_VERSION}, got ${shown(version)}; update the reader`);
  }
  const facts = parse(factsSchema, json.userDefinedMetadata, where);
  const { architecture, fileSha256 } = facts;
  checkArchitecture(architecture, `${where}.architecture`);
  const keys = Object.keys(METADATA) as (keyof ModelMetadata)[];
  const metadata = Object.fromEntries(keys.map((key) => [key, facts[key]])) as unknown as ModelMetadata;
  checkMetadata(metadata, numClassesOf(architecture), `${where}.`);
  const [{ weights }] = parse(manifestSchema, json.weightsManifest, 'decodeModel: weightsManifest');
  checkManifest(weights, architecture);
  return { architecture, weights: decodeWeights(weights, weightsBin, fileSha256), metadata };
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

/** One layer as Keras' JSON has it, with Keras' own field names. */
interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>> & { readonly name: string };
}

/**
 * Writes an architecture, or any stack of layers, as the topology of a Keras model, which any TensorFlow.js program can build:
 * a sequential model, or a functional one if a layer takes the output of an earlier one.
 *
 * @param answer for a model that gives probabilities: a temperature, which the logits are divided by before the softmax, or
 * `sigmoid` for each logit on its own; null for a model that gives the logits
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function kerasTopology(
  stack: { readonly inputShape: Shape; readonly layers: readonly Layer[] },
  answer: number | 'sigmoid' | null,
): Readonly<Record<string, unknown>> {
  const own = stack.layers.map((layer) => kerasLayer(layer.name, kerasSettings(layer)));
  const layers = [...own, ...answerLayers(answer)];
  const input = { batch_input_shape: [null, ...stack.inputShape], dtype: 'float32' };
  return {
    ...(hasSkips(stack) ? functionalModel(stack.layers, layers, input) : sequentialModel(layers, input)),
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

/** The layers behind the logits. */
function answerLayers(answer: number | 'sigmoid' | null): readonly KerasLayer[] {
  if (answer === null) return [];
  if (answer === 'sigmoid') return [kerasLayer('sigmoid', ['Activation', { activation: 'sigmoid' }])];
  return [
    kerasLayer('temperature', ['Rescaling', { scale: 1 / answer, offset: 0 }]),
    kerasLayer('softmax', ['Activation', { activation: 'softmax' }]),
  ];
}

/** Settings of a model's input. */
type KerasInput = Readonly<Record<string, unknown>>;

function sequentialModel([first, ...others]: readonly KerasLayer[], input: KerasInput) {
  return {
    class_name: 'Sequential',
    config: { name: 'digits', layers: [{ ...first, config: { ...first.config, ...input } }, ...others] },
  };
}

/** Each layer takes the output of the layer before it, and then that of its skip source. */
function functionalModel(own: readonly Layer[], layers: readonly KerasLayer[], input: KerasInput) {
  const inputLayer = { class_name: 'InputLayer', config: { name: INPUT_NAME, ...input } };
  const nodes = [inputLayer, ...layers].map((layer, i, all) => {
    const source = i === 0 || i > own.length ? null : skipSource(own[i - 1]);
    const names = [...(i === 0 ? [] : [all[i - 1].config.name]), ...(source === null ? [] : [source])];
    const inbound = names.map((name) => [name, 0, 0, {}]);
    return { name: layer.config.name, ...layer, inbound_nodes: inbound.length === 0 ? [] : [inbound] };
  });
  const last = nodes[nodes.length - 1];
  return {
    class_name: 'Functional',
    config: {
      name: 'digits',
      layers: nodes,
      input_layers: [[INPUT_NAME, 0, 0]],
      output_layers: [[last.name, 0, 0]],
    },
  };
}

function kerasLayer(name: string, [className, settings]: ReturnType<typeof kerasSettings>): KerasLayer {
  return { class_name: className, config: { name, trainable: true, ...settings } };
}
