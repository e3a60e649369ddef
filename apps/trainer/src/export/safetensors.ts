/** A tensor of a `.safetensors` file. */
export interface SafeTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Float32 values, or 64-bit integers. */
  readonly values: Float32Array | BigInt64Array;
}

/**
 * Writes tensors in the safetensors format: the length of a JSON header in 8 bytes, the header, and the values, all little-endian.
 *
 * @param metadata strings that are kept with the tensors
 * @see https://github.com/huggingface/safetensors#format
 */
export function encodeSafetensors(
  tensors: readonly SafeTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // Wider values come first. Every tensor then begins at a multiple of its element size.
  const sorted = [...tensors].sort((a, b) => b.values.BYTES_PER_ELEMENT - a.values.BYTES_PER_ELEMENT);
  let end = 0;
  const entries = sorted.map(({ name, shape, values }) => {
    const dtype = values instanceof Float32Array ? 'F32' : 'I64';
    const data_offsets = [end, (end += values.byteLength)];
    return [name, { dtype, shape, data_offsets }] as const;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const text = new TextEncoder().encode(json);
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  bytes.set(text, 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  sorted.forEach(({ values }, i) => {
    writeValues(view, 8 + headerLength + entries[i][1].data_offsets[0], values);
  });
  return bytes;
}

function writeValues(view: DataView, start: number, values: SafeTensor['values']): void {
  if (values instanceof Float32Array) {
    values.forEach((value, i) => {
      view.setFloat32(start + 4 * i, value, true);
    });
  } else {
    values.forEach((value, i) => {
      view.setBigInt64(start + 8 * i, value, true);
    });
  }
}
