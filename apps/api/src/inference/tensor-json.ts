import { ApiError, type ErrorCode } from '../service/errors.ts';
import { describeValue, parseJson } from '../service/json.ts';
import { type ImageRules, type InputTensor, readImages } from './read-images.ts';

/** Protocol that a body belongs to. */
export type TensorProtocol = 'infer' | 'predict';

/** Task of the JSON worker. */
export interface JsonTask {
  readonly protocol: TensorProtocol;
  readonly bytes: Uint8Array;
  readonly rules: ImageRules;
}

/** Body without its numbers, and the images that they are; null if the rest of the body is invalid. */
export interface TensorBody {
  readonly body: unknown;
  readonly images: Float32Array | null;
}

/** Result of the JSON worker. Errors are values, because their class would not survive the transfer between threads. */
export type JsonResult = TensorBody | { readonly refused: ErrorCode; readonly message: string };

/** Parses the JSON of a body, and reads its tensor. */
export function readTensorJson({ protocol, bytes, rules }: JsonTask): JsonResult {
  try {
    const body = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    return protocol === 'infer' ? readInferTensor(body, rules) : readPredictTensor(body, rules);
  } catch (error) {
    if (error instanceof ApiError) return { refused: error.code, message: error.message };
    throw error;
  }
}

function readInferTensor(body: unknown, rules: ImageRules): TensorBody {
  if (!isObject(body)) return { body: null, images: null };
  const inputs: unknown[] = Array.isArray(body.inputs) ? body.inputs : [];
  const [first] = inputs;
  const images = inputs.length === 1 && isTensor(first) ? readImages(first, null, rules) : null;
  const emptied = inputs.map((input) => (isObject(input) && 'data' in input ? { ...input, data: [] } : input));
  return { body: Array.isArray(body.inputs) ? { ...body, inputs: emptied } : body, images };
}

/** Whether a value has what `readImages` takes for granted. */
function isTensor(value: unknown): value is InputTensor {
  if (!isObject(value)) return false;
  const { name, datatype, shape, data, parameters } = value;
  return (
    typeof name === 'string' &&
    typeof datatype === 'string' &&
    Array.isArray(shape) &&
    shape.length > 0 &&
    shape.every((side) => Number.isSafeInteger(side) && side >= 0) &&
    Array.isArray(data) &&
    (parameters === undefined || (isObject(parameters) && parameters.binary_data_size === undefined))
  );
}

function readPredictTensor(body: unknown, rules: ImageRules): TensorBody {
  if (!isObject(body)) return { body: null, images: null };
  const { instances, inputs, signature_name: signature } = body;
  const images = readPredictImages({ instances, inputs, signature_name: signature }, rules);
  const names = signature === undefined ? {} : { signature_name: signature };
  return { body: { ...names, ...(instances === undefined ? { inputs: [] } : { instances: [] }) }, images };
}

/** Body of a prediction by row (`instances`) or by column (`inputs`). */
export interface PredictBody {
  readonly instances?: unknown;
  readonly inputs?: unknown;
  readonly signature_name?: unknown;
}

/**
 * Reads the images of a prediction.
 *
 * @returns `[n, h, w, c]` float32 in [0, 1], a new array
 * @throws ApiError `INVALID_REQUEST`, `INVALID_TENSOR` or `TOO_MANY_IMAGES`
 */
export function readPredictImages(
  { instances, inputs, signature_name: signature = 'serving_default' }: PredictBody,
  rules: ImageRules,
): Float32Array {
  if (signature !== 'serving_default') {
    throw new ApiError('INVALID_REQUEST', `signature_name must be "serving_default", got ${describeValue(signature)}`);
  }
  if ((instances === undefined) === (inputs === undefined)) {
    throw new ApiError('INVALID_REQUEST', 'the body must have either instances or inputs');
  }
  const data = Array.isArray(instances)
    ? instances.map((instance) => tensorIn(instance, rules))
    : tensorIn(instances ?? inputs, rules);
  if (!Array.isArray(data) || !Array.isArray(data[0])) {
    throw new ApiError('INVALID_TENSOR', 'each image must be an array of numbers, [28][28] or [28][28][1]');
  }
  const { name, imageShape } = rules;
  const shape = [data.length, ...(hasChannel(data) ? imageShape : imageShape.slice(0, 2))];
  return readImages({ name, shape, datatype: 'FP32', data }, null, rules);
}

/** Unwraps an object with the tensor under the name of the input. */
function tensorIn(value: unknown, { name }: ImageRules): unknown {
  return isObject(value) ? value[name] : value;
}

function hasChannel(data: readonly unknown[]): boolean {
  const [image] = data;
  return Array.isArray(image) && Array.isArray(image[0]) && Array.isArray(image[0][0]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
