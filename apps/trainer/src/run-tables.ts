import type { EpochSummary } from '@digits/model';
import { stringify } from 'csv-stringify/sync';

const HISTORY_COLUMNS = [
  'epoch',
  'trainLoss',
  'trainAccuracy',
  'validationLoss',
  'validationAccuracy',
  'learningRate',
  'seconds',
] as const satisfies readonly (keyof EpochSummary)[];

/** A run's epochs as CSV with a header; epochs count from 1, as people do. */
export function historyCsv(history: readonly EpochSummary[]): string {
  const rows = history.map((summary) =>
    HISTORY_COLUMNS.map((key) => (key === 'epoch' ? summary.epoch + 1 : summary[key])),
  );
  return stringify([HISTORY_COLUMNS, ...rows]);
}
