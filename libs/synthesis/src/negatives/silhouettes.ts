import { IMAGE_SIZE, portableCos, portableSin, type RandomStream } from '@digits/data';
import { type Contour, fillContours } from './fill-contours.ts';
import { cloud, drawSurface, gradient, pixelNoise, stripes, type Surface } from './surfaces.ts';

/** Draws the outline of a thing, in a box of 1 by 1, y down. */
export type Outline = (draws: RandomStream) => readonly Contour[];

export const TRAIN_OUTLINE_MAKERS: readonly Outline[] = [vase, vase, limbed, blob, block, skyline, skyline, bands];

export const VALIDATION_OUTLINE_MAKERS: readonly Outline[] = [vase, polygon, frame];

/** No stroke of a pen is as wide as this, in pixels: a narrower thing could be a bold 1. */
const LEAST_WIDTH = 9;

/**
 * Fills the outline of a thing with light, shade and pattern, as a picture of an object on a black ground would look.
 *
 * @returns `[28, 28]` uint8
 */
export function drawSilhouette(outline: Outline, draws: RandomStream): Uint8Array {
  const height = draws.uniform(12, 28);
  const width = draws.uniform(LEAST_WIDTH, 28);
  const left = (IMAGE_SIZE - width) / 2 + draws.symmetric(2);
  const top = (IMAGE_SIZE - height) / 2 + draws.symmetric(2);
  const contours = outline(draws).map((contour) =>
    contour.map(([x, y]): [number, number] => [left + x * width, top + y * height]),
  );
  const mask = fillContours(contours, IMAGE_SIZE, IMAGE_SIZE);
  const paint = drawSurface(drawPaint(draws));
  const image = mask.map((share, i) => Math.floor((share * paint[i]) / 255));
  return draws.chance(0.15) ? onGround(image, mask, draws) : image;
}

/** A base brightness, shaded, often patterned, often with grain. */
function drawPaint(draws: RandomStream): Surface {
  const base = draws.uniform(0.25, 1);
  const layers = [
    { surface: gradient(draws), strength: draws.uniform(0, 0.6) },
    { surface: draws.pick([stripes, cloud])(draws), strength: draws.chance(0.5) ? draws.uniform(0.1, 0.8) : 0 },
    { surface: pixelNoise(draws), strength: draws.chance(0.6) ? draws.uniform(0.05, 0.5) : 0 },
  ];
  return (x, y) =>
    Math.max(0.08, base + layers.reduce((sum, { surface, strength }) => sum + strength * (surface(x, y) - 0.5), 0));
}

/** The same thing before a ground that is not black. */
function onGround(image: Uint8Array, mask: Uint8Array, draws: RandomStream): Uint8Array {
  const ground = drawSurface(draws.pick([gradient, cloud])(draws));
  return image.map((value, i) => Math.min(255, value + Math.floor(((255 - mask[i]) * ground[i]) / 255)));
}

/** The same on the left as on the right, like most things that are worn, thrown or drunk from. */
function vase(draws: RandomStream): readonly Contour[] {
  const numLevels = draws.integer(3, 8);
  const half = Array.from({ length: numLevels }, (_, i): [number, number] => [
    draws.uniform(0.25, 0.5),
    i / (numLevels - 1),
  ]);
  half[draws.integer(0, numLevels - 1)][0] = 0.5;
  const right = half.map(([x, y]): [number, number] => [0.5 + x, y]);
  const left = half.map(([x, y]): [number, number] => [0.5 - x, y]).reverse();
  return [[...right, ...left]];
}

/** A trunk with two arms above or two legs below, or both. */
function limbed(draws: RandomStream): readonly Contour[] {
  const [inner, outer] = [draws.uniform(0.12, 0.3), draws.uniform(0.38, 0.5)];
  const has = draws.pick(['arms', 'legs', 'both']);
  const contours: Contour[] = [box(0.5 - inner, 0, 0.5 + inner, has === 'arms' ? 1 : draws.uniform(0.3, 0.6))];
  const mirrored = (contour: Contour): Contour[] => [contour, contour.map(([x, y]): [number, number] => [1 - x, y])];
  if (has !== 'legs') {
    const length = draws.uniform(0.3, 1);
    const thickness = draws.uniform(0.1, 0.25);
    const shoulder = draws.uniform(0, 0.1);
    const arm: Contour = [[0.5, shoulder], [0.5 + outer - thickness, length - 0.02], [0.5 + outer, length], [0.5 + outer * 0.8, shoulder]]; // prettier-ignore
    contours.push(...mirrored(arm));
  }
  if (has !== 'arms') {
    const gap = draws.uniform(0.02, 0.12);
    const spread = draws.uniform(0, 0.15);
    const leg: Contour = [[0.5, 0.2], [0.5 + inner, 0.2], [0.5 + inner + spread, 1], [0.5 + gap + spread * 0.6, 1], [0.5 + gap * 0.4, 0.45]]; // prettier-ignore
    contours.push(...mirrored(leg));
  }
  return contours;
}

