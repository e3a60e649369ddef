import { type Shape, shapeSize } from './shapes.ts';
import type { NamedTensor } from './weights.ts';

const FLOAT32_BYTES = 4;

/** Float32 values as little-endian bytes, whatever the host's order; a new array. */
export function bytesOfFloats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * FLOAT32_BYTES);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(i * FLOAT32_BYTES, value, true);
  });
  return bytes;
}

/** Little-endian bytes as float32 values; a new array. The length is a multiple of 4. */
export function floatsOfBytes(bytes: Uint8Array): Float32Array {
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
