/**
 * Training-time distortions, each drawn anew for every sample of every epoch and uniformly from +-its range.
 * A distortion that is null is not applied. Order: affine, elastic, stroke width, erasing.
 */
export interface AugmentationSettings {
  readonly affine: AffineSettings | null;
  readonly elastic: ElasticSettings | null;
  readonly strokeWidth: StrokeWidthSettings | null;
  readonly erasing: ErasingSettings | null;
}

/** About the picture's centre: scale each axis, shear, rotate, then move; sampled bilinearly, black outside. */
export interface AffineSettings {
  /** Degrees either way. */
  readonly rotation: number;
  /** Factor 1 +- scale, drawn for each axis on its own. */
  readonly scale: number;
  /** Horizontal shear either way: x += shear * y. */
  readonly shear: number;
  /** Pixels either way, drawn for each axis on its own. */
  readonly translation: number;
}

/** A smooth displacement field: displacements on a coarse grid, interpolated bicubically. */
export interface ElasticSettings {
  /** Largest displacement of a grid point on either axis, in pixels. */
  readonly displacement: number;
  /** Grid points a side, at least 2. */
  readonly gridSize: number;
}

/** Strokes made thicker (grey dilation) or thinner (grey erosion) by up to this many pixels of radius. */
export interface StrokeWidthSettings {
  readonly radius: number;
}

/** A black rectangle somewhere. */
export interface ErasingSettings {
  /** How often, in [0, 1]. */
  readonly probability: number;
  /** Longest side of the rectangle, in pixels. */
  readonly size: number;
}
