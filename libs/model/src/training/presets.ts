import { INK_TILE_SIZE, type LabelledImages, NO_AUGMENTATION } from '@digits/data';
import { shown } from '../json.ts';
import type { Architecture } from '../network/architecture.ts';
import type { Layer } from '../network/layers.ts';
import { applySettings } from './named-settings.ts';
import { convolutionBlocks, hiddenLayer, pixelLayers } from './preset-layers.ts';
import { parseTrainingConfig, type TrainingConfig } from './settings.ts';

/** Names of the recipes for networks that answer for classes, simplest first. */
export const PRESET_NAMES = ['mlp', 'fast', 'accurate', 'world'] as const;

/** The name of a preset whose network answers for classes. */
export type PresetName = (typeof PRESET_NAMES)[number];

/** Names of the recipes for networks that answer for pixels and generate their training pages. */
export const PIXEL_PRESET_NAMES = ['ink'] as const;

/** The name of a preset whose network answers for pixels. */
export type PixelPresetName = (typeof PIXEL_PRESET_NAMES)[number];

/** The name of any preset. */
export type AnyPresetName = PresetName | PixelPresetName;

/** What a preset is adapted to, and what of it is set by hand. */
interface PresetOptions extends Partial<Omit<TrainingConfig, 'preset' | 'architecture'>> {
  /** `[height, width, channels]`; default MNIST's [28, 28, 1], or a page's [96, 96, 1]. */
  readonly inputShape?: readonly [number, number, number];
  /** Classes of the data set, "no digit" aside. Default 10; without meaning for pixels. */
  readonly numClasses?: number;
}

type Recipe = Omit<TrainingConfig, 'preset' | 'architecture'>;

const DEFAULT_SEED = 42;
const MNIST_SHAPE = [28, 28, 1] as const;
const PAGE_SHAPE = [INK_TILE_SIZE, INK_TILE_SIZE, 1] as const;

const MNIST_ALONE = { handwriting: null, negatives: null, neighbours: null, pages: null } as const;

/** What `accurate` and `world` have in common: distorted images, averaged weights. */
const DISTORTED = {
  seed: DEFAULT_SEED,
  batchSize: 128,
  optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.05 },
  schedule: { type: 'oneCycle', learningRate: 4e-3, warmupFraction: 0.25, initialDivisor: 25, finalDivisor: 1000 },
  labelSmoothing: 0.05,
  sampling: 'shuffled',
  averageDecay: 0.999,
  augmentation: { ...NO_AUGMENTATION, affine: { rotation: 12, scale: 0.12, shear: 0.2, translation: 1.8 } },
  earlyStopping: null,
} as const;

/** The settings of each preset, its architecture aside. */
const RECIPES: Readonly<Record<AnyPresetName, Recipe>> = {
  mlp: {
    seed: DEFAULT_SEED,
    epochs: 20,
    batchSize: 128,
    validationSize: 5000,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: false },
    schedule: { type: 'cosine', learningRate: 0.1, finalDivisor: 1000 },
    labelSmoothing: 0,
    sampling: 'shuffled',
    averageDecay: null,
    augmentation: null,
    earlyStopping: null,
    ...MNIST_ALONE,
    precision: 'float32',
  },
  fast: {
    seed: DEFAULT_SEED,
    epochs: 3,
    batchSize: 128,
    validationSize: 5000,
    optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.01 },
    schedule: { type: 'oneCycle', learningRate: 1e-2, warmupFraction: 0.25, initialDivisor: 25, finalDivisor: 1000 },
    labelSmoothing: 0.05,
    sampling: 'shuffled',
    averageDecay: null,
    augmentation: { ...NO_AUGMENTATION, affine: { rotation: 5, scale: 0.05, shear: 0.05, translation: 1 } },
    earlyStopping: null,
    ...MNIST_ALONE,
    precision: 'float32',
  },
  accurate: { ...DISTORTED, epochs: 10, validationSize: 5000, ...MNIST_ALONE, precision: 'uint8' },
  world: {
    ...DISTORTED,
    epochs: 9,
    validationSize: 10_000,
    // No pictures: how they are prepared may change, and with it the weights that this recipe gives.
    handwriting: { count: 24_000, strength: 1.2, pictureShare: 0, penShare: 0.5 },
    negatives: { share: 0.15 },
    neighbours: null,
    pages: null,
    precision: 'uint8',
  },
  ink: {
    ...DISTORTED,
    epochs: 6,
    batchSize: 32,
    validationSize: 1500,
    optimizer: { ...DISTORTED.optimizer, weightDecay: 1e-3 },
    labelSmoothing: 0,
    augmentation: null,
    handwriting: null,
    negatives: null,
    neighbours: null,
    pages: { count: 32_000 },
    precision: 'uint8',
  },
};

