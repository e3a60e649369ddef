import { PRESET_NAMES } from '@digits/model';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import { readConfigFile } from './config-file.ts';
import { UsageError, wholeNumber } from './command-line.ts';
import { checkEngineChoice, type EngineChoice, withEngineOptions } from './engines.ts';
import { openModel } from './model-option.ts';
import { PREPROCESSINGS, type Preprocessing } from './prepared-data.ts';
import { defaultRunFolder, readRunRequest } from './run-folder.ts';
import { isPresetName, type RunRequest } from './training-request.ts';

/** Options that say what is trained; commander's names. */
export interface TrainingOptions extends EngineChoice {
  readonly preset: string;
  readonly epochs?: number;
  readonly seed?: number;
  readonly dataset: string;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly config?: string;
  readonly out?: string;
  readonly resume?: boolean;
  readonly preprocess?: Preprocessing;
  readonly add?: string;
  readonly init?: string;
  readonly tensorboard?: boolean;
  readonly checkpointSeconds: number;
}

const DEFAULT_SEED = 42;
const DEFAULT_CHECKPOINT_SECONDS = 60;

/** Options that mean something else for one training than for many. */
interface OwnOptions {
  /** How settings are given. */
  readonly set: Option;
  /** What is written where. */
  readonly out: Option;
}

const OPTIONS_OF_ONE: OwnOptions = {
  set: new Option(
    '--set <name=value>',
    'any setting of the preset, e.g. batchSize=64 or learningRate=0.003; can be given again',
  ).argParser(addSetting),
  out: new Option('--out <DIR>', 'run folder to write (default: runs/<time>-<preset>-<seed>)'),
};

/** Adds the options that say what is trained, on what and into which folder. */
export function withTrainingOptions(command: Command, { set, out } = OPTIONS_OF_ONE): Command {
  command
    .addOption(new Option('--preset <name>', 'recipe to follow').choices(PRESET_NAMES).default('fast'))
    .addOption(new Option('--epochs <n>', 'passes over the training images').argParser(wholeNumber(1, 100_000)))
    .addOption(
      new Option('--seed <n>', `keys every random number of the run (default: ${DEFAULT_SEED})`).argParser(
        wholeNumber(0),
      ),
    )
    .addOption(set)
    .addOption(
      new Option(
        '--dataset <mnist|DIR>',
        'the embedded MNIST, a folder with four IDX files, or one with a subfolder of pictures for each class',
      ).default('mnist'),
    )
    .addOption(new Option('--add <DIR>', 'more training pictures, in a subfolder for each class of the data set'))
    .addOption(
      new Option(
        '--preprocess <how>',
        'whether images of IDX files go through the picture path (default: those not 28x28 do)',
      ).choices(PREPROCESSINGS),
    )
    .addOption(
      new Option(
        '--init <DIR>',
        'start from the weights of a model or run folder with the same layers; --preset is its preset then',
      ),
    )
    .addOption(
      new Option(
        '--config <FILE>',
        "JSON with these options and any setting of the preset; a run's config.json repeats it",
      ),
    )
    .addOption(out)
    .addOption(new Option('--resume', 'go on with the run in --out'))
    .addOption(new Option('--tensorboard', 'write the curves for TensorBoard too, into tensorboard/ of the run folder'))
    .addOption(
      new Option('--checkpoint-seconds <n>', 'seconds after which an epoch under way is saved too')
        .argParser(wholeNumber(1, 86_400))
        .default(DEFAULT_CHECKPOINT_SECONDS),
    );
  return withEngineOptions(command);
}

/** Collects `--set name=value`; the value is JSON where it can be, text elsewhere. */
function addSetting(text: string, before: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const [name, value] = splitSetting(text);
  return { ...before, [name]: parseValue(value) };
}

