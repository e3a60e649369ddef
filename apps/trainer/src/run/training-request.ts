import type { LabelledImages } from '@digits/data';
import { parseTrainingConfig, PRESET_NAMES, presetConfig, type PresetName, type TrainingConfig } from '@digits/model';
import * as v from 'valibot';
import { UsageError } from '../command-line.ts';
import { PREPROCESSINGS } from '../dataset/open-dataset.ts';
import { jsonObject } from '../json.ts';
import { engineChoice } from './engine.ts';

/** Schema of {@link TrainingRequest}. */
export const trainingRequest = v.object({
  preset: v.picklist(PRESET_NAMES),
  /** `mnist` or a folder. */
  dataset: v.string(),
  engine: engineChoice,
  out: v.string(),
  resume: v.boolean(),
  preprocess: v.exactOptional(v.picklist(PREPROCESSINGS)),
  /** A folder of pictures that are added to the training images. */
  add: v.exactOptional(v.string()),
  /** A model folder whose weights are started from. */
  init: v.exactOptional(v.string()),
  /** Writes event files for TensorBoard too. */
  tensorboard: v.exactOptional(v.boolean()),
  /** Seconds after which a checkpoint is due within an epoch too; nothing else depends on it. */
  checkpointSeconds: v.number(),
  /**
   * Settings that differ from the preset's, `architecture` included. A name with dots sets one field of a setting, such as
   * `schedule.learningRate`; `learningRate` is short for it.
   */
  settings: jsonObject,
});

/** What one run is asked to do; plain JSON, kept in the run folder and posted to the worker. */
export type TrainingRequest = Readonly<v.InferOutput<typeof trainingRequest>>;

/** Training images that the presets' validation sizes are meant for, MNIST's; a smaller set holds out the same share. */
const USUAL_IMAGES = 60_000;

/**
 * Gives the whole configuration of a run: the preset, adapted to the data, with the request's own settings.
 *
 * @throws UsageError if a setting is unknown or out of range
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
