import { type Architecture, isPixelPreset } from '@digits/model';
import type { Command, Option } from 'commander';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { UsageError } from '../command-line.ts';
import { jsonObject, parseJson } from '../json.ts';
import { defaultRunFolder, preprocessingOf, readRunRequest } from '../run/run-folder.ts';
import { openAnyModel } from '../run/trained-model.ts';
import { checkSettingNames, GENERATED_PAGES, isPresetName, type RunRequest } from '../run/training-request.ts';
import { checkEngineChoice } from './options.ts';
import { DEFAULT_SEED, SETTING_OPTIONS, settingsOfOptions, type TrainingOptions } from './train-options.ts';

/**
 * Puts the request together: options of the command line before those of the file, and these before the defaults.
 *
 * @param varied settings that get a value elsewhere, which no option may give too
 * @throws UsageError for options that do not fit together
 */
export async function runRequestOf(command: Command, varied: readonly string[] = []): Promise<RunRequest> {
  const { config } = command.opts<TrainingOptions>();
  const file = config === undefined ? { options: {}, settings: {} } : await readConfigFile(config, command.options);
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  for (const [name, value] of Object.entries(file.options)) {
    if (!isGiven(name)) setOptionFromFile(command, name, value);
  }
  const options = command.opts<TrainingOptions>();
  const { set = {} } = options;
  checkSettingNames(Object.keys(file.settings), '--config');
  checkSettingNames(Object.keys(set), '--set');
  const settings = {
    ...(await architectureOf(command, options)),
    ...file.settings,
    ...set,
    ...settingsOfOptions(options, Object.keys(set), varied),
  };
  const request =
    options.resume === true
      ? await resumedRequest(command, options, settings)
      : newRequest(
          { ...options, preset: await presetOf(command, options) },
          { ...settings, seed: 'seed' in settings ? settings.seed : DEFAULT_SEED },
        );
  checkEngineChoice(request.engine);
  if (isPixelPreset(request.preset)) checkPagesAlone(command, request.preset);
  return request;
}

/** Options that say which labelled images are read. */
const DATASET_OPTIONS = ['dataset', 'add', 'preprocess', 'skipBroken', 'cache'] as const;

/**
 * Refuses images for a preset that generates its pages.
 *
 * @throws UsageError naming the option
 */
function checkPagesAlone(command: Command, preset: string): void {
  const options = command.opts<TrainingOptions>();
  for (const name of DATASET_OPTIONS) {
    const value = options[name];
    const isDefault = command.getOptionValueSource(name) === 'default' || value === undefined;
    // The file of an earlier run names what stands for its pages.
    if (isDefault || (name === 'dataset' && value === GENERATED_PAGES)) continue;
    throw new UsageError(
      `train: --${name} must be left out with the preset ${preset}, which generates its pages, got ${String(value)}`,
    );
  }
}

/** A model that is started from has its layers of its preset, so that is the one to follow unless another is named. */
async function presetOf(command: Command, { preset, init }: TrainingOptions): Promise<string> {
  if (init === undefined || command.getOptionValueSource('preset') !== 'default') return preset;
  return (await openAnyModel(init)).model.metadata.preset ?? preset;
}

/** A model without a preset, as of another framework, brings its own layers, unless a preset is named. */
async function architectureOf(
  command: Command,
  { init, resume }: TrainingOptions,
): Promise<{ architecture?: Architecture }> {
  if (init === undefined || resume === true || command.getOptionValueSource('preset') !== 'default') return {};
  const { architecture, metadata } = (await openAnyModel(init)).model;
  return metadata.preset === null ? { architecture } : {};
}

function newRequest(options: TrainingOptions, settings: Readonly<Record<string, unknown>>): RunRequest {
  const { preset, preprocess, skipBroken, cache, add, init, tensorboard, engine, tfjsBackend, threads } = options;
  if (!isPresetName(preset)) throw new UsageError(`train: --preset is unknown, got ${preset}`);
  return {
    preset,
    dataset: isPixelPreset(preset) ? GENERATED_PAGES : datasetOf(options.dataset),
    engine: { engine, tfjsBackend, threads },
    out: resolve(options.out ?? defaultRunFolder(preset, JSON.stringify(settings.seed), new Date())),
    resume: false,
    ...(preprocess !== undefined && { preprocess }),
    ...(skipBroken === true && { skipBroken }),
    ...(cache !== undefined && { cache: resolve(cache) }),
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
 * @throws UsageError if an option that must stay is given another value
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

/** What a configuration file sets. */
interface ConfigFile {
  /** Options of the command line, by commander's names. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Everything else: settings of the training. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Options that a file must not set: itself, and what only makes sense at the keyboard. */
const NEVER_IN_FILE = ['config', 'help', 'set', 'try', 'space'];

/**
 * Reads `--config FILE`: a JSON object of command line options, by their names with or without dashes, and of training settings. The
 * `config.json` of a run is taken too and asks for the same run in another folder.
 *
 * @throws UsageError if it cannot be read or is not a JSON object
 */
async function readConfigFile(path: string, known: readonly Option[]): Promise<ConfigFile> {
  let content: Readonly<Record<string, unknown>>;
  try {
    content = parseJson(await readFile(path, 'utf8'), jsonObject, 'its content');
  } catch (cause) {
    throw new UsageError(`train: --config must be a readable JSON file, got ${path}`, { cause });
  }
  const { request, config } = content;
  const fields =
    v.is(jsonObject, request) && v.is(jsonObject, config)
      ? fieldsOfRun({ ...preprocessingOf(content), ...request })
      : content;
  const options: Record<string, unknown> = {};
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const name = optionName(key, known);
    if (name === null) settings[key] = value;
    else if (isSettingOption(name)) settings[SETTING_OPTIONS[name]] = value;
    else options[name] = value;
  }
  return { options, settings };
}

function optionName(key: string, known: readonly Option[]): string | null {
  const option = known.find((candidate) => candidate.attributeName() === key || candidate.name() === key);
  const name = option?.attributeName() ?? null;
  return name === null || NEVER_IN_FILE.includes(name) ? null : name;
}

function isSettingOption(name: string): name is keyof typeof SETTING_OPTIONS {
  return Object.hasOwn(SETTING_OPTIONS, name);
}

/** A run's own folder and where it went on are not part of what is asked for again. */
function fieldsOfRun({ settings, engine, ...request }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...request, ...(engine as object), ...(settings as object) };
  delete fields.out;
  delete fields.resume;
  return fields;
}
