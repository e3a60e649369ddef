import { type AugmentationSettings, DISTORTION_NAMES, DISTORTIONS, type SettingRange } from '@digits/data';
import { nullable, type ObjectEntries, optional } from 'valibot';
import {
  choice,
  fields,
  type Fields,
  integer,
  parse,
  real,
  type Schema,
  shown,
  text,
  type Variants,
  variants,
} from '../json.ts';
import { architectureSchema, checkArchitecture, outputKind } from '../network/architecture.ts';
import { optimizerSchema } from '../network/optimizer.ts';
import { PRECISIONS } from '../network/weight-bytes.ts';

const learningRate = real(0, 1000, 'min');
const divisor = real(1, 1e9);
const fraction = real(0, 1, 'max');

const SCHEDULES = {
  constant: {
    /** Rate of every step. */
    learningRate,
  },
  cosine: {
    /** The first step's rate. */
    learningRate,
    /** The last step's rate is learningRate / finalDivisor. */
    finalDivisor: divisor,
  },
  oneCycle: {
    /** Rate at the end of the warm-up, the highest one. */
    learningRate,
    /** Part of the run in [0, 1) that climbs to `learningRate`. */
    warmupFraction: fraction,
    /** The first step's rate is learningRate / initialDivisor. */
    initialDivisor: divisor,
    /** The last step's rate is learningRate / finalDivisor. */
    finalDivisor: divisor,
  },
};

/** Learning rate over the whole run; `learningRate` is the highest one. Both curves are half cosines. */
export type LearningRateSchedule = Variants<'type', typeof SCHEDULES>;

const EARLY_STOPPING = {
  /** Epochs without improvement after which the run stops, at least 1. */
  patience: integer(1, 100_000),
  /** How much lower the validation loss must get to count as an improvement. */
  minDelta: real(0, 1000),
};

/** When to stop before the last epoch. The best weights are restored in any case. */
export type EarlyStoppingSettings = Fields<typeof EARLY_STOPPING>;

const HANDWRITING = {
  /** Digits to add, at least 1. */
  count: integer(1, 10_000_000),
  /** Factor on every variation of the hand, in [0, 2]. */
  strength: real(0, 2),
  /** Share in [0, 1] that is drawn on paper and prepared as a picture is. These images change whenever that preparation does. */
  pictureShare: real(0, 1),
  /** Share in [0, 1] of the others that gets a pen of its own: another width, faint, blurred or grainy. */
  penShare: real(0, 1),
};

const NEGATIVES = {
  /** Their share of all images, in (0, 0.9], of the training and the validation split alike. */
  share: real(0, 0.9, 'min'),
};

const NEIGHBOURS = {
  /** Number of images to add to the training images, at least 1. */
  count: integer(1, 10_000_000),
};

const SAMPLINGS = ['shuffled', 'balanced'] as const;

const PAGES = {
  /** Pages to generate for training, at least 1. */
  count: integer(1, 1_000_000),
};

/** Missing distortions are not applied: older settings keep their meaning when a distortion is added. */
const augmentationSchema = fields(
  Object.fromEntries(DISTORTION_NAMES.map((name) => [name, optional(nullable(distortionSchema(name)), null)])),
) as Schema<unknown> as Schema<AugmentationSettings>;

