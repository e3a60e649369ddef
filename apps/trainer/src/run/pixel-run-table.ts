import type { PixelFigures } from '@digits/model';
import { formatDuration, formatTable } from '../formats.ts';
import type { PixelRunRecord } from './run-record.ts';
import {
  commonColumns,
  differencesOf,
  type RunOrder,
  type RunRow,
  showEpochs,
  showSetting,
  shownDifferences,
} from './run-tables.ts';

/** One run of a network for pixels beside others. Figures are null until the run has ended. */
export interface PixelRunRow extends Omit<RunRow, 'validation' | 'test'> {
  readonly figures: PixelFigures | null;
  /** Lowest validation loss of its epochs; null before the first one's end. */
  readonly validationLoss: number | null;
}

/**
 * Puts runs of networks for pixels beside each other, the best first; those that have not ended come last, the newest of them first.
 *
 * @param order `accuracy` is the mean average precision on the validation pages, `logLoss` the validation loss
 */
export function rankPixelRuns(records: readonly PixelRunRecord[], order: RunOrder): readonly PixelRunRow[] {
  const differences = differencesOf(records);
  return records.map((record, i) => rowOf(record, differences[i])).sort((a, b) => compare(a, b, order));
}

function rowOf(record: PixelRunRecord, differences: RunRow['differences']): PixelRunRow {
  const losses = record.history.map(({ validationLoss }) => validationLoss);
  return {
    ...commonColumns(record, differences),
    figures: record.metrics?.figures ?? null,
    validationLoss: losses.length === 0 ? null : Math.min(...losses),
  };
}

function compare(a: PixelRunRow, b: PixelRunRow, order: RunOrder): number {
  const newestFirst = b.startedAt.localeCompare(a.startedAt, 'en');
  if (a.figures === null || b.figures === null) {
    if (a.figures !== b.figures) return a.figures === null ? 1 : -1;
    return newestFirst;
  }
  switch (order) {
    case 'accuracy':
      return meanPrecision(b.figures) - meanPrecision(a.figures);
    case 'logLoss':
      return (a.validationLoss ?? Infinity) - (b.validationLoss ?? Infinity);
    case 'trainingSeconds':
    case 'parameters':
      return (a[order] ?? Infinity) - (b[order] ?? Infinity);
    case 'startedAt':
      return newestFirst;
  }
}

function meanPrecision({ validation }: PixelFigures): number {
  return validation.reduce((sum, { averagePrecision }) => sum + averagePrecision, 0) / validation.length;
}

/** The runs as a table of text, without a line break at the end. */
export function pixelRunsTable(rows: readonly PixelRunRow[]): string {
  const channels =
    rows.find(({ figures }) => figures !== null)?.figures?.validation.map(({ channel }) => channel) ?? [];
  const differing = shownDifferences(rows);
  const columns = channels.flatMap((channel) => [`${channel} AP`, `${channel} F1`]);
  const header = ['run', 'preset', 'seed', 'epochs', ...columns, 'loss', 'parameters', 'time', ...differing];
  const lines = rows.map((row) => [
    row.run,
    row.preset ?? 'custom',
    String(row.seed),
    showEpochs(row),
    ...(row.figures === null
      ? columns.map(() => '')
      : row.figures.validation.flatMap(({ averagePrecision, f1 }) => [averagePrecision.toFixed(4), f1.toFixed(4)])),
    row.validationLoss?.toFixed(4) ?? '',
    row.parameters?.toLocaleString('en') ?? '',
    row.trainingSeconds === null ? '' : formatDuration(row.trainingSeconds),
    ...differing.map((name) => showSetting(row.differences[name])),
  ]);
  return formatTable([header, ...lines], 2);
}