/**
 * Gives the configuration of a preset, adapted to a data set and with settings of one's own.
 *
 * - `mlp`: the textbook network, 784-256-128-10 with dropout, SGD with momentum
 * - `fast`: three convolutions, 13,546 trainable parameters, three epochs of slightly distorted images
 * - `accurate`: six convolutions, 165,442 trainable parameters, distorted images, averaged weights
 * - `world`: the same with an output for "no digit", trained on synthetic handwriting and negatives as well; the bundled model
 * - `ink`: a network for pixels with 15 convolutions and skips, 51,338 trainable parameters: ink and printed lines
 *   of generated pages
 *
 * @param options what differs; null and undefined are told apart, undefined keeps the preset's value
 * @throws RangeError for an unknown name, or as `parseTrainingConfig` for a bad option
 * @example
 * ```ts
 * presetConfig('fast', { epochs: 1, seed: 7 });
 * ```
 */
export function presetConfig(name: AnyPresetName, options: PresetOptions = {}): TrainingConfig {
  if (!Object.hasOwn(RECIPES, name)) {
    throw new RangeError(`presetConfig: name must be one of ${Object.keys(RECIPES).join(', ')}, got ${shown(name)}`);
  }
  const { inputShape = isPixelPreset(name) ? PAGE_SHAPE : MNIST_SHAPE, numClasses = 10, ...overrides } = options;
  const given = Object.fromEntries(Object.entries<unknown>(overrides).filter(([, value]) => value !== undefined));
  const settings: Recipe = { ...RECIPES[name], ...given };
  const numOutputs = numClasses + (settings.negatives === null ? 0 : 1);
  const architecture = presetArchitecture(name, inputShape, numOutputs);
  return parseTrainingConfig({ ...settings, preset: name, architecture }, 'presetConfig: options');
}

/** Whether the network of a preset answers for pixels, so that it is trained on generated pages. */
export function isPixelPreset(name: AnyPresetName): name is PixelPresetName {
  return (PIXEL_PRESET_NAMES as readonly string[]).includes(name);
}

/** What one training run is asked to do; plain JSON. */
export interface TrainingRequest {
  readonly preset: AnyPresetName;
  /**
   * Settings that differ from the preset's, `seed`, `epochs` and `architecture` included. A name with dots sets one field of a setting,
   * as `schedule.learningRate`; `learningRate` is short for that one. A field of a setting that is off turns it on, and another type of
   * optimizer or schedule comes with that type's defaults.
   */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Training images that the presets' validation sizes are meant for, MNIST's; a smaller set holds out the same share. */
const USUAL_IMAGES = 60_000;

/**
 * Gives the whole configuration of a run: the preset, adapted to the data, with the request's own settings.
 *
 * @param images all training images of a data set, of which only shape, number and classes count; null for a preset that generates pages
 * @throws TypeError or RangeError for an unknown preset or setting, or one out of range
 * @example
 * ```ts
 * trainingConfigFor({ preset: 'mlp', settings: { seed: 7, learningRate: 0.05 } }, mnist.train);
 * ```
 */
export function trainingConfigFor(
  { preset: name, settings: given }: TrainingRequest,
  images: ImageFacts | null,
): TrainingConfig {
  const { architecture, ...settings } = given;
  const config = applySettings(
    isPixelPreset(name) ? presetConfig(name) : adaptPreset(name, settings, images),
    settings,
  );
  return parseTrainingConfig(
    architecture === undefined ? config : { ...config, preset: null, architecture },
    'train: settings',
  );
}

/** What a preset has to know of the training images. */
type ImageFacts = Pick<LabelledImages, 'count' | 'height' | 'width' | 'channels' | 'numClasses'>;

function adaptPreset(
  name: PresetName,
  settings: Readonly<Record<string, unknown>>,
  images: ImageFacts | null,
): TrainingConfig {
  if (images === null) throw new RangeError(`train: images must be given for the preset ${name}, got null`);
  const { negatives } = applySettings(presetConfig(name), settings);
  const preset = presetConfig(name, {
    inputShape: [images.height, images.width, images.channels],
    numClasses: images.numClasses,
    // Decides how many outputs there are; checked with all settings afterwards.
    negatives: negatives as TrainingConfig['negatives'],
  });
  const share = Math.min(1, images.count / USUAL_IMAGES);
  return { ...preset, validationSize: Math.max(1, Math.floor(preset.validationSize * share)) };
}

function presetArchitecture(
  name: AnyPresetName,
  inputShape: readonly [number, number, number],
  numOutputs: number,
): Architecture {
  const logits: Layer = { type: 'dense', name: 'logits', units: numOutputs, useBias: true };
  const flatten: Layer = { type: 'flatten', name: 'flatten' };
  switch (name) {
    case 'mlp':
      return { inputShape, layers: [flatten, ...hiddenLayer(1, 256), ...hiddenLayer(2, 128), logits] };
    case 'fast':
      return { inputShape, layers: [...convolutionBlocks([[16], [24], [32]], inputShape, 2), flatten, logits] };
    case 'accurate':
    case 'world': {
      const blocks = convolutionBlocks([[24, 24], [48, 48], [96, 96]], inputShape, 3, ['valid', 'same', 'valid']); // prettier-ignore
      return { inputShape, layers: [...blocks, flatten, { type: 'dropout', name: 'dropout', rate: 0.3 }, logits] };
    }
    case 'ink':
      return { inputShape, layers: pixelLayers([[8], [16, 16], [24, 24], [24, 24]], [24, 24], [[24], [24, 16], [16, 8], [8]]) }; // prettier-ignore
  }
}
