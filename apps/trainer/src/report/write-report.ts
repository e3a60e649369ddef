import type { LabelledImages } from '@digits/data';
import { loadModel, writeFileSafely } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDataset } from '../datasets.ts';
import { PREDICTIONS_FILE, readPredictions } from '../predictions-file.ts';
import { readRunRecord, type RunRecord } from '../run-record.ts';
import { renderReport } from './render-report.ts';

/** Name of the file in a run folder. */
export const REPORT_FILE = 'report.html';

/**
 * Writes the report of a run into its folder.
 *
 * @param test the test split's images where the caller has them; otherwise they are read again, and the gallery of mistakes is left
 *   out where they are not there any more or are others
 * @returns the file's path, and what of the run could not be shown
 * @throws Error where the folder holds no run, or one of its files is damaged
 */
export async function writeReport(path: string, test?: LabelledImages): Promise<{ file: string; notes: string[] }> {
  const run = await readRunRecord(path);
  const modelDir = join(path, 'model');
  const model = existsSync(join(modelDir, 'model.json')) ? await loadModel(modelDir) : null;
  const predictions =
    model === null ? null : await readPredictions(join(path, PREDICTIONS_FILE), model.metadata.classNames.length);
  const notes: string[] = [];
  const images = predictions === null ? null : (test ?? (await readTestImages(run, notes)));
  const file = join(path, REPORT_FILE);
  await writeFileSafely(file, await renderReport({ run, model, predictions, images, notes }));
  return { file, notes };
}

async function readTestImages({ description }: RunRecord, notes: string[]): Promise<LabelledImages | null> {
  const { dataset, request } = description;
  try {
    const { test, checksum } = await openDataset({
      source: dataset.source,
      preprocess: request.preprocess,
      add: request.add,
    });
    if (checksum === dataset.sha256) return test;
    notes.push('The data set has changed since the run, so its mistakes are not pictured.');
  } catch (error) {
    notes.push(`The data set could not be read again, so mistakes are not pictured (${(error as Error).message}).`);
  }
  return null;
}