function blob(draws: RandomStream): readonly Contour[] {
  const numBumps = draws.integer(5, 9);
  const reach = Array.from({ length: numBumps }, () => draws.uniform(0.28, 0.5));
  const numPoints = 4 * numBumps;
  return [
    Array.from({ length: numPoints }, (_, i): [number, number] => {
      const k = Math.floor(i / 4);
      const t = (1 - portableCos(((i % 4) / 4) * Math.PI)) / 2;
      const radius = reach[k] * (1 - t) + reach[(k + 1) % numBumps] * t;
      const angle = (i / numPoints) * 2 * Math.PI;
      return [0.5 + radius * portableCos(angle), 0.5 + radius * portableSin(angle)];
    }),
  ];
}

/** A box with cut corners, often with a bow of a handle over it. */
function block(draws: RandomStream): readonly Contour[] {
  const top = draws.chance(0.5) ? draws.uniform(0.2, 0.45) : 0;
  const cut = draws.uniform(0, 0.15);
  const body: Contour = [[cut, top], [1 - cut, top], [1, top + cut], [1, 1 - cut], [1 - cut, 1], [cut, 1], [0, 1 - cut], [0, top + cut]]; // prettier-ignore
  if (top === 0) return [body];
  const [from, to] = [draws.uniform(0.1, 0.35), draws.uniform(0.65, 0.9)];
  const thick = draws.uniform(0.06, 0.12);
  const handle: Contour = [[from, top], [from, 0], [to, 0], [to, top], [to - thick, top], [to - thick, thick], [from + thick, thick], [from + thick, top]]; // prettier-ignore
  return [body, handle];
}

/** Flat below, any height above: shoes, cars, hats and hills. */
function skyline(draws: RandomStream): readonly Contour[] {
  const numSteps = draws.integer(3, 7);
  const high = draws.pick([0, 1]);
  const ridge = Array.from({ length: numSteps + 1 }, (_, i): [number, number] => {
    const slope = Math.abs(i / numSteps - high);
    return [i / numSteps, Math.min(0.9, Math.max(0, slope * draws.uniform(0.4, 0.9) + draws.symmetric(0.15)))];
  });
  const heel = draws.chance(0.4) ? draws.uniform(0.1, 0.3) : 0;
  const sole: [number, number][] = [[1, 1 - heel * high], [draws.uniform(0.4, 0.6), 1 - heel], [0, 1 - heel * (1 - high)]]; // prettier-ignore
  return [[...ridge, ...sole]];
}

/** Three to six separate bands, slanted alike or crossing. */
function bands(draws: RandomStream): readonly Contour[] {
  const numBands = draws.integer(3, 6);
  const base: Contour = [[0, 0.88], [1, 0.8], [1, 1], [0, 1]]; // prettier-ignore
  const others = Array.from({ length: numBands - 1 }, (): Contour => {
    const [from, to] = [draws.uniform(0, 0.85), draws.uniform(0, 0.85)];
    const thickness = draws.uniform(0.08, 0.2);
    const top = draws.uniform(0, 0.6);
    return [[from, top], [from + thickness, top], [to + thickness, 0.9], [to, 0.9]]; // prettier-ignore
  });
  return [base, ...others];
}

/** Five to seven corners anywhere around the middle. */
function polygon(draws: RandomStream): readonly Contour[] {
  const numCorners = draws.integer(5, 7);
  return [
    Array.from({ length: numCorners }, (_, i): [number, number] => {
      const angle = ((i + draws.uniform(0, 0.8)) / numCorners) * 2 * Math.PI;
      return [0.5 + 0.5 * portableCos(angle), 0.5 + 0.5 * portableSin(angle)];
    }),
  ];
}

/** A box with a window that is too small to be a 0's. */
function frame(draws: RandomStream): readonly Contour[] {
  const window = draws.uniform(0.1, 0.2);
  const [x, y] = [draws.uniform(0.3, 0.7), draws.uniform(0.3, 0.7)];
  return [box(0, 0, 1, 1), [...box(x - window, y - window, x + window, y + window)].reverse()];
}

function box(left: number, top: number, right: number, bottom: number): Contour {
  return [[left, top], [right, top], [right, bottom], [left, bottom]]; // prettier-ignore
}