/** @throws InvalidArgumentError where the text is not `name=value` */
export function splitSetting(text: string): readonly [name: string, value: string] {
  const match = /^([A-Za-z][\w.]*)=(.+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be name=value, e.g. batchSize=64.');
  return [match[1], match[2]];
}

/** @returns what the text says as JSON, the text itself where it is none */
export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * Puts the request together: options of the command line before those of the file, and these before the defaults.
 *
 * @throws UsageError for options that do not fit together
 */
export async function trainingRequestOf(command: Command): Promise<RunRequest> {
  const { config } = command.opts<TrainingOptions>();
  const file = config === undefined ? { options: {}, settings: {} } : await readConfigFile(config, command.options);
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  for (const [name, value] of Object.entries(file.options)) {
    if (!isGiven(name)) setOptionFromFile(command, name, value);
  }
  const options = command.opts<TrainingOptions>();
  const { epochs, seed } = options;
  const settings = {
    ...file.settings,
    ...options.set,
    ...(epochs !== undefined && { epochs }),
    ...(seed !== undefined && { seed }),
  };
  const request =
    options.resume === true
      ? await resumedRequest(command, options, settings)
      : newRequest(
          { ...options, preset: await presetOf(command, options) },
          { ...settings, seed: 'seed' in settings ? settings.seed : DEFAULT_SEED },
        );
  checkEngineChoice(request.engine);
  return request;
}

/** A model that is started from has its layers of its preset, so that is the one to follow unless another is named. */
async function presetOf(command: Command, { preset, init }: TrainingOptions): Promise<string> {
  if (init === undefined || command.getOptionValueSource('preset') !== 'default') return preset;
  return (await openModel(init)).model.metadata.preset ?? preset;
}

function newRequest(options: TrainingOptions, settings: Readonly<Record<string, unknown>>): RunRequest {
  const { preset, preprocess, add, init, tensorboard, engine, tfjsBackend, threads } = options;
  if (!isPresetName(preset)) throw new UsageError(`train: --preset is unknown, got ${preset}`);
  return {
    preset,
    dataset: datasetOf(options.dataset),
    engine: { engine, tfjsBackend, threads },
    out: resolve(options.out ?? defaultRunFolder(preset, JSON.stringify(settings.seed), new Date())),
    resume: false,
    ...(preprocess !== undefined && { preprocess }),
    ...(add !== undefined && { add: resolve(add) }),
    ...(init !== undefined && { init: resolve(init) }),
    ...(tensorboard === true && { tensorboard }),
    checkpointSeconds: options.checkpointSeconds,
    settings,
  };
}

/** Reads an option of the file as if it stood on the command line, so that the same checks apply. */
function setOptionFromFile(command: Command, name: string, value: unknown): void {
  const option = command.options.find((candidate) => candidate.attributeName() === name);
  const isFlag = option?.isBoolean() === true;
  if (option === undefined || (isFlag ? typeof value !== 'boolean' : !['string', 'number'].includes(typeof value))) {
    const kind = isFlag ? 'true or false' : 'a string or a number';
    throw new UsageError(`train: ${name} in --config must be ${kind}, got ${JSON.stringify(value)}`);
  }
  try {
    const parsed: unknown = option.parseArg === undefined ? value : option.parseArg<unknown>(String(value), undefined);
    command.setOptionValueWithSource(name, parsed, 'config');
  } catch (cause) {
    throw new UsageError(`train: ${name} in --config is not valid, got ${JSON.stringify(value)}`, { cause });
  }
}

/** Options that are the run's for good. */
const FIXED_OPTIONS = ['preprocess', 'add', 'init'] as const;

/**
 * A resumed run is the one that its folder describes; the engine and how often it is saved may be others.
 *
 * @throws UsageError where an option that must stay is given another value
 */
async function resumedRequest(
  command: Command,
  options: TrainingOptions,
  settings: Readonly<Record<string, unknown>>,
): Promise<RunRequest> {
  if (options.out === undefined) throw new UsageError('train: --resume must go with --out DIR, the run to go on with');
  const out = resolve(options.out);
  const then = await readRunRequest(out);
  const isGiven = (name: keyof TrainingOptions) =>
    command.getOptionValueSource(name) !== 'default' && options[name] !== undefined;
  for (const name of FIXED_OPTIONS) {
    const value = name === 'preprocess' || options[name] === undefined ? options[name] : resolve(options[name]);
    if (isGiven(name) && value !== then[name]) {
      throw new UsageError(
        `train: --${name} must be the run's own with --resume (${then[name] ?? 'none'}), got ${String(value)}; leave it out`,
      );
    }
  }
  return {
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
    ...(options.tensorboard === true && { tensorboard: true }),
    checkpointSeconds: options.checkpointSeconds,
    settings: { ...then.settings, ...settings },
  };
}

function datasetOf(source: string): string {
  return source === 'mnist' ? source : resolve(source);
}
