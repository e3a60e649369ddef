import type { Explanation } from '@digits/model';

/** Red, green and blue in [0, 255]. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Colours of evidence. People who cannot tell red from green can tell these apart. */
export const EVIDENCE_COLOURS = {
  /** Supports what the map is about. */
  positive: [255, 138, 95],
  /** Argues against it. */
  negative: [96, 170, 250],
} as const satisfies Record<string, Colour>;

/** Brightness of the digit under its evidence, as a share of its own. */
const INK_BRIGHTNESS = 0.42;

/** Exponent below 1 that lifts weak evidence, which would be too dark to see next to the strongest. */
const CONTRAST = 0.7;

/** Two painted maps, `[height, width, 4]` RGBA each, fully opaque. */
export interface PaintedExplanation {
  readonly evidenceFor: Uint8ClampedArray<ArrayBuffer>;
  readonly evidenceAgainst: Uint8ClampedArray<ArrayBuffer>;
}

/**
 * Paints the evidence of an explanation over the image: positive evidence orange, negative blue. The strongest evidence of both
 * maps is the brightest colour, so the two can be compared.
 *
 * @param image `[height, width]` uint8 that was explained, white on black
 * @throws RangeError if the image has another size than the explanation
 */
export function paintExplanation(
  image: Uint8Array,
  { width, height, evidenceFor, evidenceAgainst }: Explanation,
): PaintedExplanation {
  if (image.length !== width * height) {
    throw new RangeError(
      `paintExplanation: image must have ${width}x${height} = ${width * height} pixels, got ${image.length}`,
    );
  }
  const strongest = Math.max(maxMagnitude(evidenceFor), maxMagnitude(evidenceAgainst));
  return {
    evidenceFor: paintMap(image, evidenceFor, strongest),
    evidenceAgainst: paintMap(image, evidenceAgainst, strongest),
  };
}

function paintMap(image: Uint8Array, evidence: Float32Array, strongest: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(image.length * 4);
  image.forEach((value, i) => {
    const strength = strongest > 0 ? (Math.abs(evidence[i]) / strongest) ** CONTRAST : 0;
    const colour = evidence[i] < 0 ? EVIDENCE_COLOURS.negative : EVIDENCE_COLOURS.positive;
    colour.forEach((part, channel) => {
      pixels[i * 4 + channel] = value * INK_BRIGHTNESS * (1 - strength) + part * strength;
    });
    pixels[i * 4 + 3] = 255;
  });
  return pixels;
}

function maxMagnitude(values: Float32Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}
