import {
  type AnyModel,
  createClassifier,
  countParameters,
  type Evaluation,
  evaluateClassifier,
  evaluateProbabilities,
  isPixelModel,
  type Model,
  type ModelMetadata,
} from '@digits/model';
import { writeFileSafely } from '@digits/model/node';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note, UsageError } from '../command-line.ts';
import { openSplit, type Split, type SplitChoice, SPLITS } from '../dataset/open-dataset.ts';
import type { Preprocessing } from '../dataset/prepare-images.ts';
import { formatFigures, formatPixelFigures } from '../formats.ts';
import { createEngine, type EngineChoice } from '../run/engine.ts';
import { describeDatasetChange, evaluationSource } from '../run/evaluation-dataset.ts';
import { predictionsCsv } from '../run/predictions.ts';
import { createReadingDisplay } from '../run/progress.ts';
import { evaluateOnPages, type PixelEvaluationSummary } from '../run/pixel-evaluation.ts';
import { openAnyModel, type OpenedModel, openModel } from '../run/trained-model.ts';
import {
  checkEngineChoice,
  DATASET_HELP,
  withCommonOptions,
  withEngineOptions,
  withModelOption,
  withReadingOptions,
} from './options.ts';

interface EvaluateOptions extends EngineChoice {
  readonly model?: string;
  readonly ensemble?: readonly string[];
  readonly dataset?: string;
  readonly split?: Split | 'all';
  readonly skipBroken?: boolean;
  readonly cache?: string;
  readonly preprocess?: Preprocessing;
  readonly csv?: string;
  readonly json?: boolean;
}

/** What `evaluate --json` prints: field names are a contract. */
interface EvaluationSummary extends Evaluation {
  readonly preset: string | null;
  readonly engine: string;
  readonly seed: number | null;
  readonly parameters: number;
  readonly weightsSha256: string;
  readonly modelDir: string;
  /** The other models whose probabilities were averaged with this one's. */
  readonly ensemble?: readonly string[];
  /** `mnist` or a path. */
  readonly dataset: string;
  readonly datasetSha256: string;
  /** Number of stored images that could not be prepared; they are not part of `count` and the figures. */
  readonly numUnread: number;
  readonly imagesPerSecond: number;
}

