/** Red, green and blue, in [0, 255]. */
type Colour = readonly [number, number, number];

/** What speaks for something, and what against it; told apart by people who do not tell red from green too. */
const FOR: Colour = [255, 138, 95];
const AGAINST: Colour = [96, 170, 250];

/** How bright the digit itself is under its evidence. */
const INK_LIGHT = 0.42;

/**
 * Lays evidence over an image.
 *
 * @param image `[n]` uint8, white on black
 * @param evidence `[n]`, positive for what speaks for it
 * @param scale what counts as full evidence
 * @returns `[n, 4]` RGBA
 */
export function paintEvidence(image: Uint8Array, evidence: Float32Array, scale: number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(image.length * 4);
  image.forEach((value, i) => {
    const strength = scale > 0 ? Math.min(1, Math.abs(evidence[i]) / scale) ** 0.7 : 0;
    const colour = evidence[i] >= 0 ? FOR : AGAINST;
    colour.forEach((part, c) => {
      pixels[i * 4 + c] = value * INK_LIGHT * (1 - strength) + part * strength;
    });
    pixels[i * 4 + 3] = 255;
  });
  return pixels;
}

/** Pictures of what one layer gave, side by side. */
export interface Mosaic {
  readonly width: number;
  readonly height: number;
  /** `[height, width, 4]` RGBA. */
  readonly pixels: Uint8ClampedArray;
}

const GAP_COLOUR: Colour = [34, 33, 30];

/**
 * Lays the channels of a layer side by side: positive values in one colour, negative ones in another, the largest of the
 * layer brightest.
 *
 * @param shape `[h, w, channels]` or `[units]`
 */
export function paintActivation(shape: readonly number[], values: Float32Array): Mosaic {
  const [h, w, channels] = shape.length === 3 ? shape : [1, 1, shape[0]];
  const columns = Math.min(channels, Math.max(h * w === 1 ? 10 : 4, Math.ceil(Math.sqrt(channels * 2))));
  const rows = Math.ceil(channels / columns);
  const width = columns * (w + 1) - 1;
  const height = rows * (h + 1) - 1;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) pixels.set([...GAP_COLOUR, 255], i * 4);
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  values.forEach((value, i) => {
    const channel = i % channels;
    const place = (i - channel) / channels;
    const x = (channel % columns) * (w + 1) + (place % w);
    const y = Math.floor(channel / columns) * (h + 1) + Math.floor(place / w);
    const strength = largest > 0 ? Math.abs(value) / largest : 0;
    const colour = value >= 0 ? FOR : AGAINST;
    pixels.set(
      colour.map((part) => part * strength),
      (y * width + x) * 4,
    );
  });
  return { width, height, pixels };
}
