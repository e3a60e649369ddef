import { type Classification, classifyLogits, type Model, numClassesOf } from '@digits/model';
import { ApiError } from '../service/errors.ts';

/** Names of the output tensors; their first axis is the image. */
export const OUTPUT_NAMES = ['probabilities', 'digit', 'logits', 'rejected'] as const;

/** Name of an output tensor. */
export type OutputName = (typeof OUTPUT_NAMES)[number];

/** Output that a client requests. */
export interface RequestedOutput {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** Output tensors as they are sent. */
export interface WrittenOutputs {
  /** JSON of the list of tensors. */
  readonly json: string;
  /** Bytes of the tensors that the client requested in binary, in the same order. */
  readonly binary: readonly Uint8Array[];
  readonly numImages: number;
  readonly numRejected: number;
}

/** Values of an output tensor. */
interface OutputValues {
  readonly datatype: 'FP32' | 'INT32' | 'BOOL';
  /** Shape for one image. */
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Number of images whose outputs are written in one go. */
export const IMAGES_PER_TURN = 64;

interface Selection {
  readonly name: OutputName;
  readonly isBinary: boolean;
}

/**
 * Selects the outputs that a request wants, and which of them in binary.
 *
 * @param requested all outputs by default
 * @param parameters parameters of the request: `binary_data_output` is the default for every output
 * @throws ApiError `INVALID_REQUEST` for an unknown or repeated output, or an unsupported extension
 */
export function selectOutputs(
  requested: readonly RequestedOutput[] | undefined,
  parameters: Readonly<Record<string, unknown>> | undefined,
): readonly Selection[] {
  const allBinary = readFlag(parameters?.binary_data_output, 'parameters.binary_data_output', false);
  if (requested === undefined || requested.length === 0) {
    return OUTPUT_NAMES.map((name) => ({ name, isBinary: allBinary }));
  }
  const selected = requested.map(({ name, parameters: own }, i): Selection => {
    const known = OUTPUT_NAMES.find((each) => each === name);
    if (known === undefined) {
      throw new ApiError(
        'INVALID_REQUEST',
        `outputs[${i}].name must be one of ${OUTPUT_NAMES.join(', ')}, got "${name.slice(0, 40)}"`,
      );
    }
    if (own !== undefined && 'classification' in own) {
      throw new ApiError('INVALID_REQUEST', `outputs[${i}].parameters must not ask for classification; ask for digit`);
    }
    return { name: known, isBinary: readFlag(own?.binary_data, `outputs[${i}].parameters.binary_data`, allBinary) };
  });
  if (new Set(selected.map(({ name }) => name)).size < selected.length) {
    throw new ApiError('INVALID_REQUEST', 'outputs must name each output once');
  }
  return selected;
}

function readFlag(value: unknown, where: string, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== 'boolean') throw new ApiError('INVALID_REQUEST', `${where} must be true or false`);
  return value;
}

/**
 * Writes the selected output tensors, some images at a time.
 *
 * @param logits `[n, numOutputs]` of the model's network
 * @param turn waits in between, for others to be served
 */
export async function writeOutputs(
  model: Model,
  logits: Float32Array,
  selections: readonly Selection[],
  turn: () => Promise<void>,
): Promise<WrittenOutputs> {
  const numOutputs = numClassesOf(model.architecture);
  const numImages = logits.length / numOutputs;
  const texts = selections.map((): string[] => []);
  const bytes = selections.map((): Uint8Array[] => []);
  let tensors: readonly OutputValues[] = [];
  let numRejected = 0;
  for (let first = 0; first < numImages; first += IMAGES_PER_TURN) {
    if (first > 0) await turn();
    const some = logits.subarray(first * numOutputs, (first + IMAGES_PER_TURN) * numOutputs);
    const classifications = classifyLogits(model, some);
    numRejected += classifications.filter(({ rejected }) => rejected).length;
    tensors = selections.map(({ name }) => valuesOf(name, model, some, classifications));
    for (const [i, { datatype, values }] of tensors.entries()) {
      if (selections[i].isBinary) bytes[i].push(toBytes(datatype, values));
      else texts[i].push(JSON.stringify(datatype === 'BOOL' ? values.map(Boolean) : values).slice(1, -1));
    }
  }
  const binary: Uint8Array[] = [];
  const json = tensors.map(({ datatype, shape }, i) => {
    const head = { name: selections[i].name, datatype, shape: [numImages, ...shape] };
    if (!selections[i].isBinary) return `${JSON.stringify(head).slice(0, -1)},"data":[${texts[i].join(',')}]}`;
    const whole = Buffer.concat(bytes[i]);
    binary.push(whole);
    return JSON.stringify({ ...head, parameters: { binary_data_size: whole.length } });
  });
  return { json: `[${json.join(',')}]`, binary, numImages, numRejected };
}

function valuesOf(
  name: OutputName,
  { metadata }: Model,
  logits: Float32Array,
  classifications: readonly Classification[],
): OutputValues {
  switch (name) {
    case 'probabilities': {
      const values = classifications.flatMap(({ probabilities }) => probabilities.map(Math.fround));
      return { datatype: 'FP32', shape: [metadata.classNames.length], values };
    }
    case 'digit':
      return { datatype: 'INT32', shape: [], values: classifications.map(({ digit }) => digit ?? -1) };
    case 'logits':
      return { datatype: 'FP32', shape: [logits.length / classifications.length], values: Array.from(logits) };
    case 'rejected':
      return { datatype: 'BOOL', shape: [], values: classifications.map(({ rejected }) => Number(rejected)) };
  }
}

/** Returns the values in little-endian order, which the protocol requires and every supported machine uses. */
function toBytes(datatype: OutputValues['datatype'], values: readonly number[]): Uint8Array {
  switch (datatype) {
    case 'FP32':
      return new Uint8Array(Float32Array.from(values).buffer);
    case 'INT32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'BOOL':
      return Uint8Array.from(values);
  }
}
