import { DEFAULT_MAX_BYTES } from '@digits/picture-files';

/**
 * Reads all of standard input.
 *
 * @throws Error where it is a terminal, or holds more than a picture file may
 */
export async function readStandardInput(): Promise<Uint8Array> {
  if (process.stdin.isTTY) throw new Error('predict: standard input must be a picture, got a terminal; pipe a file in');
  const chunks: Buffer[] = [];
  let numBytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    numBytes += chunk.length;
    if (numBytes > DEFAULT_MAX_BYTES) {
      throw new Error(`predict: standard input must have at most ${DEFAULT_MAX_BYTES} bytes, got more`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
