import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Preprocessing } from '../dataset/prepare-images.ts';
import type { EngineChoice } from '../run/engine.ts';
import { ALL_PRESETS } from '../run/training-request.ts';
import { DATASET_HELP, wholeNumber, withEngineOptions, withReadingOptions } from './options.ts';

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
  readonly skipBroken?: boolean;
  readonly cache?: string;
  readonly add?: string;
  readonly init?: string;
  readonly tensorboard?: boolean;
  readonly checkpointSeconds: number;
}

/** Seed of a run that names none. */
export const DEFAULT_SEED = 42;
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
    'any setting of the preset, e.g. batchSize=64 or learningRate=0.003; can be repeated',
  ).argParser(addSetting),
  out: new Option('--out <DIR>', 'run folder to write (default: runs/<time>-<preset>-<seed>)'),
};

/** Adds the options that say what is trained, on what and into which folder. */
export function withTrainingOptions(command: Command, { set, out } = OPTIONS_OF_ONE): Command {
  command
    .addOption(new Option('--preset <name>', 'preset to train').choices(ALL_PRESETS).default('fast'))
    .addOption(new Option('--epochs <n>', 'passes over the training images').argParser(wholeNumber(1, 100_000)))
    .addOption(
      new Option('--seed <n>', `seed of every random number of the run (default: ${DEFAULT_SEED})`).argParser(
        wholeNumber(0),
      ),
    )
    .addOption(set)
    .addOption(new Option('--dataset <mnist|PATH>', DATASET_HELP).default('mnist'))
    .addOption(new Option('--add <PATH>', 'more training images: another labelled set with the same classes'));
  withReadingOptions(command, 'resize; none if they are stored as pixels of 28x28')
    .addOption(
      new Option(
        '--init <DIR>',
        'start from the weights of a model or run folder with the same layers (default preset: that of the model)',
      ),
    )
    .addOption(
      new Option(
        '--config <FILE>',
        "JSON with these options and any setting of the preset; a run's config.json repeats it",
      ),
    )
    .addOption(out)
    .addOption(new Option('--resume', 'continue the run in --out'))
    .addOption(new Option('--tensorboard', 'also write the curves for TensorBoard into tensorboard/ of the run folder'))
    .addOption(
      new Option('--checkpoint-seconds <n>', 'seconds between checkpoints within an epoch')
        .argParser(wholeNumber(1, 86_400))
        .default(DEFAULT_CHECKPOINT_SECONDS),
    );
  return withEngineOptions(command);
}

/** Collects `--set name=value`; the value is JSON if it parses, else text. */
function addSetting(text: string, before: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const [name, value] = splitSetting(text);
  return { ...before, [name]: parseValue(value) };
}

/** @throws InvalidArgumentError if the text is not `name=value` */
export function splitSetting(text: string): readonly [name: string, value: string] {
  const match = /^([A-Za-z][\w.]*)=(.+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be name=value, e.g. batchSize=64.');
  return [match[1], match[2]];
}

/** @returns the parsed JSON, or the text itself if it is not JSON */
export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
