import { DEFAULT_MAX_BYTES } from '@digits/picture-files';
import { stat } from 'node:fs/promises';
import { glob, isDynamicPattern } from 'tinyglobby';
import { compareNames, listPictures } from '@digits/data/node';

/** Standard input, as an argument. */
export const STANDARD_INPUT = '-';

/** A picture to read, or an argument that names none. */
export type PictureArgument = { readonly file: string } | { readonly file: string; readonly problem: string };

/**
 * Turns arguments into files, in their order: a file is itself, a folder all pictures in it, a pattern the files that it matches, as
 * shells without patterns leave it to the program. A file that exists is never taken for a pattern.
 */
export async function expandPictureArguments(args: readonly string[]): Promise<PictureArgument[]> {
  const lists = await Promise.all(args.map(expandArgument));
  return lists.flat();
}

async function expandArgument(argument: string): Promise<PictureArgument[]> {
  if (argument === STANDARD_INPUT) return [{ file: argument }];
  const found = await stat(argument).catch(() => null);
  if (found?.isDirectory() === true) {
    const files = await listPictures(argument);
    if (files.length > 0) return files.map((file) => ({ file }));
    return [{ file: argument, problem: 'predict: the folder must hold pictures, got none' }];
  }
  if (found !== null || !isDynamicPattern(argument)) return [{ file: argument }];
  const files = await glob(argument.replaceAll('\\', '/'), { onlyFiles: true, expandDirectories: false });
  if (files.length === 0) return [{ file: argument, problem: 'predict: the pattern must match files, got none' }];
  return files.sort(compareNames).map((file) => ({ file }));
}

/**
 * Reads all of standard input.
 *
 * @throws Error if it is a terminal, or holds more than a picture file may
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
