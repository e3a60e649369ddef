import type { LabelledImages } from '@digits/data';
import type { Model } from '@digits/model';
import { loadModel } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDataset } from '../dataset/open-dataset.ts';
import { type Predictions, PREDICTIONS_FILE, readPredictions } from '../run/predictions.ts';
import type { ClassRunRecord } from '../run/run-record.ts';
import { GENERATED_PAGES } from '../run/training-request.ts';

/** What the report of a network for classes is made of; what is null is left out. */
export interface ReportContent {
  readonly run: ClassRunRecord;
  readonly model: Model | null;
  readonly predictions: Predictions | null;
  /** The test split, in the order of the predictions. */
  readonly images: LabelledImages | null;
  /** What the reader should know about the report itself. */
  readonly notes: readonly string[];
}

/** Returns the folder's name without its path, which a report must not disclose. */
export function datasetName(source: string): string {
  if (source === GENERATED_PAGES) return 'generated pages';
  return source === 'mnist' ? 'MNIST' : (source.split(/[\\/]/).filter(Boolean).at(-1) ?? source);
}

/**
 * Reads what a report is made of from the folder of a run.
 *
 * @param test the test split's images if the caller has them; otherwise they are read again
 * @throws Error if one of its files is damaged
 */
export async function readReportContent(run: ClassRunRecord, test?: LabelledImages): Promise<ReportContent> {
  const { path } = run;
  const modelDir = join(path, 'model');
  const model = existsSync(join(modelDir, 'model.json')) ? await loadModel(modelDir) : null;
  const predictions =
    model === null ? null : await readPredictions(join(path, PREDICTIONS_FILE), model.metadata.classNames.length);
  const notes: string[] = [];
  const images = predictions === null ? null : (test ?? (await readTestImages(run, notes)));
  return { run, model, predictions, images, notes };
}

async function readTestImages({ description }: ClassRunRecord, notes: string[]): Promise<LabelledImages | null> {
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
