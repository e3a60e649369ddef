/** What a uint8 pixel is divided by: networks see float32 in [0, 1], white ink on black. */
export const PIXEL_SCALE = 255;

/**
 * Turns uint8 pixels into what every network of this project takes.
 *
 * @param images uint8 pixels of any shape
 * @returns float32 in [0, 1], same shape and order; a new array
 */
export function normaliseImages(images: Uint8Array | Uint8ClampedArray): Float32Array {
  const normalised = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) normalised[i] = images[i] / PIXEL_SCALE;
  return normalised;
}
