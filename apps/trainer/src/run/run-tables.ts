import type { EpochSummary } from '@digits/model';
import { stringify } from 'csv-stringify/sync';
import { isAbsolute, relative } from 'node:path';
import { formatDuration, formatTable, indent, percent } from '../formats.ts';
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
  /** `mnist`, a path, or the name for generated pages. */
  readonly dataset: string;
  readonly datasetSha256: string;
  /** Path of what was added to the training images, or null. */
  readonly add: string | null;
  readonly addedSha256: string | null;
  /** Path of the model that the run started from, or null. */
  readonly init: string | null;
  /** Why the run has no model, or null. */
  readonly failure: string | null;
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
  const { config, dataset, request, startedAt } = description;
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
    dataset: dataset.source,
    datasetSha256: dataset.sha256,
    add: request.add ?? null,
    addedSha256: dataset.addedSha256 ?? null,
    init: request.init ?? null,
    failure: failure?.message ?? null,
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

/**
 * Formats runs as tables of text, one for each data set: figures on different images are not ranked together. The data set of the newest
 * run comes first.
 *
 * @param rows in order, as {@link rankRuns} gives them
 */
export function runsTables(rows: readonly RunRow[]): string {
  const groups = new Map<string, RunRow[]>();
  const newestFirst = [...rows].sort((a, b) => b.startedAt.localeCompare(a.startedAt, 'en'));
  for (const row of newestFirst) groups.set(datasetKey(row), []);
  for (const row of rows) groups.get(datasetKey(row))?.push(row);
  return [...groups.values()].map((group) => `${datasetTitle(group[0])}\n${indent(runsTable(group))}`).join('\n\n');
}

function datasetKey({ datasetSha256, addedSha256 }: RunRow): string {
  return `${datasetSha256} ${addedSha256 ?? ''}`;
}

function datasetTitle({ dataset, datasetSha256, add }: RunRow): string {
  const added = add === null ? '' : `, with --add ${shortPath(add)}`;
  return `Data set ${shortPath(dataset)} (SHA-256 ${datasetSha256.slice(0, 12)})${added}`;
}

/** Returns a path from the current folder if it is in it. */
function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return !isAbsolute(path) || fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}

/** Formats runs on one data set as a table of text, without a line break at the end. */
export function runsTable(rows: readonly RunRow[]): string {
  const differing = shownDifferences(rows);
  const hasInit = rows.some(({ init }) => init !== null);
  const header = ['run', 'preset', 'seed', 'epochs', 'validation', 'test', '95% interval', 'log loss', 'ECE', 'parameters', 'time', ...(hasInit ? ['init'] : []), ...differing]; // prettier-ignore
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
    ...(hasInit ? [row.init === null ? 'none' : shortPath(row.init)] : []),
    ...differing.map((name) => showSetting(row.differences[name])),
  ]);
  return formatTable([header, ...lines], 2);
}

/** Names of the settings that a table has room for, of those in which its runs differ. */
export function shownDifferences(rows: readonly Pick<RunRow, 'differences'>[]): string[] {
  const values = (name: string) => new Set(rows.map(({ differences }) => JSON.stringify(differences[name])));
  return Object.keys(rows[0].differences)
    .filter((name) => values(name).size > 1)
    .slice(0, MAX_DIFFERENCES);
}

/** Shows how far a run got, and why not further. */
export function showEpochs({ epochs, status }: Pick<RunRow, 'epochs' | 'status'>): string {
  return `${epochs}${status === 'completed' ? '' : ` (${STATUS[status] ?? status})`}`;
}

const STATUS: Readonly<Record<string, string>> = {
  earlyStopping: 'stopped early',
  aborted: 'interrupted',
  diverged: 'diverged',
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
    'dataset', 'datasetSha256', 'add', 'addedSha256', 'init',
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
    row.dataset,
    row.datasetSha256,
    row.add,
    row.addedSha256,
    row.init,
    ...differing.map((name) => showSetting(row.differences[name])),
  ]);
  return stringify([[...header, ...differing], ...lines]);
}
