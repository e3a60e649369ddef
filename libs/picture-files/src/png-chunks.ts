/** Bytes of the signature, and of a chunk besides its data: length, type and check sum. */
export const SIGNATURE_BYTES = 8;
export const FRAME_BYTES = 12;

/**
 * Chunks that change how a PNG is decoded or turned. All others (texts, profiles, thumbnails, frames of an animation) may be compressed
 * and inflate to any size, and no digit depends on them.
 */
const KEPT = ['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'bKGD', 'eXIf'];

/** Whether the pixels of a PNG depend on chunks of a type. */
export function isNeeded(type: string): boolean {
  return KEPT.includes(type);
}

/** Width and height of a PNG by its header, or null if the header is cut off. */
export function pngSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | null {
  const widthAt = SIGNATURE_BYTES + 8;
  if (bytes.length < widthAt + 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(widthAt), height: view.getUint32(widthAt + 4) };
}

/**
 * Removes the chunks of a PNG that its pixels do not need.
 *
 * @param bytes the whole file
 * @returns the same bytes if there are none; a chunk that is cut off is kept as it is, for the decoder to report
 * @see https://www.w3.org/TR/png-3/#5Chunk-layout
 */
export function withoutExtraChunks(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept: Uint8Array[] = [];
  let keptFrom = 0;
  let at = SIGNATURE_BYTES;
  while (at + FRAME_BYTES <= bytes.length) {
    const end = at + FRAME_BYTES + view.getUint32(at);
    if (end > bytes.length) break;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!isNeeded(type)) {
      kept.push(bytes.subarray(keptFrom, at));
      keptFrom = end;
    }
    at = end;
    if (type === 'IEND') break;
  }
  return kept.length === 0 ? bytes : Buffer.concat([...kept, bytes.subarray(keptFrom)]);
}
