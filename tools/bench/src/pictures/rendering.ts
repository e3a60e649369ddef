import { type Picture, randomUniforms } from '@digits/data';
import sharp from 'sharp';

/** What is done to a digit on its way into a picture, each on its own. */
export const DISTORTIONS = ['none', 'moved', 'inverted', 'paper', 'shadow', 'noise', 'jpeg'] as const;
export type Distortion = (typeof DISTORTIONS)[number];

const SIDE = 28;
/** Keys the random numbers of places and noise. */
const SEED = 1;
/** Likewise: another one would render other pictures than docs/results.md speaks of. */
const PURPOSE = 5;

/**
 * Renders a digit as a picture.
 *
 * - `none`: white on black, scaled only; `inverted`: black on white
 * - `moved`: anywhere on a black ground of twice the side
 * - `paper`: dark blue ink on cream; `shadow`: the same in light that halves from one corner to the other
 * - `noise`: `inverted` with Gaussian-like noise of standard deviation 12; `jpeg`: `inverted` at quality 40
 *
 * @param digit `[28, 28]` uint8, white on black
 * @param scale of each side
 * @param index of the digit, keys its random numbers
 * @returns RGB
 */
export async function renderPicture(
  digit: Uint8Array,
  distortion: Distortion,
  scale: number,
  index: number,
): Promise<Picture> {
  const side = Math.max(1, Math.round(SIDE * scale));
  const ink = await scaled(digit, side);
  switch (distortion) {
    case 'none':
      return picture(side, (x, y) => grey(ink[y * side + x]));
    case 'moved': {
      const [left, top] = uniforms(index, 2).map((u) => Math.floor(u * (side + 1)));
      return picture(2 * side, (x, y) => {
        const [column, row] = [x - left, y - top];
        return grey(column >= 0 && column < side && row >= 0 && row < side ? ink[row * side + column] : 0);
      });
    }
    case 'inverted':
      return inverted(ink, side);
    case 'paper':
      return picture(side, (x, y) => onPaper(ink[y * side + x], 1));
    case 'shadow':
      return picture(side, (x, y) => onPaper(ink[y * side + x], 1 - (x + y) / (4 * side)));
    case 'noise': {
      const noise = uniforms(index, 4 * side * side);
      return picture(side, (x, y) => {
        const at = y * side + x;
        // The sum of four uniform numbers has a standard deviation of sqrt(4 / 12).
        const sum = noise[4 * at] + noise[4 * at + 1] + noise[4 * at + 2] + noise[4 * at + 3] - 2;
        return grey(255 - ink[at] + (12 / 0.577) * sum);
      });
    }
    case 'jpeg': {
      const { data } = inverted(ink, side);
      const raw = { width: side, height: side, channels: 3 } as const;
      const jpeg = await sharp(data, { raw }).jpeg({ quality: 40 }).toBuffer();
      return { data: await sharp(jpeg).removeAlpha().raw().toBuffer(), ...raw };
    }
  }
}

async function scaled(digit: Uint8Array, side: number): Promise<Uint8Array> {
  if (side === SIDE) return digit;
  const raw = sharp(digit, { raw: { width: SIDE, height: SIDE, channels: 1 } });
  return raw.resize(side, side, { kernel: 'cubic' }).toColourspace('b-w').raw().toBuffer();
}

type Colour = readonly [number, number, number];

function picture(side: number, colourAt: (x: number, y: number) => Colour): Picture {
  const data = new Uint8ClampedArray(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) data.set(colourAt(x, y), 3 * (y * side + x));
  }
  return { data, width: side, height: side, channels: 3 };
}

function inverted(ink: Uint8Array, side: number): Picture {
  return picture(side, (x, y) => grey(255 - ink[y * side + x]));
}

function grey(value: number): Colour {
  return [value, value, value];
}

/** Dark blue ink of some cover on cream paper in some light. */
function onPaper(ink: number, light: number): Colour {
  const cover = ink / 255;
  return [light * (245 - 215 * cover), light * (238 - 198 * cover), light * (215 - 105 * cover)];
}

function uniforms(index: number, count: number): number[] {
  return Array.from(randomUniforms({ seed: SEED, purpose: PURPOSE, sample: index }, count));
}
