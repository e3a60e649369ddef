import type { LabelledImages } from '@digits/data';
import { cutFolds, type Engine, type Evaluation, finishTraining, isPixelPreset, prepareTrainingData, train, type TrainingConfig } from '@digits/model'; // prettier-ignore
import { writeFileSafely } from '@digits/model/node';
import { join } from 'node:path';
import { note, UsageError } from '../command-line.ts';
import { formatTable, indent, percent } from '../formats.ts';
import { configForDataset, openRequested } from './class-run.ts';
import { createEngine } from './engine.ts';
import { createCountDisplay, createReadingDisplay } from './progress.ts';
import { PREDICTIONS_FILE, predictionsCsv } from './predictions.ts';
import { openRunFolder, writeJson } from './run-folder.ts';
import { whileLocked } from './run-lock.ts';
import type { RunRequest } from './training-request.ts';

/** What training on all folds but one gave on that one. */
export interface FoldFigures {
  /** Counted from 1. */
  readonly fold: number;
  readonly numTraining: number;
  readonly validation: Evaluation;
}

/** A labelled set that was answered fold by fold, each by a network that was trained on the others. */
export interface CrossValidation {
  readonly folds: readonly FoldFigures[];
  /** `[count, numClasses]` calibrated probabilities in the order of the set. */
  readonly probabilities: Float64Array;
}

/** What {@link crossValidate} trains. */
export interface CrossValidationRun {
  readonly config: TrainingConfig;
  readonly classNames: readonly string[];
  readonly numFolds: number;
  readonly engine: Engine;
  /** Is told after each epoch of a fold. */
  readonly onEpoch: () => void;
  /** Is told after each fold. */
  readonly onFold: (figures: FoldFigures) => void;
}

/**
 * Trains a network for each fold on the other folds and answers the images of the fold.
 *
 * @throws RangeError if there are more folds than images
 */
export async function crossValidate(
  set: LabelledImages,
  { config, classNames, numFolds, engine, onEpoch, onFold }: CrossValidationRun,
): Promise<CrossValidation> {
  const folds: FoldFigures[] = [];
  const probabilities = new Float64Array(set.count * classNames.length);
  for (const [i, fold] of cutFolds(set, numFolds, config.seed).entries()) {
    const foldConfig = { ...config, validationSize: fold.validation.count };
    const data = prepareTrainingData(fold.train, foldConfig, fold.validation);
    const { weights } = await train(foldConfig, data, engine, { onEpoch });
    const finished = await finishTraining({ config: foldConfig, weights, engine, data, classNames, test: null });
    const { validation, validationProbabilities } = finished;
    fold.indices.forEach((index, row) => {
      const answer = validationProbabilities.subarray(row * classNames.length, (row + 1) * classNames.length);
      probabilities.set(answer, index * classNames.length);
    });
    const figures = { fold: i + 1, numTraining: data.train.count, validation };
    folds.push(figures);
    onFold(figures);
  }
  return { folds, probabilities };
}

const FIGURES = ['accuracy', 'logLoss', 'ece'] as const;

/** Mean over the folds and sample standard deviation of one figure. */
interface FoldStatistic {
  readonly mean: number;
  readonly deviation: number;
}

/** What `folds.json` holds and `train --folds --json` prints: field names are a contract. */
interface FoldsSummary {
  readonly preset: string | null;
  readonly seed: number;
  readonly dataset: { readonly source: string; readonly sha256: string };
  readonly numFolds: number;
  readonly accuracy: FoldStatistic;
  readonly logLoss: FoldStatistic;
  readonly ece: FoldStatistic;
  readonly folds: readonly (Pick<Evaluation, 'count' | (typeof FIGURES)[number]> & { readonly fold: number })[];
}

/**
 * Cross-validates the training images of a data set and writes `folds.json` and the answer to each image, `predictions.csv`, into the
 * run folder. The test split is not read.
 *
 * @throws UsageError for options that do not go with folds; Error for data or a folder that cannot be used
 */
export async function runFolds(request: RunRequest, numFolds: number): Promise<FoldsSummary> {
  if (isPixelPreset(request.preset)) {
    throw new UsageError(`train: --folds must be left out with the preset ${request.preset}, which has no data set`);
  }
  if (request.resume) throw new UsageError('train: --folds must be left out with --resume; folds are not resumed');
  if (request.init !== undefined) {
    throw new UsageError(
      `train: --init must be left out with --folds, got ${request.init}; it may know the images of a fold`,
    );
  }
  return whileLocked(request.out, (lost) => runLockedFolds(request, numFolds, lost));
}

async function runLockedFolds(request: RunRequest, numFolds: number, lost: AbortSignal): Promise<FoldsSummary> {
  const opened = await openRequested(request, createReadingDisplay());
  opened.notes.forEach(note);
  const { train: set, trainNames: names, classNames, checksum } = opened;
  const config = configForDataset(request, opened);
  const run = await openRunFolder(request.out, false);
  const engine = await createEngine(request.engine);
  note(
    `${config.preset ?? 'custom'} on ${request.dataset}: ${set.count} training images in ${numFolds} folds; folder ${run.path}`,
  );
  const display = createCountDisplay(numFolds * config.epochs, 'epochs');
  const { folds, probabilities } = await crossValidate(set, {
    config,
    classNames,
    numFolds,
    engine,
    onEpoch: () => {
      display.add();
    },
    onFold: ({ fold, validation }) => {
      lost.throwIfAborted();
      note(
        `fold ${fold}/${numFolds}  accuracy ${percent(validation.accuracy)}  log loss ${validation.logLoss.toFixed(4)}`,
      );
    },
  }).finally(() => {
    display.stop();
  });
  const [accuracy, logLoss, ece] = FIGURES.map((key) => statisticOf(folds.map(({ validation }) => validation[key])));
  const summary: FoldsSummary = {
    preset: config.preset,
    seed: config.seed,
    dataset: { source: request.dataset, sha256: checksum },
    numFolds,
    accuracy,
    logLoss,
    ece,
    folds: folds.map(({ fold, validation }) => ({
      fold,
      count: validation.count,
      accuracy: validation.accuracy,
      logLoss: validation.logLoss,
      ece: validation.ece,
    })),
  };
  const predictions = predictionsCsv({ names, labels: set.labels, probabilities }, classNames);
  await writeFileSafely(join(run.path, PREDICTIONS_FILE), predictions);
  await writeJson(run, 'folds.json', { ...summary, request, config });
  return summary;
}

/** Formats the figures of all folds as lines for people. */
export function formatFolds({ numFolds, accuracy, logLoss, ece, folds }: FoldsSummary): string {
  const rows = folds.map((fold) => [String(fold.fold), percent(fold.accuracy), fold.logLoss.toFixed(4), fold.ece.toFixed(4), String(fold.count)]); // prettier-ignore
  return [
    `accuracy ${percent(accuracy.mean)}, standard deviation ${percent(accuracy.deviation)} over ${numFolds} folds`,
    `log loss ${logLoss.mean.toFixed(4)} (${logLoss.deviation.toFixed(4)}), calibration error ${ece.mean.toFixed(4)} (${ece.deviation.toFixed(4)})`,
    indent(formatTable([['fold', 'accuracy', 'log loss', 'calibration error', 'images'], ...rows])),
  ].join('\n');
}

/** Mean and sample standard deviation, which divides by one less than the number of values. */
function statisticOf(values: readonly number[]): FoldStatistic {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
