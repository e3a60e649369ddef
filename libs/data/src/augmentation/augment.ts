import {
  type AugmentationSettings,
  MAX_AUGMENTED_SIDE,
  type SampleKey,
  validateAugmentation,
} from '../augmentation.ts';
import { affineMatrix } from './affine.ts';
import { cubicWeights, elasticField, elasticGrid } from './elastic.ts';
import { applyErasing, erasedRectangle } from './erasing.ts';
import { applyStrokeWidth, strokeRadius } from './stroke-width.ts';
import { IDENTITY_MAP, type ImageSize, warp } from './warp.ts';

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
    const map = affine ? affineMatrix(affine, key) : IDENTITY_MAP;
    const field = elastic && columns && rows ? elasticField(elasticGrid(elastic, key), columns, rows) : null;
    let augmented = affine || elastic ? warp(image, size, map, field) : new Uint8Array(image);
    if (strokeWidth) augmented = applyStrokeWidth(augmented, size, strokeRadius(strokeWidth, key));
    const rectangle = erasing && erasedRectangle(erasing, key, size);
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

function requireSide(name: string, side: number): void {
  if (!Number.isInteger(side) || side < 1 || side > MAX_AUGMENTED_SIDE) {
    throw new RangeError(`augment: ${name} must be an integer in [1, ${MAX_AUGMENTED_SIDE}], got ${side}`);
  }
}
