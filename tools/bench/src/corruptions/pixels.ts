/** Side of MNIST's images in pixels. */
export const SIDE = 28;
/** Number of pixels of an image. */
export const NUM_PIXELS = SIDE * SIDE;

/**
 * Scales an image to the unit range, in which most corruptions work.
 *
 * @param image `[28, 28]` uint8
 * @returns `[28, 28]` float64 in [0, 1]
 */
export function toUnit(image: Uint8Array): Float64Array {
  return Float64Array.from(image, (value) => value / 255);
}

/**
 * Rounds an image as the benchmark's authors do: cut to [0, 1], times 255 in float32, the nearest integer, halves to even.
 *
 * @param pixels `[28, 28]` float64
 * @returns `[28, 28]` uint8
 */
export function toBytes(pixels: Float64Array): Uint8Array {
  return Uint8Array.from(pixels, (value) => roundHalfToEven(Math.fround(clamp(value) * 255)));
}

/** Cuts a value to [0, 1]. */
export function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Moves a row or column beyond the border to the border. */
export function nearestInside(coordinate: number): number {
  return Math.min(SIDE - 1, Math.max(0, coordinate));
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
