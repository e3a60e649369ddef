import { sha256 as digest } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { pipe } from 'valibot';
import { choice, must, real, type Schema, text, type Variants, variants } from '../json.ts';
import { type Shape, shapeSize } from './shapes.ts';
import type { NamedTensor, Weights } from './weights.ts';

const FLOAT32_BYTES = 4;

/** Float32 values as little-endian bytes, whatever the host's order; a new array. */
function bytesOfFloats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * FLOAT32_BYTES);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(i * FLOAT32_BYTES, value, true);
  });
  return bytes;
}

/** Little-endian bytes as float32 values; a new array. The length is a multiple of 4. */
function floatsOfBytes(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / FLOAT32_BYTES }, (_, i) =>
    view.getFloat32(i * FLOAT32_BYTES, true),
  );
}

/** One array after the other; a new array. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Tensors as `weights.bin` has them: float32, little-endian, one after the other. */
export function bytesOfTensors(tensors: readonly NamedTensor[]): Uint8Array {
  return concatBytes(tensors.map(({ values }) => bytesOfFloats(values)));
}

/** How many bytes {@link bytesOfTensors} makes of tensors of these shapes. */
export function tensorsByteLength(specs: readonly { readonly shape: Shape }[]): number {
  return specs.reduce((sum, { shape }) => sum + shapeSize(shape) * FLOAT32_BYTES, 0);
}

/** Undoes {@link bytesOfTensors}; the length is the specs'. */
export function tensorsOfBytes(
  specs: readonly { readonly name: string; readonly shape: Shape }[],
  bytes: Uint8Array,
): NamedTensor[] {
  let at = 0;
  return specs.map(({ name, shape }) => {
    const end = at + shapeSize(shape) * FLOAT32_BYTES;
    const values = floatsOfBytes(bytes.subarray(at, end));
    at = end;
    return { name, shape, values };
  });
}

/**
 * Gives the SHA-256 of some bytes; not by `crypto.subtle`, which a page served over plain http does not have.
 *
 * @returns 64 hexadecimal digits, lower case
 * @example
 * ```ts
 * sha256(new TextEncoder().encode('abc')); // 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
 * ```
 */
export function sha256(bytes: Uint8Array): string {
  return bytesToHex(digest(bytes));
}

/** Schema of what {@link sha256} gives. */
export const sha256Schema = pipe(
  text(64),
  must('be 64 hexadecimal digits', (value) => /^[0-9a-f]{64}$/.test(value)),
);

/**
 * Names weights by their content.
 *
 * @returns SHA-256 of the float32 `weights.bin`, 64 hexadecimal digits
 */
export function hashWeights(weights: Weights): string {
  return sha256(bytesOfTensors(weights));
}

/** Every {@link Precision}. */
export const PRECISIONS = ['float32', 'float16', 'uint8'] as const;

/** How kernels are stored: as they are, or rounded. Everything but kernels is always float32. */
export type Precision = (typeof PRECISIONS)[number];

const original_dtype = choice(['float32']);
const QUANTIZATIONS = {
  float16: { original_dtype },
  uint8: { original_dtype, min: real(-1e30, 1e30), scale: real(0, 1e30) },
};

/** `quantization` of an entry of TensorFlow.js' weight manifest. */
type Quantization = Variants<'dtype', typeof QUANTIZATIONS>;

/** Schema of a quantization's JSON. */
export const quantizationSchema: Schema<Quantization> = variants('dtype', QUANTIZATIONS);

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
