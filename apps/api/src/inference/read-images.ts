import { PIXEL_SCALE } from '@digits/data';
import { ApiError } from '../service/errors.ts';
import { describeValue } from '../service/json.ts';

/** Input tensor of a request: its data is in the JSON, or in the bytes behind it. */
export interface InputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly data?: readonly unknown[];
}

/** Requirements for images. */
export interface ImageRules {
  /** Name of the input tensor. */
  readonly name: string;
  /** `[height, width, channels]` of the network's input. */
  readonly imageShape: readonly number[];
  /** Maximum number of images per request. */
  readonly maxImages: number;
}

/** Supported datatypes of the Open Inference Protocol: bytes per value, and the rule for a value. */
const DATATYPES = {
  FP32: { bytes: 4, rule: 'a number from 0 to 1', max: 1 },
  UINT8: { bytes: 1, rule: 'a whole number from 0 to 255', max: PIXEL_SCALE },
} as const;

/** Value of each grey level: looking it up takes a fifth of the time of a division. */
const GREY_VALUES = Float32Array.from({ length: PIXEL_SCALE + 1 }, (_, level) => level / PIXEL_SCALE);

/** Number of values that are read in one go, which takes less than a millisecond. */
const VALUES_PER_TURN = 128 * 784;

/** Name of a supported datatype. */
export type ImageDatatype = keyof typeof DATATYPES;

/**
 * Reads images from an input tensor: FP32 in [0, 1] or UINT8, white ink on black, shape `[n, h, w, c]`, or `[n, h, w]` for one
 * channel.
 *
 * @param binary bytes behind the JSON, null if there are none
 * @returns `[n, h, w, c]` float32 in [0, 1], a new array
 * @throws ApiError `INVALID_TENSOR` or `TOO_MANY_IMAGES`
 */
export function readImages(input: InputTensor, binary: Uint8Array | null, rules: ImageRules): Float32Array {
  const { values, read } = openImages(input, binary, rules);
  read?.(0, values.length);
  return values;
}

/**
 * Reads images as `readImages` does, some at a time.
 *
 * @param turn waits in between, for others to be served
 */
export async function readImagesInTurns(
  input: InputTensor,
  binary: Uint8Array | null,
  rules: ImageRules,
  turn: () => Promise<void>,
): Promise<Float32Array> {
  const { values, read } = openImages(input, binary, rules);
  if (read === null) return values;
  for (let start = 0; start < values.length; start += VALUES_PER_TURN) {
    if (start > 0) await turn();
    read(start, Math.min(start + VALUES_PER_TURN, values.length));
  }
  return values;
}

/** Images of a request. */
interface OpenedImages {
  readonly values: Float32Array;
  /** Reads the values from a place to another; null if all are read. */
  readonly read: ((start: number, end: number) => void) | null;
}

function openImages(input: InputTensor, binary: Uint8Array | null, rules: ImageRules): OpenedImages {
  const { name, datatype, parameters, data } = input;
  if (name !== rules.name) throw invalid(`inputs[0].name must be "${rules.name}", got ${describeValue(name)}`);
  if (!isImageDatatype(datatype))
    throw invalid(`inputs[0].datatype must be FP32 or UINT8, got ${describeValue(datatype)}`);
  const numValues = countValues(input, rules);
  const size = parameters?.binary_data_size;
  if (size !== undefined) {
    if (data !== undefined) throw invalid('inputs[0].data must be omitted if binary_data_size is given');
    return openBinary(checkBinary(binary, size, numValues * DATATYPES[datatype].bytes), datatype, numValues);
  }
  if (binary !== null && binary.length > 0) {
    throw invalid(`binary_data_size must be given for the ${binary.length} bytes behind the JSON`);
  }
  if (data === undefined) throw invalid('inputs[0] must have data, or binary_data_size among its parameters');
  return { values: readJson(data, input.shape, datatype, numValues), read: null };
}

function isImageDatatype(datatype: string): datatype is ImageDatatype {
  return Object.hasOwn(DATATYPES, datatype);
}

