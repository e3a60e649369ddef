import type { LabelledImages } from '@digits/data';
import type { Model } from '@digits/model';
import type { Predictions } from '../predictions-file.ts';
import type { RunRecord } from '../run-record.ts';

/** What a report is made of; what is null is left out. */
export interface ReportContent {
  readonly run: RunRecord;
  readonly model: Model | null;
  readonly predictions: Predictions | null;
  /** The test split, in the order of the predictions. */
  readonly images: LabelledImages | null;
  /** What the reader should know about the report itself. */
  readonly notes: readonly string[];
}

/** The name of the folder, without the way to it, which is nobody's business who reads the report. */
export function datasetName(source: string): string {
  return source === 'mnist' ? 'MNIST' : (source.split(/[\\/]/).filter(Boolean).at(-1) ?? source);
}
