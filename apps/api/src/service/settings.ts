import { defaultThreads, MAX_THREADS } from '@digits/engine-simd/node';
import { pretrainedModelDirectory } from '@digits/model/node';
import { Command, InvalidArgumentError, Option } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

const MIB = 1024 * 1024;
const CORES = availableParallelism();

/** One setting of the service. */
interface Setting<Value> {
  /** Flag as commander reads it; the environment name follows from it. */
  readonly flag: string;
  readonly help: string;
  readonly fallback: Value;
  /** Default as `--help` shows it. */
  readonly shown: string;
  /** Validates a value from the command line or the environment; throws `InvalidArgumentError` with a sentence that starts with "It must". */
  readonly parse: (text: string) => Value;
}

function setting<Value>(
  flag: string,
  help: string,
  parse: (text: string) => Value,
  fallback: Value,
  shown = String(fallback),
): Setting<Value> {
  return { flag, help, parse, fallback, shown };
}

/** Every setting: flag, help, validation, default, and how the default is shown. To add a setting, add an entry. */
const SETTINGS = {
  modelDir: setting(
    '--model <DIR>',
    'run folder or model folder to serve',
    modelFolder,
    pretrainedModelDirectory(),
    'the bundled model',
  ),
  modelName: setting('--model-name <name>', 'model name in request paths', pathSegment, 'digits'),
  modelVersion: setting('--model-version <version>', 'model version in request paths', pathSegment, '1'),
  host: setting('--host <address>', 'address to listen on; 0.0.0.0 for all interfaces', String, 'localhost'),
  port: setting('--port <n>', 'port to listen on; 0 for any free port', integer(0, 65_535), 8080),
  threads: setting(
    '--threads <n>',
    "number of the engine's threads",
    integer(1, MAX_THREADS),
    defaultThreads(),
    `one per core, at most ${MAX_THREADS}`,
  ),
  maxBatch: setting(
    '--max-batch <n>',
    'maximum number of images of different requests in one batch',
    integer(1, 2048),
    64,
  ),
  batchWaitMs: setting(
    '--batch-wait <ms>',
    'how long an image waits for others to join its batch',
    integer(0, 1000),
    0,
  ),
  maxQueue: setting(
    '--max-queue <n>',
    'maximum number of images in the queue; requests beyond it get 503',
    integer(1, 1_000_000),
    4096,
  ),
  maxImages: setting('--max-images <n>', 'maximum number of images per request', integer(1, 1_000_000), 2048),
  pictureWorkers: setting(
    '--picture-workers <n>',
    'number of threads that read image files and drawings',
    integer(1, 64),
    Math.max(1, Math.min(4, CORES - 1)),
    'cores minus one, at most 4',
  ),
  maxPictures: setting(
    '--max-pictures <n>',
    'maximum number of image files and drawings that wait for a thread; requests beyond it get 503',
    integer(1, 10_000),
    32,
  ),
  /** In bytes. */
  maxBody: setting(
    '--max-body <MiB>',
    'maximum size of a request body',
    (text) => integer(1, 1024)(text) * MIB,
    16 * MIB,
    '16',
  ),
  maxPixels: setting(
    '--max-pixels <n>',
    'maximum width times height of an image file, checked before decoding',
    integer(1, 50_000_000),
    24_000_000,
  ),
  timeoutMs: setting(
    '--timeout <ms>',
    'time limit for receiving a request, and for reading an image file or a drawing',
    integer(100, 600_000),
    10_000,
  ),
  rateLimit: setting(
    '--rate-limit <n>',
    'maximum number of requests per minute and client address; 0 for no limit',
    integer(0, 1e9),
    6000,
  ),
  /** Empty for none, `*` for all. */
  corsOrigins: setting(
    '--cors <origins>',
    'origins allowed to call the API from a browser, separated by commas; * for all',
    origins,
    [],
    'none',
  ),
  tokens: setting(
    '--tokens-file <FILE>',
    'file with one bearer token per line; each request must send one of them',
    readTokens,
    [],
    'no token needed',
  ),
  // With an optional value: for a flag without one, commander reads any value in the environment, even `false`, as true.
  trustProxy: setting(
    '--trust-proxy [boolean]',
    'take the client address from the last entry of X-Forwarded-For, which one proxy in front sets',
    trueOrFalse,
    false,
  ),
  drainMs: setting(
    '--drain <ms>',
    'how long requests are accepted after SIGTERM, while readiness is already false',
    integer(0, 600_000),
    0,
  ),
  logLevel: setting(
    '--log-level <level>',
    'minimum level that is logged: fatal, error, warn, info, debug or silent',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'silent'),
    'info',
  ),
};

