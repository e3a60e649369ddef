import { defaultThreads, MAX_THREADS } from '@digits/engine-simd/node';
import { pretrainedModelDirectory } from '@digits/model/node';
import { Command, InvalidArgumentError, Option } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { TokenFile } from './tokens.ts';

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
  /** Validates a value from the command line, the environment or the settings file; throws `InvalidArgumentError` with a sentence that starts with "It must". */
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
  configFile: setting<string | null>(
    '--config <FILE>',
    'JSON file with settings, named like the options without dashes in front',
    (file) => resolve(file),
    null,
    'none',
  ),
  host: setting('--host <address>', 'address to listen on; 0.0.0.0 for all interfaces', String, 'localhost'),
  port: setting('--port <n>', 'port to listen on; 0 for any free port', integer(0, 65_535), 8080),
  adminPort: setting<number | null>(
    '--admin-port <n>',
    'another port for metrics and documentation, which needs no token; 0 for any free port',
    integer(0, 65_535),
    null,
    'the same port',
  ),
  threads: setting(
    '--threads <n>',
    "number of the engine's threads",
    integer(1, MAX_THREADS),
    defaultThreads(),
    `one per core, at most ${MAX_THREADS}`,
  ),
  maxBatch: setting('--max-batch <n>', 'maximum number of images in one call of the network', integer(1, 2048), 32),
  batchWaitMs: setting(
    '--batch-wait <ms>',
    'how long an image waits for others to join its batch',
    integer(0, 1000),
    0,
  ),
  maxQueue: setting(
    '--max-queue <n>',
    'maximum number of images in the queue, half of it for one client; requests beyond it get 503',
    integer(1, 1_000_000),
    8192,
  ),
  maxImages: setting('--max-images <n>', 'maximum number of images per request', integer(1, 1_000_000), 2048),
  pictureWorkers: setting(
    '--picture-workers <n>',
    'number of processes that read image files and drawings; one client may occupy all but one',
    integer(1, 64),
    Math.max(2, Math.min(5, CORES)),
    'one per core, from 2 to 5',
  ),
  maxPictures: setting(
    '--max-pictures <n>',
    'maximum number of image files and drawings that wait, half of them of one client; requests beyond it get 503',
    integer(1, 10_000),
    32,
  ),
  pictureWaitMs: setting(
    '--picture-wait <ms>',
    'maximum time that an image file or a drawing waits for a process; requests that would wait longer get 503',
    integer(100, 600_000),
    10_000,
  ),
  pictureTimeMs: setting(
    '--picture-time <ms>',
    'maximum processor time for an image file or a drawing',
    integer(100, 600_000),
    10_000,
  ),
  pictureMemoryMiB: setting(
    '--picture-memory <MiB>',
    'maximum memory of all processes that read image files and drawings; beyond it, the largest is ended',
    integer(256, 1_048_576),
    768,
  ),
  maxExplained: setting(
    '--max-explained <n>',
    'maximum number of digits that are explained per request',
    integer(1, 2500),
    16,
  ),
  /** In bytes. */
  maxBody: setting(
    '--max-body <MiB>',
    'maximum size of a request body',
    (text) => integer(1, 1024)(text) * MIB,
    16 * MIB,
    '16',
  ),
  /** In bytes. */
  maxJson: setting(
    '--max-json <MiB>',
    'maximum size of JSON in a request body',
    (text) => integer(1, 64)(text) * MIB,
    4 * MIB,
    '4',
  ),
  /** In bytes. */
  maxBodies: setting(
    '--max-bodies <MiB>',
    'maximum size of all request bodies in flight, half of it for one client; requests beyond it get 503',
    (text) => integer(1, 65_536)(text) * MIB,
    128 * MIB,
    '128',
  ),
  maxConnections: setting(
    '--max-connections <n>',
    'maximum number of connections, at most half of the files that the process may open',
    integer(1, 1_000_000),
    1024,
  ),
  maxPixels: setting(
    '--max-pixels <n>',
    'maximum width times height of an image file, checked before decoding',
    integer(1, 50_000_000),
    24_000_000,
  ),
  timeoutMs: setting('--timeout <ms>', 'time limit for receiving a request', integer(100, 600_000), 10_000),
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
  tokensFile: setting<string | null>(
    '--tokens-file <FILE>',
    'file with one bearer token per line, after the name of its client and a colon; each request must send one of them',
    tokensFile,
    null,
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
  shutdownMs: setting(
    '--shutdown-timeout <ms>',
    'how long accepted requests and slow readers of responses are waited for after --drain',
    integer(0, 600_000),
    20_000,
  ),
  feedbackStore: setting<string | null>(
    '--feedback-store <DIR>',
    'folder or s3://bucket/prefix where corrected images are stored; turns on POST /v1/feedback',
    storeAddress,
    null,
    'none',
  ),
  keepRejected: setting(
    '--keep-rejected [boolean]',
    'also store image files and drawings that are rejected as not a digit',
    trueOrFalse,
    false,
  ),
  maxFeedback: setting(
    '--max-feedback <n>',
    'maximum number of images in the store; nothing is stored beyond it',
    integer(1, 1_000_000),
    1000,
  ),
  /** In bytes. */
  maxFeedbackBytes: setting(
    '--max-feedback-size <MiB>',
    'maximum size of the store; nothing is stored beyond it',
    (text) => integer(1, 1_048_576)(text) * MIB,
    256 * MIB,
    '256',
  ),
  logLevel: setting(
    '--log-level <level>',
    'minimum level that is logged: fatal, error, warn, info, debug or silent',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'silent'),
    'info',
  ),
};

type Table = typeof SETTINGS;

