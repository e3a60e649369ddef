import type { EpochSummary } from '@digits/model';
import { stringify } from 'csv-stringify/sync';
import { formatDuration, formatTable, percent } from '../formats.ts';
import type { ClassRunRecord, RunRecord } from './run-record.ts';

const HISTORY_COLUMNS = [
  'epoch',
  'trainLoss',
  'trainAccuracy',
  'validationLoss',
  'validationAccuracy',
  'learningRate',
  'seconds',
] as const satisfies readonly (keyof EpochSummary)[];

/** Formats a run's epochs as CSV with a header. */
export function historyCsv(history: readonly EpochSummary[]): string {
  const rows = history.map((summary) => HISTORY_COLUMNS.map((key) => summary[key]));
  return stringify([HISTORY_COLUMNS, ...rows]);
}

/** What runs can be ordered by. */
export const RUN_ORDERS = ['accuracy', 'logLoss', 'trainingSeconds', 'parameters', 'startedAt'] as const;
export type RunOrder = (typeof RUN_ORDERS)[number];

/** One run beside others. Figures are null until the run has ended. */
export interface RunRow {
  readonly run: string;
  readonly path: string;
  readonly startedAt: string;
  readonly preset: string | null;
  readonly seed: number;
  readonly epochs: number;
  /** `completed`, `earlyStopping`, `aborted`, `diverged`, or `unfinished`. */
  readonly status: string;
  readonly parameters: number | null;
  readonly trainingSeconds: number | null;
  readonly weightsSha256: string | null;
  readonly validation: RunFigures | null;
  readonly test: (RunFigures & { readonly accuracyInterval: readonly [number, number] }) | null;
  /** Settings in which the runs differ, by their path. */
  readonly differences: Readonly<Record<string, unknown>>;
}

interface RunFigures {
  readonly accuracy: number;
  readonly logLoss: number;
  readonly ece: number;
  readonly count: number;
}

/** Puts runs beside each other, the best first; those that have not ended come last, the newest of them first. */
export function rankRuns(records: readonly ClassRunRecord[], order: RunOrder): readonly RunRow[] {
  const differences = differencesOf(records);
  return records.map((record, i) => rowOf(record, differences[i])).sort((a, b) => compare(a, b, order));
}

/** The settings in which runs differ, by their path; an entry for each run. */
export function differencesOf(records: readonly RunRecord[]): readonly Readonly<Record<string, unknown>>[] {
  const settings = records.map(({ description }) => flatten(description.config));
  const names = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  const differing = names.filter((name) => new Set(settings.map((one) => JSON.stringify(one.get(name)))).size > 1);
  return settings.map((one) => Object.fromEntries(differing.map((name) => [name, one.get(name) ?? null])));
}

/** Returns the columns that runs of every kind have. */
export function commonColumns(
  { name, path, description, history, metrics, failure }: RunRecord,
  differences: RunRow['differences'],
): Omit<RunRow, 'validation' | 'test'> {
  const { config, startedAt } = description;
  return {
    run: name,
    path,
    startedAt,
    preset: config.preset,
    seed: config.seed,
    epochs: history.length,
    status: metrics?.stopped ?? failure?.reason ?? 'unfinished',
    parameters: metrics?.parameters ?? null,
    trainingSeconds: metrics?.trainingSeconds ?? null,
    weightsSha256: metrics?.weightsSha256 ?? null,
    differences,
  };
}

function rowOf(record: ClassRunRecord, differences: RunRow['differences']): RunRow {
  const { metrics } = record;
  const figures = ({ accuracy, logLoss, ece, count }: RunFigures): RunFigures => ({ accuracy, logLoss, ece, count });
  return {
    ...commonColumns(record, differences),
    validation: metrics && figures(metrics.validation),
    test: metrics && { ...figures(metrics.test), accuracyInterval: metrics.test.accuracyInterval },
  };
}

