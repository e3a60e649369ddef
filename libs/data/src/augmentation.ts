import { affineMatrix, type AffineSettings } from './augmentation/affine.ts';
import { cubicWeights, elasticField, elasticGrid, type ElasticSettings } from './augmentation/elastic.ts';
import { applyErasing, erasedRectangle, type ErasingSettings } from './augmentation/erasing.ts';
import { applyStrokeWidth, strokeRadius, type StrokeWidthSettings } from './augmentation/stroke-width.ts';
import { IDENTITY_MAP, type ImageSize, warp } from './augmentation/warp.ts';
import type { RandomKey } from './randomness/random.ts';

export type { AffineSettings, ElasticSettings, ErasingSettings, ImageSize, StrokeWidthSettings };

/**
 * Training-time distortions, each drawn anew for every sample of every epoch. A distortion that is null is not
 * applied and draws nothing. Order: affine, elastic, stroke width, erasing; affine and elastic are sampled together,
 * so that an image is interpolated once.
 */
export interface AugmentationSettings {
  readonly affine: AffineSettings | null;
  readonly elastic: ElasticSettings | null;
  readonly strokeWidth: StrokeWidthSettings | null;
  readonly erasing: ErasingSettings | null;
}

/** No distortion at all: what settings that name only some of them are spread over. */
export const NO_AUGMENTATION: AugmentationSettings = { affine: null, elastic: null, strokeWidth: null, erasing: null };

/** The name of a distortion. */
export type DistortionName = keyof AugmentationSettings;

/** The longest side of an image that can be distorted: up to here all arithmetic fits into int32. */
export const MAX_AUGMENTED_SIDE = 256;

/** Which values a setting takes; both ends belong to the range. */
export interface SettingRange {
  readonly min: number;
  readonly max: number;
  /** Whether only whole numbers are taken. */
  readonly integer?: boolean;
}

/** What is fixed about a distortion. */
export interface Distortion<Settings> {
  /** The purpose of its random numbers (see `RandomKey`), which no other distortion and no `RandomPurpose` has. */
  readonly purpose: number;
  readonly ranges: { readonly [Setting in keyof Settings]: SettingRange };
}

/**
 * All distortions. Purposes are part of the reproducibility contract: never renumber. The order of distortions and of
 * their settings is that of the kernels' memory: append.
 */
export const DISTORTIONS: {
  readonly [Name in DistortionName]: Distortion<NonNullable<AugmentationSettings[Name]>>;
} = {
  affine: {
    purpose: 5,
    ranges: {
      rotation: { min: 0, max: 180 },
      scale: { min: 0, max: 0.5 },
      shear: { min: 0, max: 1 },
      translation: { min: 0, max: 64 },
    },
  },
  elastic: {
    purpose: 6,
    ranges: { displacement: { min: 0, max: 16 }, gridSize: { min: 2, max: 64, integer: true } },
  },
  strokeWidth: { purpose: 7, ranges: { radius: { min: 0, max: 3 } } },
  erasing: {
    purpose: 8,
    ranges: { probability: { min: 0, max: 1 }, size: { min: 1, max: MAX_AUGMENTED_SIDE, integer: true } },
  },
};

/** The names of all distortions, in the order of {@link DISTORTIONS}. */
export const DISTORTION_NAMES = Object.keys(DISTORTIONS) as readonly DistortionName[];

/** Which random numbers distort an image: the same key gives the same distortion, in every engine. */
export interface SampleKey {
  readonly seed: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** Index of the sample in the training set. */
  readonly sample: number;
}

/**
 * Refuses settings that mean nothing.
 *
 * @throws RangeError naming the setting, its range and its value
 */
export function validateAugmentation(settings: AugmentationSettings): void {
  for (const name of DISTORTION_NAMES) {
    if (settings[name] === null) continue;
    const values: Readonly<Record<string, number>> = { ...settings[name] };
    for (const [setting, range] of Object.entries(DISTORTIONS[name].ranges)) {
      requireInRange(`${name}.${setting}`, values[setting], range);
    }
  }
}

/**
 * Distorts one image: `[height, width]` uint8 in, a new image of the same size out.
 *
 * @throws RangeError when the image's length is not height * width, or a part of the key is out of range
 */
export type Augmenter = (image: Uint8Array, key: SampleKey) => Uint8Array;

/**
 * Prepares the distortion of many images of one size: settings are checked and tables made once.
 *
 * @throws RangeError when a setting or a side is out of range
 * @example
 * ```ts
 * const augment = createAugmenter(settings, { height: 28, width: 28 });
 * const distorted = augment(image, { seed: 1, epoch: 0, sample: 42 });
 * ```
 */
export function createAugmenter(settings: AugmentationSettings, size: ImageSize): Augmenter {
  validateAugmentation(settings);
  requireSide('height', size.height);
  requireSide('width', size.width);
  const { affine, elastic, strokeWidth, erasing } = settings;
  const columns = elastic && cubicWeights(size.width, elastic.gridSize);
  const rows = elastic && cubicWeights(size.height, elastic.gridSize);

  return (image, key) => {
    if (image.length !== size.height * size.width) {
      throw new RangeError(
        `augment: image must have ${size.height} x ${size.width} = ${size.height * size.width} pixels, got ${image.length}`,
      );
    }
    const keyOf = (name: DistortionName): RandomKey => ({ ...key, purpose: DISTORTIONS[name].purpose });
    const map = affine ? affineMatrix(affine, keyOf('affine')) : IDENTITY_MAP;
    const field =
      elastic && columns && rows ? elasticField(elasticGrid(elastic, keyOf('elastic')), columns, rows) : null;
    let augmented = affine || elastic ? warp(image, size, map, field) : new Uint8Array(image);
    if (strokeWidth) augmented = applyStrokeWidth(augmented, size, strokeRadius(strokeWidth, keyOf('strokeWidth')));
    const rectangle = erasing && erasedRectangle(erasing, keyOf('erasing'), size);
    if (rectangle) augmented = applyErasing(augmented, size, rectangle);
    return augmented;
  };
}

/**
 * Distorts one training image as {@link AugmentationSettings} say: the reference for every engine, in plain integer
 * arithmetic, so that engines give the same bytes. For many images, {@link createAugmenter} is faster.
 *
 * @param image `[height, width]` uint8, white ink on black; of an image with several channels, one plane after the other
 * @param size sides from 1 to 256
 * @returns a new image of the same size
 * @throws RangeError when a setting, a side, the image's length or a part of the key is out of range
 */
export function augment(
  image: Uint8Array,
  size: ImageSize,
  settings: AugmentationSettings,
  key: SampleKey,
): Uint8Array {
  return createAugmenter(settings, size)(image, key);
}

function requireInRange(name: string, value: number, { min, max, integer = false }: SettingRange): void {
  if (!(value >= min && value <= max && (!integer || Number.isInteger(value)))) {
    const kind = integer ? 'an integer in' : 'in';
    throw new RangeError(`validateAugmentation: ${name} must be ${kind} [${min}, ${max}], got ${value}`);
  }
}

function requireSide(name: string, side: number): void {
  if (!Number.isInteger(side) || side < 1 || side > MAX_AUGMENTED_SIDE) {
    throw new RangeError(`augment: ${name} must be an integer in [1, ${MAX_AUGMENTED_SIDE}], got ${side}`);
  }
}
