import { pretrainedModelDirectory } from '@digits/model/node';
import { Command, InvalidArgumentError, Option } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { DEFAULT_SETTINGS, type Settings } from './settings.ts';

/** engine-simd cuts a batch into 8 parts. */
const MAX_THREADS = 8;
const MIB = 1024 * 1024;
const LOG_LEVELS: readonly Settings['logLevel'][] = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'];

/** What the options are called; sizes in the units of the command line. */
interface Flags {
  readonly model?: string;
  readonly modelName: string;
  readonly modelVersion: string;
  readonly host: string;
  readonly port: number;
  readonly threads: number;
  readonly maxBatch: number;
  readonly batchWait: number;
  readonly maxQueue: number;
  readonly maxImages: number;
  readonly pictureWorkers: number;
  readonly maxPictures: number;
  readonly maxBody: number;
  readonly maxPixels: number;
  readonly timeout: number;
  readonly rateLimit: number;
  readonly cors: readonly string[];
  readonly tokensFile?: string;
  readonly trustProxy: boolean;
  readonly drain: number;
  readonly logLevel: Settings['logLevel'];
}

/** Makes the command; `settingsOf` reads what was given to it. */
export function apiCommand(version: string): Command {
  const cores = availableParallelism();
  const defaults = DEFAULT_SETTINGS;
  return new Command('digits-api')
    .description('Serves the recogniser over HTTP.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(--help says what can be given)')
    .addOption(option('--model <DIR>', 'a run folder or a model folder (default: the model that ships)'))
    .addOption(option('--model-name <name>', 'what clients call the model', aName).default(defaults.modelName))
    .addOption(option('--model-version <version>', 'and its version', aName).default(defaults.modelVersion))
    .addOption(option('--host <address>', 'where to listen; 0.0.0.0 for all addresses').default(defaults.host))
    .addOption(option('--port <n>', '0 for any that is free', whole(0, 65_535)).default(defaults.port))
    .addOption(
      option('--threads <n>', "the engine's", whole(1, MAX_THREADS)).default(
        Math.min(cores, MAX_THREADS),
        'one a core',
      ),
    )
    .addOption(
      option('--max-batch <n>', 'most images of different requests answered together', whole(1, 2048)).default(
        defaults.maxBatch,
      ),
    )
    .addOption(
      option('--batch-wait <ms>', 'how long an image waits for others', whole(0, 1000)).default(defaults.batchWaitMs),
    )
    .addOption(
      option('--max-queue <n>', 'most images that wait; more are refused with 503', whole(1, 1_000_000)).default(
        defaults.maxQueue,
      ),
    )
    .addOption(
      option('--max-images <n>', 'most images in one request', whole(1, 1_000_000)).default(defaults.maxImages),
    )
    .addOption(
      option('--picture-workers <n>', 'threads that read pictures and drawings', whole(1, 64)).default(
        Math.max(1, Math.min(4, cores - 1)),
        'one less than cores, at most 4',
      ),
    )
    .addOption(
      option(
        '--max-pictures <n>',
        'most pictures that wait for one; more are refused with 503',
        whole(1, 10_000),
      ).default(defaults.maxPictures),
    )
    .addOption(option('--max-body <MiB>', 'largest body', whole(1, 1024)).default(defaults.maxBody / MIB))
    .addOption(
      option('--max-pixels <n>', 'largest picture, width times height', whole(1, 50_000_000)).default(
        defaults.maxPixels,
      ),
    )
    .addOption(
      option('--timeout <ms>', 'for receiving a request, and for reading a picture', whole(100, 600_000)).default(
        defaults.timeoutMs,
      ),
    )
    .addOption(
      option('--rate-limit <n>', 'requests a minute from one address; 0 for no limit', whole(0, 1e9)).default(
        defaults.rateLimit,
      ),
    )
    .addOption(
      option('--cors <origins>', 'origins whose pages may ask, with commas between them; * for all', list).default(
        [],
        'none',
      ),
    )
    .addOption(option('--tokens-file <FILE>', 'bearer tokens, one a line, of which each request must bring one'))
    .addOption(
      option('--trust-proxy [boolean]', 'one proxy in front says who asks (X-Forwarded-For)', trueOrFalse).default(
        defaults.trustProxy,
      ),
    )
    .addOption(
      option('--drain <ms>', 'how long requests are still taken after SIGTERM', whole(0, 600_000)).default(
        defaults.drainMs,
      ),
    )
    .addOption(option('--log-level <level>', 'the least that is logged').choices(LOG_LEVELS).default(defaults.logLevel))
    .addHelpText('after', '\nEach option can be given in the environment instead: --max-queue as DIGITS_MAX_QUEUE.');
}

/** An option that the environment can give too. */
function option(flags: string, description: string, parse?: (text: string) => unknown): Option {
  const made = new Option(flags, description);
  made.env(`DIGITS_${made.name().replaceAll('-', '_').toUpperCase()}`);
  return parse === undefined ? made : made.argParser(parse);
}

/**
 * Reads what the command was given.
 *
 * @throws CommanderError where options contradict each other
 * @throws Error where the file of tokens can't be read
 */
export function settingsOf(command: Command): Settings {
  const { model, batchWait, maxBody, timeout, cors, tokensFile, drain, ...same } = command.opts<Flags>();
  if (same.maxImages > same.maxQueue) {
    command.error(`error: --max-images must be at most --max-queue ${same.maxQueue}, got ${same.maxImages}`);
  }
  return {
    ...same,
    modelDir: model === undefined ? pretrainedModelDirectory() : modelFolder(resolve(model)),
    batchWaitMs: batchWait,
    maxBody: maxBody * MIB,
    timeoutMs: timeout,
    corsOrigins: cors,
    tokens: tokensFile === undefined ? [] : readTokens(tokensFile),
    drainMs: drain,
  };
}

/** A run folder keeps its model in a folder of its own. */
function modelFolder(folder: string): string {
  const inRun = join(folder, 'model');
  return existsSync(join(inRun, 'model.json')) ? inRun : folder;
}

function readTokens(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(resolve(file), 'utf8');
  } catch (cause) {
    throw new Error(`--tokens-file must be a file that can be read, got ${file}`, { cause });
  }
  const tokens = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (tokens.length === 0) throw new Error(`--tokens-file must have a token at least, got none in ${file}`);
  return tokens;
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** For a flag with an optional value: of one without, commander takes any value in the environment, `false` too, for yes. */
function trueOrFalse(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It must be true or false.');
  return text === 'true';
}

/** A part of a path. */
function aName(text: string): string {
  if (!/^[\w.-]{1,100}$/.test(text))
    throw new InvalidArgumentError('It must be letters, digits, dots, hyphens and underscores.');
  return text;
}

function list(text: string): string[] {
  return text.split(',').map((origin) => {
    const trimmed = origin.trim();
    if (trimmed !== '*' && !(URL.canParse(trimmed) && new URL(trimmed).origin === trimmed)) {
      throw new InvalidArgumentError('It must be origins such as https://example.org, or *.');
    }
    return trimmed;
  });
}
