import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The two files of a model. */
const MODEL_FILES = ['model.json', 'weights.bin'];

/**
 * Puts what the site serves beside its code into `public/`: the shipped model.
 *
 * @param {string} folder of the project
 */
export async function preparePublicFiles(folder) {
  const source = process.env.DIGITS_MODEL ?? join(folder, '..', '..', 'libs', 'model', 'pretrained');
  const target = join(folder, 'public', 'pretrained');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  for (const file of MODEL_FILES) await copyFile(join(source, file), join(target, file));
}
