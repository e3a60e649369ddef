import type { Option } from 'commander';
import { readFile } from 'node:fs/promises';
import { UsageError } from './command-line.ts';

/** What a configuration file sets. */
export interface ConfigFile {
  /** Options of the command line, by commander's names. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Everything else: settings of the training. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Options that are settings too: the file's are the training's. */
const SETTINGS = ['epochs', 'seed'];

/** Options that a file must not set: itself, and what only makes sense at the keyboard. */
const NEVER_IN_FILE = ['config', 'help', 'set'];

/**
 * Reads `--config FILE`: a JSON object of command line options, by their names with or without dashes, and of training settings. The
 * `config.json` of a run is taken too and asks for the same run in another folder.
 *
 * @throws UsageError where it cannot be read or is no JSON object
 */
export async function readConfigFile(path: string, known: readonly Option[]): Promise<ConfigFile> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`train: --config must be a readable JSON file, got ${path}`, { cause });
  }
  if (!isObject(content)) {
    throw new UsageError(`train: --config must hold a JSON object, got ${JSON.stringify(content).slice(0, 60)}`);
  }
  const fields = isObject(content.request) && isObject(content.config) ? fieldsOfRun(content.request) : content;
  const options: Record<string, unknown> = {};
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const name = optionName(key, known);
    if (name === null) settings[key] = value;
    else options[name] = value;
  }
  return { options, settings };
}

function optionName(key: string, known: readonly Option[]): string | null {
  const option = known.find((candidate) => candidate.attributeName() === key || candidate.name() === key);
  const name = option?.attributeName() ?? null;
  return name === null || SETTINGS.includes(name) || NEVER_IN_FILE.includes(name) ? null : name;
}

/** A run's own folder and where it went on are not part of what is asked for again. */
function fieldsOfRun({ settings, engine, ...request }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...request, ...(engine as object), ...(settings as object) };
  delete fields.out;
  delete fields.resume;
  return fields;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