function countValues({ shape }: InputTensor, { imageShape, maxImages }: ImageRules): number {
  const [count, ...rest] = shape;
  const isWhole = rest.join() === imageShape.join();
  const lacksChannel = imageShape.at(-1) === 1 && rest.join() === imageShape.slice(0, -1).join();
  if ((!isWhole && !lacksChannel) || count < 1) {
    throw invalid(
      `inputs[0].shape must be [n, ${imageShape.join(', ')}] with n of at least 1, got [${shape.join(', ')}]`,
    );
  }
  if (count > maxImages) {
    throw new ApiError(
      'TOO_MANY_IMAGES',
      `inputs[0].shape must have at most ${maxImages} images, got ${count}; send several requests`,
    );
  }
  return count * imageShape.reduce((product, side) => product * side, 1);
}

function checkBinary(binary: Uint8Array | null, size: unknown, expected: number): Uint8Array {
  if (size !== expected) {
    throw invalid(
      `inputs[0].parameters.binary_data_size must be ${expected} for its shape, got ${describeValue(size)}`,
    );
  }
  if (binary?.length !== expected) {
    throw invalid(
      `the body must have ${expected} bytes behind the JSON, got ${binary?.length ?? 0}; check Inference-Header-Content-Length, the length of the JSON`,
    );
  }
  return binary;
}

function openBinary(binary: Uint8Array, datatype: ImageDatatype, numValues: number): OpenedImages {
  const values = new Float32Array(numValues);
  if (datatype === 'UINT8') {
    const readGrey = (start: number, end: number): void => {
      for (let i = start; i < end; i++) values[i] = GREY_VALUES[binary[i]];
    };
    return { values, read: readGrey };
  }
  const bytes = new Uint8Array(values.buffer);
  const read = (start: number, end: number): void => {
    // Little-endian, which the protocol requires and every machine that runs Node and the engine uses.
    bytes.set(binary.subarray(4 * start, 4 * end), 4 * start);
    for (let i = start; i < end; i++) {
      // The negation refuses NaN, too.
      if (!(values[i] >= 0 && values[i] <= 1)) throw wrongValue(i, datatype, values[i]);
    }
  };
  return { values, read };
}

function readJson(
  data: readonly unknown[],
  shape: readonly number[],
  datatype: ImageDatatype,
  numValues: number,
): Float32Array {
  const flat = Array.isArray(data[0]) ? flatten(data, shape) : data;
  if (flat.length !== numValues) {
    throw invalid(`inputs[0].data must have ${numValues} values, flat or nested as its shape, got ${flat.length}`);
  }
  const { max } = DATATYPES[datatype];
  const values = new Float32Array(numValues);
  for (let i = 0; i < numValues; i++) {
    const value = flat[i];
    if (typeof value !== 'number' || !(value >= 0 && value <= max)) throw wrongValue(i, datatype, value);
    if (datatype === 'UINT8' && !Number.isInteger(value)) throw wrongValue(i, datatype, value);
    values[i] = value;
  }
  if (datatype === 'UINT8') for (let i = 0; i < numValues; i++) values[i] /= PIXEL_SCALE;
  return values;
}

/** Flattens nested arrays and checks each length against the shape. */
function flatten(data: readonly unknown[], shape: readonly number[]): unknown[] {
  let level: readonly unknown[] = [data];
  for (const [axis, side] of shape.entries()) {
    const next: unknown[] = [];
    for (const part of level) {
      if (!Array.isArray(part) || part.length !== side) {
        const got = Array.isArray(part) ? `${part.length}` : describeValue(part);
        throw invalid(`inputs[0].data must be nested as its shape: ${side} on axis ${axis}, got ${got}`);
      }
      for (const value of part) next.push(value);
    }
    level = next;
  }
  return [...level];
}

function wrongValue(index: number, datatype: ImageDatatype, value: unknown): ApiError {
  const advice =
    datatype === 'FP32' && typeof value === 'number' && value > 1 ? '; send grey values up to 255 as UINT8' : '';
  return invalid(
    `value ${index} of inputs[0] must be ${DATATYPES[datatype].rule} for ${datatype}, got ${describeValue(value)}${advice}`,
  );
}

function invalid(message: string): ApiError {
  return new ApiError('INVALID_TENSOR', message);
}
