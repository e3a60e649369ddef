import { PRESET_NAMES } from '@digits/model';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { INTERRUPTED, note, UsageError, wholeNumber, withCommonOptions } from '../command-line.ts';
import { checkEngineChoice, type EngineChoice, withEngineOptions } from '../engines.ts';
import { formatFigures } from '../figures.ts';
import { PREPROCESSINGS, type Preprocessing } from '../prepared-data.ts';
import { createProgressDisplay, formatDuration, type ProgressDisplay } from '../progress.ts';
import { defaultRunFolder, readRunRequest } from '../run-folder.ts';
import type { TrainingEvent, TrainingSummary } from '../training-job.ts';
import { isPresetName, readConfigFile, type TrainingRequest } from '../training-request.ts';

interface TrainOptions extends EngineChoice {
  readonly preset: string;
  readonly epochs?: number;
  readonly seed?: number;
  readonly dataset: string;
  readonly config?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly preprocess?: Preprocessing;
  readonly json?: boolean;
  readonly debug?: boolean;
}

const DEFAULT_SEED = 42;

/** `train`: trains a network into a run folder, then reads the test split once. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('Train a network into a run folder, then evaluate it on the test split.')
    .addOption(new Option('--preset <name>', 'recipe to follow').choices(PRESET_NAMES).default('fast'))
    .addOption(new Option('--epochs <n>', 'passes over the training images').argParser(wholeNumber(1, 100_000)))
    .addOption(
      new Option('--seed <n>', `keys every random number of the run (default: ${DEFAULT_SEED})`).argParser(
        wholeNumber(0),
      ),
    )
    .addOption(
      new Option('--dataset <mnist|DIR>', 'the embedded MNIST, or a folder with four IDX files').default('mnist'),
    )
    .addOption(
      new Option(
        '--preprocess <how>',
        'whether images go through the picture path (default: those not 28x28 do)',
      ).choices(PREPROCESSINGS),
    )
    .addOption(new Option('--config <FILE>', 'JSON with these options and any setting of the preset'))
    .addOption(new Option('--out <DIR>', 'run folder to write (default: runs/<time>-<preset>-<seed>)'))
    .addOption(new Option('--resume', 'go on with the run in --out'));
  return withCommonOptions(withEngineOptions(command))
    .addHelpText(
      'after',
      `
Examples:
  $ npm run train -- --preset mlp --seed 1
  $ npm run train -- --preset fast --dataset ./fashion-mnist --out runs/fashion
  $ npm run train -- --preset accurate --out runs/best
  $ npm run train -- --out runs/best --resume`,
    )
    .action(async (_options: TrainOptions, thisCommand: Command) => {
      const options = thisCommand.opts<TrainOptions>();
      const request = await requestOf(thisCommand, options);
      const { summary, interrupted } = await runInWorker(request);
      note(formatFigures(summary.test));
      note(`Model: ${summary.modelDir}`);
      if (options.json === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
      if (interrupted) process.exitCode = INTERRUPTED;
    });
}

/** Puts the request together: options of the command line before those of the file, and these before the defaults. */
async function requestOf(command: Command, options: TrainOptions): Promise<TrainingRequest> {
  const file = options.config === undefined ? { options: {}, settings: {} } : await readConfigFile(options.config);
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  for (const [name, value] of Object.entries(file.options)) {
    if (!isGiven(name)) setOptionFromFile(command, name, value);
  }
  const merged = command.opts<TrainOptions>();
  const { epochs, seed, preprocess } = merged;
  const settings = { ...file.settings, ...(epochs !== undefined && { epochs }), ...(seed !== undefined && { seed }) };
  if (merged.resume === true) return resumedRequest(command, merged, settings);
  if (!isPresetName(merged.preset)) throw new UsageError(`train: --preset is unknown, got ${merged.preset}`);
  const keyedSeed = 'seed' in settings ? settings.seed : DEFAULT_SEED;
  const request: TrainingRequest = {
    preset: merged.preset,
    dataset: datasetOf(merged.dataset),
    engine: { engine: merged.engine, tfjsBackend: merged.tfjsBackend, threads: merged.threads },
    out: resolve(merged.out ?? defaultRunFolder(merged.preset, JSON.stringify(keyedSeed), new Date())),
    resume: false,
    ...(preprocess !== undefined && { preprocess }),
    settings: { ...settings, seed: keyedSeed },
  };
  checkEngineChoice(request.engine);
  return request;
}

/** Reads an option of the file as if it stood on the command line, so that the same checks apply. */
function setOptionFromFile(command: Command, name: string, value: unknown): void {
  const option = command.options.find((candidate) => candidate.attributeName() === name);
  if (option === undefined || (typeof value !== 'string' && typeof value !== 'number')) {
    throw new UsageError(`train: ${name} in --config must be a string or a number, got ${JSON.stringify(value)}`);
  }
  try {
    const parsed: unknown = option.parseArg === undefined ? value : option.parseArg<unknown>(String(value), undefined);
    command.setOptionValueWithSource(name, parsed, 'config');
  } catch (cause) {
    throw new UsageError(`train: ${name} in --config is not valid, got ${JSON.stringify(value)}`, { cause });
  }
}

/** A resumed run is the one that its folder describes; the engine alone may be another. */
async function resumedRequest(
  command: Command,
  options: TrainOptions,
  settings: Readonly<Record<string, unknown>>,
): Promise<TrainingRequest> {
  if (options.out === undefined) throw new UsageError('train: --resume must go with --out DIR, the run to go on with');
  const out = resolve(options.out);
  const then = await readRunRequest(out);
  const isGiven = (name: string) => command.getOptionValueSource(name) !== 'default' && name in options;
  const request: TrainingRequest = {
    ...then,
    out,
    resume: true,
    ...(isGiven('preset') && isPresetName(options.preset) && { preset: options.preset }),
    ...(isGiven('dataset') && { dataset: datasetOf(options.dataset) }),
    engine: {
      engine: isGiven('engine') ? options.engine : then.engine.engine,
      tfjsBackend: isGiven('tfjsBackend') ? options.tfjsBackend : then.engine.tfjsBackend,
      threads: isGiven('threads') ? options.threads : then.engine.threads,
    },
    settings: { ...then.settings, ...settings },
  };
  checkEngineChoice(request.engine);
  return request;
}

function datasetOf(source: string): string {
  return source === 'mnist' ? source : resolve(source);
}

/** Runs the job off the main thread. The first Ctrl-C ends it with the best weights so far, the second at once. */
async function runInWorker(request: TrainingRequest): Promise<{ summary: TrainingSummary; interrupted: boolean }> {
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
