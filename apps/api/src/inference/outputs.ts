import { type Classification, classifyLogits, type Model } from '@digits/model';
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

/** Output tensor: with values for JSON, or with the number of its bytes. */
export interface OutputTensor {
  readonly name: OutputName;
  readonly datatype: 'FP32' | 'INT32' | 'BOOL';
  readonly shape: readonly number[];
  readonly data?: readonly (number | boolean)[];
  readonly parameters?: { readonly binary_data_size: number };
}

/** Output tensors, and the bytes of those that the client requested in binary, in the same order. */
export interface Outputs {
  readonly outputs: readonly OutputTensor[];
  readonly binary: readonly Uint8Array[];
  readonly classifications: readonly Classification[];
}

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
 * Creates the selected output tensors.
 *
 * @param logits `[n, numOutputs]` of the model's network
 */
export function makeOutputs(model: Model, logits: Float32Array, selections: readonly Selection[]): Outputs {
  const classifications = classifyLogits(model, logits);
  const binary: Uint8Array[] = [];
  const outputs = selections.map(({ name, isBinary }): OutputTensor => {
    const { datatype, shape, values } = valuesOf(name, model, logits, classifications);
    if (!isBinary) return { name, datatype, shape, data: datatype === 'BOOL' ? values.map(Boolean) : values };
    const bytes = toBytes(datatype, values);
    binary.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  return { outputs, binary, classifications };
}

function valuesOf(
  name: OutputName,
  { metadata }: Model,
  logits: Float32Array,
  classifications: readonly Classification[],
): { datatype: OutputTensor['datatype']; shape: number[]; values: number[] } {
  const count = classifications.length;
  switch (name) {
    case 'probabilities': {
      const values = classifications.flatMap(({ probabilities }) => probabilities.map(Math.fround));
      return { datatype: 'FP32', shape: [count, metadata.classNames.length], values };
    }
    case 'digit':
      return { datatype: 'INT32', shape: [count], values: classifications.map(({ digit }) => digit ?? -1) };
    case 'logits':
      return { datatype: 'FP32', shape: [count, logits.length / count], values: Array.from(logits) };
    case 'rejected':
      return { datatype: 'BOOL', shape: [count], values: classifications.map(({ rejected }) => Number(rejected)) };
  }
}

/** Returns the values in little-endian order, which the protocol requires and every supported machine uses. */
function toBytes(datatype: OutputTensor['datatype'], values: readonly number[]): Uint8Array {
  switch (datatype) {
    case 'FP32':
      return new Uint8Array(Float32Array.from(values).buffer);
    case 'INT32':
      return new Uint8Array(Int32Array.from(values).buffer);
    case 'BOOL':
      return Uint8Array.from(values);
  }
}
