import type { Weights } from './weights.ts';
import { bytesOfFloats, floatsOfBytes } from './tensor-bytes.ts';

/** How kernels are stored: as they are, or rounded. Everything but kernels is always float32. */
export type Precision = 'float32' | 'float16' | 'uint8';

/** `quantization` of an entry of TensorFlow.js' weight manifest. */
export type Quantization =
  | { readonly dtype: 'float16'; readonly original_dtype: 'float32' }
  | { readonly dtype: 'uint8'; readonly original_dtype: 'float32'; readonly min: number; readonly scale: number };

/** Values as they are stored, and how to read them. */
export interface EncodedValues {
  readonly bytes: Uint8Array;
  /** Null for float32. */
  readonly quantization: Quantization | null;
}

const MAX_FLOAT16 = 65504;

/**
 * Stores the values of one weight.
 *
 * - `uint8`: 256 steps from the smallest value to the largest; a value is read as float32(step * scale + min)
 * - `float16`: the nearest half, ties to even
 *
 * @throws RangeError when a value is not finite, or beyond +-65504 for `float16`
 */
export function encodeValues(name: string, values: Float32Array, precision: Precision): EncodedValues {
  const limit = isRounded(name, precision) && precision === 'float16' ? MAX_FLOAT16 : Number.MAX_VALUE;
  const strange = values.find((value) => !(Math.abs(value) <= limit));
  if (strange !== undefined) {
    throw new RangeError(`encodeModel: weight "${name}" must have values within +-${limit}, got ${strange}`);
  }
  if (!isRounded(name, precision)) return { bytes: bytesOfFloats(values), quantization: null };
  if (precision === 'float16') {
    const bytes = new Uint8Array(values.length * 2);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => {
      view.setUint16(i * 2, float16Bits(value), true);
    });
    return { bytes, quantization: { dtype: 'float16', original_dtype: 'float32' } };
  }
  const min = values.reduce((smallest, value) => Math.min(smallest, value), Infinity);
  const max = values.reduce((largest, value) => Math.max(largest, value), -Infinity);
  const scale = max > min ? (max - min) / 255 : 1;
  const bytes = Uint8Array.from(values, (value) => Math.round((value - min) / scale));
  return { bytes, quantization: { dtype: 'uint8', original_dtype: 'float32', min, scale } };
}

/** Bytes that one value takes. */
export function bytesPerValue(quantization: Quantization | null): number {
  switch (quantization?.dtype) {
    case 'uint8':
      return 1;
    case 'float16':
      return 2;
    case undefined:
      return 4;
  }
}

/** Undoes {@link encodeValues}, but for the rounding. */
export function decodeValues({ bytes, quantization }: EncodedValues): Float32Array {
  switch (quantization?.dtype) {
    case 'uint8': {
      const { min, scale } = quantization;
      return Float32Array.from(bytes, (step) => step * scale + min);
    }
    case 'float16': {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return Float32Array.from({ length: bytes.length / 2 }, (_, i) => float16Value(view.getUint16(i * 2, true)));
    }
    case undefined:
      return floatsOfBytes(bytes);
  }
}

/**
 * Gives the weights that a model stored with this precision will have when it is read again, for fitting temperature and
 * threshold to them.
 *
 * @throws RangeError as `encodeModel`
 */
export function roundWeights(weights: Weights, precision: Precision): Weights {
  return weights.map((weight) => ({
    ...weight,
    values: decodeValues(encodeValues(weight.name, weight.values, precision)),
  }));
}

/** Kernels hold nearly all bytes; what scales and shifts channels is few and worth its digits. */
function isRounded(name: string, precision: Precision): boolean {
  return precision !== 'float32' && name.endsWith('/kernel');
}

/** IEEE 754 binary16 of a finite value within its range, ties to even. */
function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude === 0) return sign;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  // Math.log2 may be off by one next to a power of two; steps of 2^(exponent - 10) then overflow into the next exponent.
  const step = 2 ** (exponent - 10);
  const rounded = roundHalfToEven(magnitude / step);
  return sign + (exponent + 14) * 1024 + rounded;
}

function float16Value(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction : fraction + 1024) * 2 ** (Math.max(exponent, 1) - 25);
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
