import type { LabelledImages } from '@digits/data';
import { parseTrainingConfig, PRESET_NAMES, presetConfig, type PresetName, type TrainingConfig } from '@digits/model';
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
  /** A folder of pictures that are added to the training images. */
  readonly add?: string;
  /** A model folder whose weights are started from. */
  readonly init?: string;
  /** Writes event files for TensorBoard too. */
  readonly tensorboard?: boolean;
  /** Seconds after which a checkpoint is due within an epoch too; nothing else depends on it. */
  readonly checkpointSeconds: number;
  /**
   * Settings that differ from the preset's, `architecture` included. A name with dots sets one field of a setting, as
   * `schedule.learningRate`, for which `learningRate` stands too.
   */
  readonly settings: Readonly<Record<string, unknown>>;
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
    const config = withSettings({ ...preset, validationSize }, settings);
    return parseTrainingConfig(
      architecture === undefined ? config : { ...config, preset: null, architecture },
      'train: settings',
    );
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function withSettings(preset: object, settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const config = structuredClone(preset) as Record<string, unknown>;
  for (const [name, value] of Object.entries(settings)) {
    const path = name === 'learningRate' ? ['schedule', name] : name.split('.');
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => fieldOf(at, key), config);
    if (typeof parent !== 'object' || parent === null) {
      throw new RangeError(`train: settings.${name} must be a field of a setting that is there, got none`);
    }
    (parent as Record<string, unknown>)[path[path.length - 1]] = value;
  }
  return config;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** Whether the text names a preset. */
export function isPresetName(name: unknown): name is PresetName {
  return (PRESET_NAMES as readonly unknown[]).includes(name);
}