/** Settings of the service, from the command line, the environment, the settings file or the defaults, in this order. */
export type Settings = { readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never };

/** Returns the settings whose values the command line and the environment leave out. */
export function defaultSettings(): Settings {
  return mapSettings(({ fallback }) => fallback);
}

/** Prefix of the environment variables. */
const PREFIX = 'DIGITS_';

/** Creates the command; `settingsOf` reads its values. */
export function apiCommand(version: string): Command {
  const command = new Command('digits-api')
    .description('Serves the digit recogniser over HTTP.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(run with --help to list all options)')
    .addHelpText(
      'after',
      '\nYou can also set each option in the environment (--max-queue is DIGITS_MAX_QUEUE) or in the JSON file that --config names ' +
        '({ "max-queue": 4096 }). The command line comes first, then the environment, then the file.',
    );
  for (const { flag, help, parse, fallback, shown } of Object.values<Setting<unknown>>(SETTINGS)) {
    const option = new Option(flag, help).default(fallback, shown).argParser(parse);
    command.addOption(option.env(`${PREFIX}${option.name().replaceAll('-', '_').toUpperCase()}`));
  }
  return command;
}

/**
 * Reads the settings from a parsed command, and from the settings file that it names.
 *
 * @throws CommanderError if options contradict each other, or the environment or the settings file has unknown names
 */
export function settingsOf(command: Command, environment: NodeJS.ProcessEnv = process.env): Settings {
  requireKnownVariables(command, environment);
  const file = command.getOptionValue(new Option(SETTINGS.configFile.flag).attributeName()) as string | null;
  if (file !== null) applyFile(command, file);
  const settings = mapSettings(({ flag }) => command.getOptionValue(new Option(flag).attributeName()));
  const { maxImages, maxQueue, maxBody, maxBodies } = settings;
  if (2 * maxImages > maxQueue) {
    command.error(`error: --max-images must be at most half of --max-queue ${maxQueue}, got ${maxImages}`);
  }
  if (4 * maxBody > maxBodies) {
    const [body, bodies] = [maxBody / MIB, maxBodies / MIB];
    command.error(`error: --max-body must be at most a quarter of --max-bodies ${bodies}, got ${body}`);
  }
  if (settings.keepRejected && settings.feedbackStore === null) {
    command.error('error: --keep-rejected must go with --feedback-store, got none; name a folder');
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

/**
 * Variables that Kubernetes makes for a service whose name starts with `digits-`, such as `DIGITS_API_SERVICE_HOST` and
 * `DIGITS_API_PORT_80_TCP_ADDR`.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const SERVICE_VARIABLE =
  /^DIGITS_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)=/;
const SERVICE_ADDRESS = /^DIGITS_\w+_PORT=(tcp|udp|sctp):/;

/** Refuses variables that look like settings and are none, because a misspelt setting would be ignored. */
function requireKnownVariables(command: Command, environment: NodeJS.ProcessEnv): void {
  const known = command.options.flatMap(({ envVar }) => envVar ?? []);
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || known.includes(name)) continue;
    const variable = `${name}=${value ?? ''}`;
    if (SERVICE_VARIABLE.test(variable) || SERVICE_ADDRESS.test(variable)) continue;
    command.error(`error: an environment variable ${PREFIX}* must be a setting, got ${name}${suggestion(name, known)}`);
  }
}

/** Gives the command the values of a settings file for the options that neither the command line nor the environment has set. */
function applyFile(command: Command, file: string): void {
  const options = command.options.filter((option) => option.envVar !== undefined && option.name() !== 'config');
  const names = options.map((option) => option.name());
  for (const [name, value] of Object.entries(readObject(command, file))) {
    const option = options.find((candidate) => candidate.name() === name);
    if (option === undefined) {
      command.error(`error: ${file} must have settings only, got "${name}"${suggestion(name, names)}`);
    }
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      command.error(
        `error: "${name}" in ${file} must be a string, a number or a boolean, got ${JSON.stringify(value)}`,
      );
    }
    const key = option.attributeName();
    if (command.getOptionValueSource(key) !== 'default') continue;
    command.setOptionValueWithSource(key, parseValue(command, option, String(value), file), 'config');
  }
}

function readObject(command: Command, file: string): object {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    command.error(`error: --config must be a readable JSON file, got ${file} (${reason})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    command.error(`error: --config must hold a JSON object such as { "port": 8080 }, got another value in ${file}`);
  }
  return value;
}

function parseValue(command: Command, option: Option, text: string, file: string): unknown {
  // Its declaration says that it returns nothing.
  const parse = option.parseArg as ((text: string, previous: unknown) => unknown) | undefined;
  try {
    return parse?.(text, undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return command.error(`error: value '${text}' of "${option.name()}" in ${file} is invalid. ${error.message}`);
  }
}

/** Returns advice with the most similar name. */
function suggestion(name: string, known: readonly string[]): string {
  const [nearest] = [...known].sort((a, b) => editDistance(name, a) - editDistance(name, b));
  return `; did you mean ${nearest}?`;
}

/**
 * Returns the number of characters to insert, delete or replace that turn one text into the other.
 *
 * @see https://en.wikipedia.org/wiki/Levenshtein_distance
 */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}

/** @throws Error if the file can't be read or holds no token */
function tokensFile(text: string): string {
  const file = resolve(text);
  new TokenFile(file);
  return file;
}

function storeAddress(text: string): string {
  if (!text.startsWith('s3:')) return resolve(text);
  if (!/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^\s]*)?$/.test(text)) {
    throw new InvalidArgumentError('It must be a folder or an address such as s3://bucket/prefix.');
  }
  return text.replace(/\/+$/, '');
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
