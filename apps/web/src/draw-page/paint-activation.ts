import { type Colour, EVIDENCE_COLOURS } from '@digits/reader';

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
    const colour = value >= 0 ? EVIDENCE_COLOURS.positive : EVIDENCE_COLOURS.negative;
    pixels.set(
      colour.map((part) => part * strength),
      (y * width + x) * 4,
    );
  });
  return { width, height, pixels };
}