type Table = typeof SETTINGS;

/** Settings of the service, from the command line, the environment or the defaults. */
export type Settings = { readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never };

/** Returns the settings whose values the command line and the environment leave out. */
export function defaultSettings(): Settings {
  return mapSettings(({ fallback }) => fallback);
}

/** Creates the command; `settingsOf` reads its values. */
export function apiCommand(version: string): Command {
  const command = new Command('digits-api')
    .description('Serves the digit recogniser over HTTP.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(run with --help to list all options)')
    .addHelpText('after', '\nYou can also set each option in the environment: --max-queue is DIGITS_MAX_QUEUE.');
  for (const { flag, help, parse, fallback, shown } of Object.values<Setting<unknown>>(SETTINGS)) {
    const option = new Option(flag, help).default(fallback, shown).argParser(parse);
    command.addOption(option.env(`DIGITS_${option.name().replaceAll('-', '_').toUpperCase()}`));
  }
  return command;
}

/**
 * Reads the settings from a parsed command.
 *
 * @throws CommanderError if options contradict each other
 */
export function settingsOf(command: Command): Settings {
  const settings = mapSettings(({ flag }) => command.getOptionValue(new Option(flag).attributeName()));
  const { maxImages, maxQueue } = settings;
  if (maxImages > maxQueue) {
    command.error(`error: --max-images must be at most --max-queue ${maxQueue}, got ${maxImages}`);
  }
  return settings;
}

function mapSettings(valueOf: (setting: Setting<unknown>) => unknown): Settings {
  const entries = Object.entries<Setting<unknown>>(SETTINGS);
  return Object.fromEntries(entries.map(([name, entry]) => [name, valueOf(entry)])) as Settings;
}

/** A run folder keeps its model in the subfolder `model`. */
function modelFolder(text: string): string {
  const folder = resolve(text);
  const inRun = join(folder, 'model');
  return existsSync(join(inRun, 'model.json')) ? inRun : folder;
}

/** @throws Error if the file can't be read or holds no token */
function readTokens(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(resolve(file), 'utf8');
  } catch (cause) {
    throw new Error(`--tokens-file must be a readable file, got ${file}`, { cause });
  }
  const tokens = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (tokens.length === 0) throw new Error(`--tokens-file must contain at least one token, got none in ${file}`);
  return tokens;
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function oneOf<Choice extends string>(...choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) throw new InvalidArgumentError(`It must be ${EITHER.format(choices)}.`);
    return found;
  };
}

function trueOrFalse(text: string): boolean {
  return oneOf('true', 'false')(text) === 'true';
}

function pathSegment(text: string): string {
  if (!/^[\w.-]{1,100}$/.test(text)) {
    throw new InvalidArgumentError('It must be 1 to 100 letters, digits, dots, hyphens or underscores.');
  }
  return text;
}

function origins(text: string): readonly string[] {
  return text.split(',').map((part) => {
    const origin = part.trim();
    if (origin !== '*' && !(URL.canParse(origin) && new URL(origin).origin === origin)) {
      throw new InvalidArgumentError('It must be origins such as https://example.org, or *.');
    }
    return origin;
  });
}