/** `evaluate`: figures of a saved model on a labelled set. */
export function evaluateCommand(): Command {
  const command = withModelOption(new Command('evaluate').description('Evaluate a saved model on a labelled set.'))
    .addOption(
      new Option('--ensemble <DIR...>', 'other models of the same classes; the mean of all probabilities is evaluated'),
    )
    .addOption(
      new Option('--dataset <mnist|PATH>', `${DATASET_HELP} (default: the data set that the model was trained on)`),
    )
    .addOption(
      new Option(
        '--split <name>',
        'split to read (default: test; all if the data set has no splits and the model was not trained on it)',
      ).choices([...SPLITS, 'all']),
    );
  command.addOption(
    new Option('--csv <FILE>', 'also write the answer to each image, with its file and all probabilities, as CSV'),
  );
  withReadingOptions(command, 'as in training; picture if a model that was not trained so needs another size');
  return withCommonOptions(withEngineOptions(command))
    .addHelpText(
      'after',
      `
Images that cannot be prepared are left out of the figures. Their number is printed, and is numUnread in --json.
A model of the preset ink is measured on its validation pages, which are generated again.

Examples:
  $ npm run evaluate -- --model runs/best                    the figures of its training again
  $ npm run evaluate -- --model runs/best --dataset ./more-digits --csv answers.csv
  $ npm run evaluate -- --model runs/seed-42 --ensemble runs/seed-43 runs/seed-44
  $ npm run evaluate -- --model runs/fashion --split validation --json`,
    )
    .action(async (_options: EvaluateOptions, thisCommand: Command) => {
      const options = thisCommand.opts<EvaluateOptions>();
      checkEngineChoice(options);
      const opened = await openAnyModel(options.model);
      const summary = await evaluateOpened(opened, options, thisCommand);
      if (options.json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
    });
}

/** Evaluates a model of either kind and prints its figures for people. */
async function evaluateOpened(
  { model, modelDir }: OpenedModel<AnyModel>,
  options: EvaluateOptions,
  command: Command,
): Promise<EvaluationSummary | PixelEvaluationSummary> {
  if (isPixelModel(model)) {
    refuseDatasetOptions(command);
    const summary = await evaluateOnPages({ model, modelDir }, options);
    note(formatPixelFigures(summary.figures));
    return summary;
  }
  const summary = await evaluateModel({ model, modelDir }, options);
  note(formatFigures(summary));
  return summary;
}

/** Options that say which labelled images are read, by commander's names. */
const DATASET_OPTIONS = [
  'dataset',
  'split',
  'preprocess',
  'skipBroken',
  'cache',
  'ensemble',
  'csv',
] as const satisfies (keyof EvaluateOptions)[];

/** @throws UsageError if an option is given that a model for pixels does not have */
function refuseDatasetOptions(command: Command): void {
  const given = DATASET_OPTIONS.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  throw new UsageError(
    `evaluate: --${given} must be left out with a model that answers for pixels, which is measured on generated pages`,
  );
}

async function evaluateModel({ model, modelDir }: OpenedModel, options: EvaluateOptions): Promise<EvaluationSummary> {
  const { metadata, architecture } = model;
  const others = await openEnsemble(options, metadata);
  const source = evaluationSource(options.dataset, metadata);
  if (options.dataset === undefined) note(`Data set that the model was trained on: ${source}`);
  const { split, labelled, names, rejected, checksum, notes } = await openSplit(source, model, {
    split: options.split,
    preprocess: options.preprocess,
    skipBroken: options.skipBroken,
    cache: options.cache === undefined ? undefined : resolve(options.cache),
    cut: validationCutOf(metadata),
    onRead: createReadingDisplay(),
  });
  notes.forEach(note);
  const change = describeDatasetChange(source, checksum, metadata);
  if (change !== null) note(change);
  const engine = await createEngine(options);
  const startedAt = performance.now();
  const mean = new Float64Array(labelled.count * metadata.classNames.length);
  for (const member of [model, ...others.map((other) => other.model)]) {
    const classifier = await createClassifier(member, engine);
    try {
      const { probabilities } = await evaluateClassifier(classifier, labelled, split);
      probabilities.forEach((probability, at) => (mean[at] += probability / (others.length + 1)));
    } finally {
      await classifier.dispose();
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  if (options.csv !== undefined) {
    const predictions = { names, labels: labelled.labels, probabilities: mean };
    await writeCsv(resolve(options.csv), predictionsCsv(predictions, metadata.classNames));
  }
  return {
    ...evaluateProbabilities(labelled.labels, mean, metadata.classNames, split),
    preset: metadata.preset,
    engine: options.engine,
    seed: metadata.seed,
    parameters: countParameters(architecture).trainable,
    weightsSha256: metadata.weightsSha256,
    modelDir,
    ...(others.length > 0 && { ensemble: others.map((other) => other.modelDir) }),
    dataset: source,
    datasetSha256: checksum,
    numUnread: rejected.length,
    imagesPerSecond: labelled.count / seconds,
  };
}

async function writeCsv(file: string, table: string): Promise<void> {
  try {
    await writeFileSafely(file, table);
  } catch (cause) {
    throw new Error(`evaluate: --csv must be a file that can be written, got ${file}`, { cause });
  }
}

/** Opens the other members of an ensemble. */
async function openEnsemble(
  { ensemble = [], split = 'test' }: EvaluateOptions,
  { classNames }: ModelMetadata,
): Promise<{ model: Model; modelDir: string }[]> {
  if (ensemble.length > 0 && split !== 'test') {
    throw new UsageError(
      `evaluate: --ensemble must be read on the test split, got ${split}; each model trained on other images of it`,
    );
  }
  const others = await Promise.all(ensemble.map(openModel));
  for (const { model, modelDir } of others) {
    const names = model.metadata.classNames.join(', ');
    if (names !== classNames.join(', ')) {
      throw new Error(
        `evaluate: --ensemble must have the classes ${classNames.join(', ')}, got ${names} in ${modelDir}`,
      );
    }
  }
  return others;
}

/** Returns how the model's training cut off its validation split; null if the model does not know. */
function validationCutOf({ seed, validationSize }: ModelMetadata): SplitChoice['cut'] {
  return seed === null || validationSize === null ? null : { seed, validationSize };
}
