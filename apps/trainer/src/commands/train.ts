import { countParameters, describeArchitecture } from '@digits/model';
import { Command, Option } from 'commander';
import { Worker } from 'node:worker_threads';
import { INTERRUPTED, note, UsageError, withCommonOptions } from '../command-line.ts';
import { openDataset } from '../datasets.ts';
import { formatFigures } from '../figures.ts';
import { createProgressDisplay, formatDuration, type ProgressDisplay } from '../progress.ts';
import { trainingRequestOf, withTrainingOptions } from '../train-options.ts';
import type { TrainingEvent } from '../training-job.ts';
import type { TrainingSummary } from '../training-summary.ts';
import { configFor, type RunRequest } from '../training-request.ts';

/** `train`: trains a network into a run folder, then reads the test split once. */
export function trainCommand(): Command {
  const command = withTrainingOptions(
    new Command('train').description('Train a network into a run folder, then evaluate it on the test split.'),
  ).addOption(new Option('--dry-run', 'print what would be done, every setting resolved, and do nothing'));
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
The run folder holds config.json, history.jsonl (a line an epoch), checkpoint.bin, model/, metrics.json,
predictions.csv (of the test split) and report.html. Weights do not depend on the threads.

Examples:
  $ npm run train -- --preset mlp --seed 1
  $ npm run train -- --preset fast --dataset ./fashion-mnist --out runs/fashion
  $ npm run train -- --dataset ./my-letters            one subfolder of pictures for each class
  $ npm run train -- --add ./my-digits --init runs/best --set learningRate=0.001
  $ npm run train -- --config runs/best/config.json    the same run again
  $ npm run train -- --preset accurate --dry-run
  $ npm run train -- --out runs/best --resume`,
    )
    .action(async (_options: object, thisCommand: Command) => {
      const request = await trainingRequestOf(thisCommand);
      const { json, dryRun } = thisCommand.opts<{ json?: boolean; dryRun?: boolean }>();
      if (dryRun === true) {
        await printPlan(request, json === true);
        return;
      }
      const { summary, interrupted } = await trainInWorker(request);
      note(formatFigures(summary.test));
      note(`Model: ${summary.modelDir}`);
      note(`Report: ${summary.report}`);
      if (json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
      if (interrupted) process.exitCode = INTERRUPTED;
    });
}

/** Says what a run would do. The data set is read, since the network depends on its images and classes. */
async function printPlan(request: RunRequest, json: boolean): Promise<void> {
  const { dataset: source, preprocess, add } = request;
  const { train, test, classNames, checksum } = await openDataset({ source, preprocess, add });
  const config = configFor(request, train);
  const plan = {
    request,
    config,
    dataset: { sha256: checksum, classNames, numTraining: train.count - config.validationSize, numTest: test.count },
    parameters: countParameters(config.architecture).trainable,
  };
  note(describeArchitecture(config.architecture));
  process.stdout.write(`${JSON.stringify(plan, null, json ? undefined : 2)}\n`);
}

/** Runs a training off the main thread, showing its progress. The first Ctrl-C ends it with the best weights so far, the second at once. */
export async function trainInWorker(request: RunRequest): Promise<{ summary: TrainingSummary; interrupted: boolean }> {
  const worker = new Worker(new URL('./training-worker.js', import.meta.url), { workerData: request });
  const display = createProgressDisplay();
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) process.exit(INTERRUPTED);
    interrupted = true;
    display.line('Stopping after this step; the best weights so far are kept. Ctrl-C again stops at once.');
    worker.postMessage('abort');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const summary = await new Promise<TrainingSummary>((done, fail) => {
      worker.on('message', (event: TrainingEvent) => {
        showEvent(event, display);
        if (event.type === 'done') done(event.summary);
        if (event.type === 'failed') fail(failureOf(event));
      });
      worker.on('error', fail);
      worker.on('exit', () => {
        fail(new Error('train: the training thread must end with a result, got none'));
      });
    });
    return { summary, interrupted };
  } finally {
    display.stop();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function showEvent(event: TrainingEvent, display: ProgressDisplay): void {
  switch (event.type) {
    case 'note':
      display.line(event.text);
      return;
    case 'progress':
      display.update(event.progress);
      return;
    case 'epoch': {
      const { epoch, trainLoss, validationLoss, validationAccuracy, seconds } = event.summary;
      display.line(
        `epoch ${epoch + 1}/${event.numEpochs}  loss ${trainLoss.toFixed(4)}  ` +
          `validation loss ${validationLoss.toFixed(4)}  validation accuracy ${validationAccuracy.toFixed(4)}  ` +
          formatDuration(seconds),
      );
      return;
    }
    case 'done':
    case 'failed':
      display.stop();
  }
}

function failureOf({ message, stack, isUsageError }: Extract<TrainingEvent, { type: 'failed' }>): Error {
  const failure = isUsageError ? new UsageError(message) : new Error(message);
  failure.stack = stack;
  return failure;
}
