import type { LabelledImages } from '@digits/data';
import { parseTrainingConfig, PRESET_NAMES, presetConfig, type PresetName, type TrainingConfig } from '@digits/model';
import { readFile } from 'node:fs/promises';
import { UsageError } from './command-line.ts';
import type { EngineChoice } from './engines.ts';
import type { Preprocessing } from './prepared-data.ts';

/** What one run is asked to do; plain JSON, kept in the run folder and posted to the worker. */
export interface TrainingRequest {
  readonly preset: PresetName;
  /** `mnist` or a folder. */
  readonly dataset: string;
  readonly engine: EngineChoice;
  readonly out: string;
  readonly resume: boolean;
  readonly preprocess?: Preprocessing;
  /** Settings that differ from the preset's, `architecture` included. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Options of the command line that a configuration file may set too, by their camel-case names. */
const FILE_OPTIONS = ['preset', 'dataset', 'engine', 'tfjsBackend', 'threads', 'out', 'preprocess'] as const;

export interface ConfigFile {
  readonly options: Partial<Record<(typeof FILE_OPTIONS)[number], unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Reads `--config FILE`: a JSON object of command line options and of training settings.
 *
 * @throws UsageError where it cannot be read or is no JSON object
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`train: --config must be a readable JSON file, got ${path}`, { cause });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`train: --config must hold a JSON object, got ${JSON.stringify(content).slice(0, 60)}`);
  }
  const isOption = ([key]: [string, unknown]) => (FILE_OPTIONS as readonly string[]).includes(key);
  const entries = Object.entries(content);
  return {
    options: Object.fromEntries(entries.filter(isOption)),
    settings: Object.fromEntries(entries.filter((entry) => !isOption(entry))),
  };
}

/** Training images that the presets' validation sizes are meant for, MNIST's; a smaller set holds out the same share. */
const USUAL_IMAGES = 60_000;

/**
 * Gives the whole configuration of a run: the preset, adapted to the data, with the request's own settings.
 *
 * @throws UsageError where a setting is unknown or out of range
 */
export function trainingConfigFor(request: TrainingRequest, images: LabelledImages): TrainingConfig {
  const { architecture, ...settings } = request.settings;
  try {
    const preset = presetConfig(request.preset, {
      inputShape: [images.height, images.width, images.channels],
      numClasses: images.numClasses,
      // Decides how many outputs there are; checked with all settings below.
      ...('negatives' in settings && { negatives: settings.negatives as TrainingConfig['negatives'] }),
    });
    const share = Math.min(1, images.count / USUAL_IMAGES);
    const validationSize = Math.max(1, Math.floor(preset.validationSize * share));
    const config = { ...preset, validationSize, ...settings };
    return parseTrainingConfig(
      architecture === undefined ? config : { ...config, preset: null, architecture },
      'train: settings',
    );
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Whether the text names a preset. */
export function isPresetName(name: unknown): name is PresetName {
  return (PRESET_NAMES as readonly unknown[]).includes(name);
}
