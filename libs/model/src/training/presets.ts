import { type LabelledImages, NO_AUGMENTATION } from '@digits/data';
import { shown } from '../json.ts';
import type { Architecture } from '../network/architecture.ts';
import type { Layer } from '../network/layers.ts';
import type { Padding } from '../network/shapes.ts';
import { parseTrainingConfig, type TrainingConfig } from './settings.ts';

/** Names of the recipes, simplest first. */
export const PRESET_NAMES = ['mlp', 'fast', 'accurate', 'world'] as const;

/** The name of a preset. */
export type PresetName = (typeof PRESET_NAMES)[number];

/** What a preset is adapted to, and what of it is set by hand. */
interface PresetOptions extends Partial<Omit<TrainingConfig, 'preset' | 'architecture'>> {
  /** `[height, width, channels]`; default MNIST's [28, 28, 1]. */
  readonly inputShape?: readonly [number, number, number];
  /** Classes of the data set, "no digit" aside. Default 10. */
  readonly numClasses?: number;
}

type Recipe = Omit<TrainingConfig, 'preset' | 'architecture'>;

const DEFAULT_SEED = 42;

const MNIST_ALONE = { handwriting: null, negatives: null } as const;

/** What `accurate` and `world` have in common: distorted images, averaged weights. */
const DISTORTED = {
  seed: DEFAULT_SEED,
  batchSize: 128,
  optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.05 },
  schedule: { type: 'oneCycle', learningRate: 4e-3, warmupFraction: 0.25, initialDivisor: 25, finalDivisor: 1000 },
  labelSmoothing: 0.05,
  averageDecay: 0.999,
  augmentation: { ...NO_AUGMENTATION, affine: { rotation: 12, scale: 0.12, shear: 0.2, translation: 1.8 } },
  earlyStopping: null,
} as const;

/** The settings of each preset, its architecture aside. */
const RECIPES: Readonly<Record<PresetName, Recipe>> = {
  mlp: {
    seed: DEFAULT_SEED,
    epochs: 20,
    batchSize: 128,
    validationSize: 5000,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: false },
    schedule: { type: 'cosine', learningRate: 0.1, finalDivisor: 1000 },
    labelSmoothing: 0,
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
 *
 * @param options what differs; null and undefined are told apart, undefined keeps the preset's value
 * @throws RangeError for an unknown name, or as `parseTrainingConfig` for a bad option
 * @example
 * ```ts
 * presetConfig('fast', { epochs: 1, seed: 7 });
 * ```
 */
export function presetConfig(name: PresetName, options: PresetOptions = {}): TrainingConfig {
  if (!(PRESET_NAMES as readonly string[]).includes(name)) {
    throw new RangeError(`presetConfig: name must be one of ${PRESET_NAMES.join(', ')}, got ${shown(name)}`);
  }
  const { inputShape = [28, 28, 1], numClasses = 10, ...overrides } = options;
  const given = Object.fromEntries(Object.entries<unknown>(overrides).filter(([, value]) => value !== undefined));
  const settings: Recipe = { ...RECIPES[name], ...given };
  const numOutputs = numClasses + (settings.negatives === null ? 0 : 1);
  const architecture = presetArchitecture(name, inputShape, numOutputs);
  return parseTrainingConfig({ ...settings, preset: name, architecture }, 'presetConfig: options');
}

/** What one training run is asked to do; plain JSON. */
export interface TrainingRequest {
  readonly preset: PresetName;
  /**
   * Settings that differ from the preset's, `seed`, `epochs` and `architecture` included. A name with dots sets one field of a setting,
   * as `schedule.learningRate`; `learningRate` is short for that one.
   */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Training images that the presets' validation sizes are meant for, MNIST's; a smaller set holds out the same share. */
const USUAL_IMAGES = 60_000;

/**
 * Gives the whole configuration of a run: the preset, adapted to the data, with the request's own settings.
 *
 * @param images all training images of a data set, of which only shape, number and classes count
 * @throws TypeError or RangeError for an unknown preset or setting, or one out of range
 * @example
 * ```ts
 * trainingConfigFor({ preset: 'mlp', settings: { seed: 7, learningRate: 0.05 } }, mnist.train);
 * ```
 */
export function trainingConfigFor(
  { preset: name, settings: given }: TrainingRequest,
  images: Pick<LabelledImages, 'count' | 'height' | 'width' | 'channels' | 'numClasses'>,
): TrainingConfig {
  const { architecture, ...settings } = given;
  const preset = presetConfig(name, {
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
      throw new RangeError(`train: settings.${name} must be a field of a setting that is there, got none`);
    }
    (parent as Record<string, unknown>)[path[path.length - 1]] = value;
  }
  return config;
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function presetArchitecture(
  name: PresetName,
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
  }
}

function hiddenLayer(index: number, units: number): Layer[] {
  return [
    { type: 'dense', name: `dense${index}`, units, useBias: true },
    { type: 'relu', name: `relu${index}` },
    { type: 'dropout', name: `dropout${index}`, rate: 0.2 },
  ];
}

/**
 * Blocks of 3x3 convolutions, each followed by batch normalisation (which makes a bias useless) and ReLU; then pooling.
 * Images too small for it lose nothing to `valid` padding and are not pooled below one pixel.
 *
 * @param blocks filters of each convolution of each block
 * @param numPools blocks that are followed by pooling, the first ones
 * @param lastPaddings padding of each block's last convolution
 */
function convolutionBlocks(
  blocks: readonly (readonly number[])[],
  [height, width]: readonly [number, number, number],
  numPools: number,
  lastPaddings: readonly Padding[] = blocks.map(() => 'valid'),
): Layer[] {
  const layers: Layer[] = [];
  let side = Math.min(height, width);
  let index = 0;
  blocks.forEach((widths, block) => {
    widths.forEach((filters, i) => {
      index++;
      const isLast = i === widths.length - 1;
      const padding = isLast && side >= 5 ? lastPaddings[block] : 'same';
      if (padding === 'valid') side -= 2;
      layers.push(
        { type: 'conv2d', name: `conv${index}`, filters, kernelSize: [3, 3], strides: [1, 1], padding, useBias: false },
        { type: 'batchNormalization', name: `bn${index}`, momentum: 0.9, epsilon: 1e-3 },
        { type: 'relu', name: `relu${index}` },
      );
    });
    if (side < 2 || block >= numPools) return;
    side = Math.floor(side / 2);
    const name = `pool${block + 1}`;
    layers.push({ type: 'maxPooling2d', name, poolSize: [2, 2], strides: [2, 2], padding: 'valid' });
  });
  return layers;
}
