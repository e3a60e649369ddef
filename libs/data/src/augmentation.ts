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

/**
 * About the picture's centre: scale each axis, shear, rotate, then move; sampled bilinearly, black outside.
 * Each number is a range: the value applied is drawn uniformly from [-range, range).
 */
export interface AffineSettings {
  /** Degrees either way, in [0, 180]; clockwise as seen when positive. */
  readonly rotation: number;
  /** In [0, 0.5]: each axis' factor is drawn on its own from [1 - scale, 1 + scale). */
  readonly scale: number;
  /** Horizontal shear either way, in [0, 1]: x += shear * y, with y downwards from the centre. */
  readonly shear: number;
  /** Pixels either way, in [0, 64], drawn for each axis on its own. */
  readonly translation: number;
}

/** A smooth displacement field: displacements on a coarse grid, interpolated bicubically (Catmull-Rom). */
export interface ElasticSettings {
  /** Largest displacement of a grid point on either axis, in pixels, in [0, 16]; drawn uniformly from +- that. */
  readonly displacement: number;
  /** Grid points a side, an integer in [2, 64]; the outer ones lie on the picture's outer pixels. */
  readonly gridSize: number;
}

/** Strokes made thicker (grey dilation) or thinner (grey erosion). */
export interface StrokeWidthSettings {
  /** Pixels in [0, 3]: the radius is drawn uniformly from +- that, thicker when positive. */
  readonly radius: number;
}

/** A black rectangle somewhere inside the picture. */
export interface ErasingSettings {
  /** How often, in [0, 1]. */
  readonly probability: number;
  /** Longest side of the rectangle, in pixels, an integer in [1, 256]; each side is drawn on its own from 1 to that. */
  readonly size: number;
}

/** Which random numbers distort an image: the same key gives the same distortion, in every engine. */
export interface SampleKey {
  readonly seed: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** Index of the sample in the training set. */
  readonly sample: number;
}

/** The longest side of an image that can be distorted: up to here all arithmetic fits into int32. */
export const MAX_AUGMENTED_SIDE = 256;

/**
 * Refuses settings that mean nothing.
 *
 * @throws RangeError naming the setting, its range and its value
 */
export function validateAugmentation(settings: AugmentationSettings): void {
  const { affine, elastic, strokeWidth, erasing } = settings;
  if (affine !== null) {
    requireInRange('affine.rotation', affine.rotation, 0, 180);
    requireInRange('affine.scale', affine.scale, 0, 0.5);
    requireInRange('affine.shear', affine.shear, 0, 1);
    requireInRange('affine.translation', affine.translation, 0, 64);
  }
  if (elastic !== null) {
    requireInRange('elastic.displacement', elastic.displacement, 0, 16);
    requireIntegerInRange('elastic.gridSize', elastic.gridSize, 2, 64);
  }
  if (strokeWidth !== null) requireInRange('strokeWidth.radius', strokeWidth.radius, 0, 3);
  if (erasing !== null) {
    requireInRange('erasing.probability', erasing.probability, 0, 1);
    requireIntegerInRange('erasing.size', erasing.size, 1, MAX_AUGMENTED_SIDE);
  }
}

function requireInRange(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) {
    throw new RangeError(`validateAugmentation: ${name} must be in [${low}, ${high}], got ${value}`);
  }
}

function requireIntegerInRange(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`validateAugmentation: ${name} must be an integer in [${low}, ${high}], got ${value}`);
  }
}
