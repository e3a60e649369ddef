import { type Evaluation, isPixelPreset, type PixelFigures, type TrainingConfig } from '@digits/model';
import { readdir, readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { ourVersion } from '../command-line.ts';
import { PREPROCESSINGS, type Preprocessing } from '../dataset/prepare-images.ts';
import { jsonObjectOf, parseJson } from '../json.ts';
import { readStepLog, type StepSummary } from './step-log.ts';
import { runRequest, type RunRequest } from './training-request.ts';

const runDescription = v.object({
  request: runRequest,
  /** Runs of earlier versions have no pages. */
  config: v.pipe(
    jsonObjectOf<TrainingConfig>(),
    v.transform((config): TrainingConfig => Object.assign({ pages: null }, config)),
  ),
  dataset: v.object({
    source: v.string(),
    /** SHA-256 of the data set without added images; in runs of earlier versions with --add, of both together. */
    sha256: v.string(),
    preprocessing: v.picklist(PREPROCESSINGS),
    numRejected: v.optional(v.number(), 0),
    /** SHA-256 of the images added with --add. */
    addedSha256: v.exactOptional(v.string()),
  }),
  versions: v.object({ digits: v.string(), node: v.string() }),
  machine: v.object({ platform: v.string(), processor: v.string(), cores: v.number(), memoryBytes: v.number() }),
  /** ISO 8601. */
  startedAt: v.string(),
  /** Each time the run was given more epochs: how many it had, and how many of them were done. */
  extensions: v.exactOptional(v.array(v.object({ epochs: v.number(), epochsDone: v.number() }))),
});

/** What `config.json` of a run says: enough to repeat it. */
export type RunDescription = Readonly<v.InferOutput<typeof runDescription>>;

const COMMON_SUMMARY = {
  preset: v.nullable(v.string()),
  engine: v.string(),
  threads: v.number(),
  seed: v.number(),
  parameters: v.number(),
  epochs: v.number(),
  stopped: v.picklist(['completed', 'earlyStopping', 'aborted']),
  /** Epoch that gave the weights, counted from 1; null if none was completed. */
  bestEpoch: v.nullable(v.number()),
  /** Training and validation, in seconds, without loading and the test split. */
  trainingSeconds: v.number(),
  /** Training images per second over the epochs, validation included. */
  imagesPerSecond: v.number(),
  weightsSha256: v.string(),
  modelDir: v.string(),
  report: v.string(),
};

const classSummary = v.object({
  ...COMMON_SUMMARY,
  validation: jsonObjectOf<Evaluation>(),
  test: jsonObjectOf<Evaluation>(),
});

const pixelSummary = v.object({ ...COMMON_SUMMARY, figures: jsonObjectOf<PixelFigures>() });

/** What `metrics.json` holds of a network that answers for classes. */
export type ClassSummary = Readonly<v.InferOutput<typeof classSummary>>;

/** What `metrics.json` holds of a network that answers for pixels. */
export type PixelSummary = Readonly<v.InferOutput<typeof pixelSummary>>;

/** What `metrics.json` holds and `train --json` prints: field names are a contract. */
export type TrainingSummary = ClassSummary | PixelSummary;

const runFailure = v.object({ reason: v.picklist(['diverged']), message: v.string() });

/** What `failure.json` holds of a run that ended without a model. */
export type RunFailure = Readonly<v.InferOutput<typeof runFailure>>;

/** Name of {@link RunFailure} in a run folder. */
export const FAILURE_FILE = 'failure.json';

const epochSummary = v.object({
  /** Counted from 1. */
  epoch: v.number(),
  trainLoss: v.number(),
  trainAccuracy: v.number(),
  validationLoss: v.number(),
  validationAccuracy: v.number(),
  learningRate: v.number(),
  seconds: v.number(),
});

/** Describes a run that is about to start on this machine. */
export function describeRun(
  request: RunRequest,
  {
    config,
    checksum,
    addedChecksum,
    preprocessing,
    numRejected,
  }: {
    readonly config: TrainingConfig;
    readonly checksum: string;
    readonly addedChecksum: string | null;
    readonly preprocessing: Preprocessing;
    readonly numRejected: number;
  },
): RunDescription {
  return {
    request,
    config,
    dataset: {
      source: request.dataset,
      sha256: checksum,
      preprocessing,
      numRejected,
      ...(addedChecksum !== null && { addedSha256: addedChecksum }),
    },
    versions: { digits: ourVersion(), node: process.version },
    machine: {
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    startedAt: new Date().toISOString(),
  };
}

interface RecordOf<Kind extends string, Summary extends TrainingSummary> {
  /** What the run's network answers for. */
  readonly kind: Kind;
  readonly path: string;
  /** Name of the folder. */
  readonly name: string;
  readonly description: RunDescription;
  readonly history: readonly v.InferOutput<typeof epochSummary>[];
  /** Losses by step; empty in runs of earlier versions. */
  readonly steps: readonly StepSummary[];
  readonly metrics: Summary | null;
  /** Why the run has no model; null if it has one or is going on. */
  readonly failure: RunFailure | null;
}

/** What a run folder holds about the run of a network for classes; the metrics are null until it has ended. */
export type ClassRunRecord = RecordOf<'classes', ClassSummary>;

/** What a run folder holds about the run of a network for pixels; the metrics are null until it has ended. */
export type PixelRunRecord = RecordOf<'pixels', PixelSummary>;

/** What a run folder holds about its run. */
export type RunRecord = ClassRunRecord | PixelRunRecord;

/**
 * Reads what a run folder tells of its run, however far it got.
 *
 * @throws Error naming the file that is missing or damaged
 */
export async function readRunRecord(path: string): Promise<RunRecord> {
  const description = await readIfThere(join(path, 'config.json'), runDescription);
  if (description === null) throw new Error(`a run folder must hold config.json, got none in ${path}`);
  const lines = await readHistory(join(path, 'history.jsonl'));
  // Earlier versions counted epochs from 0.
  const added = lines.at(0)?.epoch === 0 ? 1 : 0;
  const history = lines.map((summary) => ({ ...summary, epoch: summary.epoch + added }));
  const failure = await readIfThere(join(path, FAILURE_FILE), runFailure);
  const record = { path, name: basename(path), description, history, steps: await readStepLog(path), failure };
  const metrics = join(path, 'metrics.json');
  return isPixelPreset(description.request.preset)
    ? { ...record, kind: 'pixels', metrics: addToBestEpoch(await readIfThere(metrics, pixelSummary), added) }
    : { ...record, kind: 'classes', metrics: addToBestEpoch(await readIfThere(metrics, classSummary), added) };
}

function addToBestEpoch<Summary extends TrainingSummary>(metrics: Summary | null, added: number): Summary | null {
  if (metrics?.bestEpoch == null) return metrics;
  return { ...metrics, bestEpoch: metrics.bestEpoch + added };
}

/** Picks the runs of networks that answer for classes. */
export function classRuns(records: readonly RunRecord[]): readonly ClassRunRecord[] {
  return records.filter((record) => record.kind === 'classes');
}

/** Picks the runs of networks that answer for pixels. */
export function pixelRuns(records: readonly RunRecord[]): readonly PixelRunRecord[] {
  return records.filter((record) => record.kind === 'pixels');
}

/**
 * Reads the runs in a folder, those of its subfolders that have a `config.json` of a run; other folders are left out.
 *
 * @throws Error if the folder cannot be read
 */
export async function readRunRecords(folder: string): Promise<readonly RunRecord[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (cause) {
    throw new Error(`runs: the folder of runs must be readable, got ${folder}`, { cause });
  }
  const records: RunRecord[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if ((await readFileIfThere(join(path, 'config.json'))) !== null) records.push(await readRunRecord(path));
  }
  return records;
}

/** Whole lines only: the last one may have been cut off with its run. */
async function readHistory(path: string): Promise<RunRecord['history']> {
  const text = (await readFileIfThere(path)) ?? '';
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => parseJson(line, epochSummary, `${path}: line ${i + 1}`));
}

async function readIfThere<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
): Promise<v.InferOutput<Schema> | null> {
  const text = await readFileIfThere(path);
  return text === null ? null : parseJson(text, schema, path);
}

async function readFileIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
