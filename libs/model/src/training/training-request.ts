import type { LabelledImages } from '@digits/data';
import { presetConfig, type PresetName } from './presets.ts';
import type { TrainingConfig } from './settings.ts';
import { parseTrainingConfig } from './training-config-json.ts';

/** What a run is asked to do: a preset and the settings that differ from it. Plain JSON. */
export interface TrainingRequest {
  readonly preset: PresetName;
  /**
   * Settings that differ from the preset's, `seed`, `epochs` and `architecture` included. A name with dots sets one field of a
   * setting, as in `schedule.learningRate`; `learningRate` is short for that one.
   */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Training images that the presets' validation sizes are meant for, MNIST's; a smaller set holds out the same share. */
const USUAL_IMAGES = 60_000;

/**
 * Returns the whole configuration of a run: the preset, adapted to the data, with the request's settings.
 *
 * @param images all training images of the data set, before the validation split is cut off
 * @throws TypeError or RangeError if a setting is unknown or out of range
 */
export function trainingConfigFor(
  request: TrainingRequest,
  images: Pick<LabelledImages, 'count' | 'height' | 'width' | 'channels' | 'numClasses'>,
): TrainingConfig {
  const { architecture, ...settings } = request.settings;
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
}

function withSettings(preset: object, settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const config = structuredClone(preset) as Record<string, unknown>;
  for (const [name, value] of Object.entries(settings)) {
    const path = name === 'learningRate' ? ['schedule', name] : name.split('.');
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => fieldOf(at, key), config);
    if (typeof parent !== 'object' || parent === null) {
      throw new RangeError(`train: settings.${name} must be a field of an existing setting, got none`);
    }
    (parent as Record<string, unknown>)[path[path.length - 1]] = value;
  }
  return config;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