function compare(a: RunRow, b: RunRow, order: RunOrder): number {
  if (a.validation === null || b.validation === null) {
    if (a.validation !== b.validation) return a.validation === null ? 1 : -1;
    return b.startedAt.localeCompare(a.startedAt, 'en');
  }
  switch (order) {
    case 'accuracy':
      return b.validation.accuracy - a.validation.accuracy || a.validation.logLoss - b.validation.logLoss;
    case 'logLoss':
      return a.validation.logLoss - b.validation.logLoss;
    case 'trainingSeconds':
    case 'parameters':
      return (a[order] ?? Infinity) - (b[order] ?? Infinity);
    case 'startedAt':
      return b.startedAt.localeCompare(a.startedAt, 'en');
  }
}

/** Settings that have a column of their own already, or would fill a page. */
const NOT_COMPARED = ['preset', 'seed', 'epochs', 'architecture'];

function flatten(value: object, prefix = ''): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, entry] of Object.entries(value) as [string, unknown][]) {
    if (NOT_COMPARED.includes(prefix + key)) continue;
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) {
      for (const [name, inner] of flatten(entry, `${prefix}${key}.`)) flat.set(name, inner);
    } else {
      flat.set(prefix + key, entry);
    }
  }
  return flat;
}

/** Columns of settings that differ, at most; `--json` and `--csv` have all. */
const MAX_DIFFERENCES = 5;

/** The runs as a table of text, without a line break at the end. */
export function runsTable(rows: readonly RunRow[]): string {
  const differing = shownDifferences(rows);
  const header = ['run', 'preset', 'seed', 'epochs', 'validation', 'test', '95% interval', 'log loss', 'ECE', 'parameters', 'time', ...differing]; // prettier-ignore
  const lines = rows.map((row) => [
    row.run,
    row.preset ?? 'custom',
    String(row.seed),
    showEpochs(row),
    row.validation === null ? '' : percent(row.validation.accuracy),
    row.test === null ? '' : percent(row.test.accuracy),
    row.test === null ? '' : row.test.accuracyInterval.map(percent).join(' to '),
    row.test?.logLoss.toFixed(4) ?? '',
    row.test?.ece.toFixed(4) ?? '',
    row.parameters?.toLocaleString('en') ?? '',
    row.trainingSeconds === null ? '' : formatDuration(row.trainingSeconds),
    ...differing.map((name) => showSetting(row.differences[name])),
  ]);
  return formatTable([header, ...lines], 2);
}

/** Names of the settings that a table has room for. */
export function shownDifferences(rows: readonly Pick<RunRow, 'differences'>[]): string[] {
  return Object.keys(rows[0].differences).slice(0, MAX_DIFFERENCES);
}

/** Shows how far a run got, and why not further. */
export function showEpochs({ epochs, status }: Pick<RunRow, 'epochs' | 'status'>): string {
  return `${epochs}${status === 'completed' ? '' : ` (${STATUS[status] ?? status})`}`;
}

const STATUS: Readonly<Record<string, string>> = {
  earlyStopping: 'stopped early',
  aborted: 'interrupted',
  unfinished: 'unfinished',
};

/** Shows a setting's value as a cell of a table. */
export function showSetting(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The runs as CSV with a header, every differing setting included. */
export function runsCsv(rows: readonly RunRow[]): string {
  const differing = rows.length === 0 ? [] : Object.keys(rows[0].differences);
  const header = [
    'run', 'startedAt', 'preset', 'seed', 'epochs', 'status', 'validationAccuracy', 'validationLogLoss', 'testAccuracy',
    'testAccuracyLower', 'testAccuracyUpper', 'testLogLoss', 'testEce', 'testCount', 'parameters', 'trainingSeconds', 'weightsSha256',
  ]; // prettier-ignore
  const lines = rows.map((row) => [
    row.run,
    row.startedAt,
    row.preset,
    row.seed,
    row.epochs,
    row.status,
    row.validation?.accuracy,
    row.validation?.logLoss,
    row.test?.accuracy,
    ...(row.test?.accuracyInterval ?? [undefined, undefined]),
    row.test?.logLoss,
    row.test?.ece,
    row.test?.count,
    row.parameters,
    row.trainingSeconds,
    row.weightsSha256,
    ...differing.map((name) => showSetting(row.differences[name])),
  ]);
  return stringify([[...header, ...differing], ...lines]);
}
