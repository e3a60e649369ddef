import { settingName } from '@digits/model';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../command-line.ts';
import type { Preprocessing } from '../dataset/prepare-images.ts';
import type { EngineChoice } from '../run/engine.ts';
import { ALL_PRESETS } from '../run/training-request.ts';
import { parseValue } from '../sweep/space.ts';
import { DATASET_HELP, realNumber, wholeNumber, withEngineOptions, withReadingOptions } from './options.ts';

/** Options that say what is trained; commander's names. */
export interface TrainingOptions extends EngineChoice {
  readonly preset: string;
  readonly epochs?: number;
  readonly seed?: number;
  readonly lr?: number;
  readonly batchSize?: number;
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

/** Options that are settings too, by commander's names: what they set. */
export const SETTING_OPTIONS = {
  epochs: 'epochs',
  seed: 'seed',
  lr: 'learningRate',
  batchSize: 'batchSize',
} as const satisfies Partial<Record<keyof TrainingOptions, string>>;

/**
 * Returns the settings that options and `--set` give together.
 *
 * @param names of what `--set` gives
 * @param varied names of what a sweep varies
 * @throws UsageError if one is given twice, or as a whole and in part
 */
export function settingsOfOptions(
  options: TrainingOptions,
  names: readonly string[],
  varied: readonly string[],
): Readonly<Record<string, number>> {
  const given = Object.entries(SETTING_OPTIONS).flatMap(([option, name]) => {
    const value = options[option as keyof typeof SETTING_OPTIONS];
    return value === undefined ? [] : [{ option: `--${kebabCase(option)}`, name: settingName(name), value }];
  });
  const withOption = (option: string) => (name: string) => ({ option: `${option} ${name}`, name: settingName(name) });
  const all = [...varied.map(withOption('--try')), ...names.map(withOption('--set')), ...given];
  for (const [i, first] of all.entries()) {
    const second = all.slice(i + 1).find(({ name }) => overlap(name, first.name));
    if (second !== undefined) {
      throw new UsageError(
        `train: ${first.option} must not go with ${second.option}, which sets it too; leave one out`,
      );
    }
  }
  return Object.fromEntries(given.map(({ name, value }) => [name, value]));
}

/** Whether one of two settings is the other or a part of it. */
function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
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
    'any setting of docs/settings.md, e.g. optimizer.type=sgd or earlyStopping.patience=2; can be repeated',
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
    .addOption(
      new Option('--lr <rate>', 'highest learning rate of the schedule; short for --set learningRate=<rate>').argParser(
        realNumber,
      ),
    )
    .addOption(new Option('--batch-size <n>', 'number of images in one step').argParser(wholeNumber(1, 65_536)))
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
  const [name, value] = splitSetting(text, before);
  return { ...before, [name]: parseValue(value) };
}

/**
 * @param before what was given before
 * @throws InvalidArgumentError if the text is not `name=value`, or the name was given before
 */
export function splitSetting(text: string, before: object): readonly [name: string, value: string] {
  const match = /^([A-Za-z][\w.]*)=(.+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be name=value, e.g. batchSize=64.');
  if (Object.hasOwn(before, match[1])) throw new InvalidArgumentError(`${match[1]} was given before; leave one out.`);
  return [match[1], match[2]];
}
