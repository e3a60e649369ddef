import { countParameters, describeArchitecture, isPixelPreset } from '@digits/model';
import { Command, Option } from 'commander';
import { INTERRUPTED, note } from '../command-line.ts';
import { formatFigures, formatPixelFigures } from '../formats.ts';
import { configForDataset, openRequested } from '../run/class-run.ts';
import { createReadingDisplay } from '../run/progress.ts';
import { formatFolds, runFolds } from '../run/folds.ts';
import { trainInWorker } from '../run/train-in-worker.ts';
import { configFor, type RunRequest } from '../run/training-request.ts';
import { wholeNumber, withCommonOptions } from './options.ts';
import { withTrainingOptions } from './train-options.ts';
import { runRequestOf } from './train-request.ts';

/** `train`: trains a network into a run folder, then reads the test split once. */
export function trainCommand(): Command {
  const command = withTrainingOptions(
    new Command('train').description('Train a network into a run folder, then evaluate it on the test split.'),
  )
    .addOption(new Option('--dry-run', 'print the resolved settings and do nothing'))
    .addOption(
      new Option(
        '--folds <k>',
        'cross-validate the training images in k stratified folds instead; prints mean and deviation',
      ).argParser(wholeNumber(2, 100)),
    );
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
The run folder holds config.json, history.jsonl (one line per epoch), steps.jsonl (loss by step), checkpoint.bin, model/, metrics.json,
predictions.csv (of the test split, not for ink) and report.html. Weights do not depend on the threads.
The preset ink generates its pages and reads no data set; it is measured on pages with other kinds of paper and writing.
Images that cannot be prepared are left out of training and of the figures, and listed in rejected.csv of the run folder.

Examples:
  $ npm run train -- --preset mlp --seed 1
  $ npm run train -- --preset fast --dataset ./fashion-mnist --out runs/fashion
  $ npm run train -- --dataset ./my-letters            one subfolder of pictures for each class
  $ npm run train -- --add ./my-digits --init runs/best --set learningRate=0.001
  $ npm run train -- --config runs/best/config.json    the same run again
  $ npm run train -- --preset accurate --dry-run
  $ npm run train -- --preset ink                      finds ink and printed lines
  $ npm run train -- --folds 5 --out runs/folds        how much the accuracy depends on the images; reads no test split
  $ npm run train -- --set sampling=balanced           for classes of very different sizes
  $ npm run train -- --out runs/best --resume`,
    )
    .action(async (_options: object, thisCommand: Command) => {
      const request = await runRequestOf(thisCommand);
      const { json, dryRun, folds } = thisCommand.opts<{ json?: boolean; dryRun?: boolean; folds?: number }>();
      if (dryRun === true) {
        await printPlan(request, json === true);
        return;
      }
      if (folds !== undefined) {
        const summary = await runFolds(request, folds);
        note(formatFolds(summary));
        if (json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
        return;
      }
      const { summary, interrupted } = await trainInWorker(request);
      note('figures' in summary ? formatPixelFigures(summary.figures) : formatFigures(summary.test));
      note(`Model: ${summary.modelDir}`);
      note(`Report: ${summary.report}`);
      if (json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
      if (interrupted) process.exitCode = INTERRUPTED;
    });
}

/** Prints what a run would do. */
async function printPlan(request: RunRequest, json: boolean): Promise<void> {
  const { config, ...data } = isPixelPreset(request.preset) ? planPages(request) : await planDataset(request);
  const parameters = countParameters(config.architecture).trainable;
  note(describeArchitecture(config.architecture));
  process.stdout.write(`${JSON.stringify({ request, config, ...data, parameters }, null, json ? undefined : 2)}\n`);
}

/** The data set is read because the network depends on its images and classes. */
async function planDataset(request: RunRequest) {
  const opened = await openRequested(request, createReadingDisplay());
  const { train, validation, test, classNames, checksum, rejected, notes } = opened;
  notes.forEach(note);
  const config = configForDataset(request, opened);
  const numTraining = validation === null ? train.count - config.validationSize : train.count;
  const numRejected = rejected.length;
  return { config, dataset: { sha256: checksum, classNames, numTraining, numTest: test.count, numRejected } };
}

function planPages(request: RunRequest) {
  const config = configFor(request, null);
  return { config, pages: { numTraining: config.pages?.count ?? 0, numValidation: config.validationSize } };
}