const CONFIG = {
  /** The preset that it came from, or null. */
  preset: nullable(text(64)),
  architecture: architectureSchema,
  /** Keys every random number of the run. */
  seed: integer(0),
  /** Passes over the training images. */
  epochs: integer(1, 100_000),
  /** Number of images in one step. */
  batchSize: integer(1, 65_536),
  /** Images of the training set that are held out, stratified and seeded; with `pages`, the number of validation pages. */
  validationSize: integer(1, 2 ** 31),
  /** How the weights follow the gradients. */
  optimizer: optimizerSchema,
  /** Learning rate over the whole run. */
  schedule: variants('type', SCHEDULES),
  /** Label smoothing in [0, 1): the target is (1 - labelSmoothing) * oneHot + labelSmoothing / numClasses. */
  labelSmoothing: fraction,
  /**
   * d of the weights' exponential moving average, or null for none. In step t (from 0) d is min(averageDecay, (1 + t) / (10 + t)), so
   * that the random initial weights are soon forgotten.
   */
  averageDecay: nullable(fraction),
  /** Distortions of the training images, drawn anew for every sample of every epoch; null for none. */
  augmentation: nullable(augmentationSchema),
  /** Synthetic handwriting that is added to the training images. Needs images of 28x28 in ten classes, 0 to 9. */
  handwriting: nullable(fields(HANDWRITING)),
  /** Images that are not digits, added as one more class. Needs images of 28x28 and one more output than classes. */
  negatives: nullable(fields(NEGATIVES)),
  /** Digits among others that touch them, added to the training images; missing in older settings. Needs `negatives`. */
  neighbours: optional(nullable(fields(NEIGHBOURS)), null),
  /**
   * Generated pages that a network for pixels is trained on instead of a data set; missing in older settings. Needs an output of two
   * channels: ink, ruling.
   */
  pages: optional(nullable(fields(PAGES)), null),
  /**
   * How an epoch draws its images: each image once, or, `balanced`, every class equally often, for sets with classes of few images. Missing
   * in older settings.
   */
  sampling: optional(choice(SAMPLINGS), 'shuffled'),
  /** When to stop before the last epoch; null for never. */
  earlyStopping: nullable(fields(EARLY_STOPPING)),
  /** How kernels of the finished model are stored. Training itself is always float32. */
  precision: choice(PRECISIONS),
};

/** Everything that decides which model a training run ends with, as plain JSON; the data set and the engine aside. */
export type TrainingConfig = Fields<typeof CONFIG>;

/** Schema of {@link TrainingConfig}. */
export const configSchema: Schema<TrainingConfig> = fields(CONFIG);

/**
 * Reads a training configuration from untrusted JSON, strictly: unknown and missing fields are errors, but
 * for distortions, neighbours, pages and sampling that are left out, which are not used.
 *
 * @param value what `JSON.parse` gave
 * @param where opens every error message: the caller and the field
 * @returns a new object that holds nothing else
 * @throws TypeError or RangeError naming the field, what it must be and what was found
 */
export function parseTrainingConfig(value: unknown, where = 'parseTrainingConfig: config'): TrainingConfig {
  const config = parse(configSchema, value, where);
  checkArchitecture(config.architecture, `${where}.architecture`);
  checkOutput(config, where);
  return config;
}

/** Settings that only make sense for images with labels, and the value that a network for pixels must have. */
const LABEL_SETTINGS = {
  labelSmoothing: 0,
  augmentation: null,
  handwriting: null,
  negatives: null,
  neighbours: null,
  sampling: 'shuffled',
} as const;

/** Checks that data and losses of a run are those of what its network answers for. */
function checkOutput(config: TrainingConfig, where: string): void {
  if (outputKind(config.architecture) === 'classes') {
    if (config.neighbours !== null && config.negatives === null) {
      throw new RangeError(
        `${where}.neighbours must be null without negatives, got ${shown(config.neighbours)}; some of them are not digits`,
      );
    }
    if (config.pages === null) return;
    throw new RangeError(
      `${where}.pages must be null for a network that answers for classes, got ${shown(config.pages)}; its last layer must be conv2d`,
    );
  }
  for (const [name, value] of Object.entries(LABEL_SETTINGS) as [
    keyof typeof LABEL_SETTINGS,
    0 | null | 'shuffled',
  ][]) {
    if (config[name] !== value) {
      throw new RangeError(
        `${where}.${name} must be ${value} for a network that answers for pixels, got ${shown(config[name])}`,
      );
    }
  }
}

/**
 * Checks a training configuration in full, as for untrusted JSON.
 *
 * @throws TypeError or RangeError as {@link parseTrainingConfig}
 */
export function validateTrainingConfig(config: TrainingConfig): void {
  parseTrainingConfig(config, 'validateTrainingConfig: config');
}

function distortionSchema(name: keyof typeof DISTORTIONS): Schema<unknown> {
  const ranges = Object.entries<SettingRange>({ ...DISTORTIONS[name].ranges });
  const entries: ObjectEntries = Object.fromEntries(
    ranges.map(([setting, { min, max, integer: isWhole }]) => [setting, isWhole ? integer(min, max) : real(min, max)]),
  );
  return fields(entries);
}
