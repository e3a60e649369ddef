import { IMAGE_SIZE, portableCos, portableSin, type RandomStream } from '@digits/data';

/** Brightness at a place of the picture, 0 for black to 1 for white; what lies beyond is cut. x and y from 0 to 1. */
export type Surface = (x: number, y: number) => number;

/** Makes a surface. */
export type SurfaceMaker = (draws: RandomStream) => Surface;

export const TRAIN_NOISES: readonly SurfaceMaker[] = [pixelNoise, cloud, cloud, speckle];

export const VALIDATION_NOISES: readonly SurfaceMaker[] = [pixelNoise, cloud];

export const TRAIN_TEXTURES: readonly SurfaceMaker[] = [stripes, checks, gradient, camouflage];

export const VALIDATION_TEXTURES: readonly SurfaceMaker[] = [rings, polkaDots];

/** @returns `[28, 28]` uint8 */
export function drawSurface(surface: Surface): Uint8Array {
  return Uint8Array.from({ length: IMAGE_SIZE * IMAGE_SIZE }, (_, i) => {
    const x = ((i % IMAGE_SIZE) + 0.5) / IMAGE_SIZE;
    const y = (Math.floor(i / IMAGE_SIZE) + 0.5) / IMAGE_SIZE;
    return Math.floor(Math.min(1, Math.max(0, surface(x, y))) * 255 + 0.5);
  });
}

/** Nothing, or next to nothing: one brightness all over, now and then with up to four specks. */
export function drawBlank(draws: RandomStream): Uint8Array {
  const level = draws.chance(0.6) ? 0 : draws.integer(0, 255);
  const image = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE).fill(level);
  const numSpecks = draws.chance(0.5) ? 0 : draws.integer(1, 4);
  for (let i = 0; i < numSpecks; i++) image[draws.integer(0, image.length - 1)] = draws.integer(0, 255);
  return image;
}

/** A brightness for each pixel by itself. */
export function pixelNoise(draws: RandomStream): Surface {
  const low = draws.uniform(-0.8, 0.5);
  const high = low + draws.uniform(0.3, 1.2);
  const values = Array.from({ length: IMAGE_SIZE * IMAGE_SIZE }, () => draws.uniform(low, high));
  return (x, y) => values[Math.floor(y * IMAGE_SIZE) * IMAGE_SIZE + Math.floor(x * IMAGE_SIZE)];
}

/** Few bright pixels. */
function speckle(draws: RandomStream): Surface {
  const share = draws.uniform(0.01, 0.2);
  const values = Array.from({ length: IMAGE_SIZE * IMAGE_SIZE }, () =>
    draws.chance(share) ? draws.uniform(0.3, 1) : 0,
  );
  return (x, y) => values[Math.floor(y * IMAGE_SIZE) * IMAGE_SIZE + Math.floor(x * IMAGE_SIZE)];
}

/** Brightness that changes slowly: random on a coarse grid, straight in between. */
export function cloud(draws: RandomStream): Surface {
  const cells = draws.integer(2, 9);
  const low = draws.uniform(-0.5, 0.4);
  const high = low + draws.uniform(0.4, 1.5);
  const values = Array.from({ length: (cells + 1) ** 2 }, () => draws.uniform(low, high));
  return (x, y) => {
    const [column, row] = [Math.floor(x * cells), Math.floor(y * cells)];
    const [u, v] = [x * cells - column, y * cells - row];
    const at = row * (cells + 1) + column;
    const above = values[at] * (1 - u) + values[at + 1] * u;
    const below = values[at + cells + 1] * (1 - u) + values[at + cells + 2] * u;
    return above * (1 - v) + below * v;
  };
}

/** Patches with sharp edges. */
function camouflage(draws: RandomStream): Surface {
  const base = cloud(draws);
  const level = draws.uniform(0.1, 0.5);
  return (x, y) => 0.5 + (base(x, y) - level) * 8;
}

export function gradient(draws: RandomStream): Surface {
  const angle = draws.uniform(0, 2 * Math.PI);
  const [dx, dy] = [portableCos(angle), portableSin(angle)];
  const middle = draws.uniform(0.2, 0.8);
  const slope = draws.uniform(0, 1.5);
  return (x, y) => middle + slope * ((x - 0.5) * dx + (y - 0.5) * dy);
}

export function stripes(draws: RandomStream): Surface {
  const angle = draws.uniform(0, Math.PI);
  const pace = draws.uniform(2.5, 11) * 2 * Math.PI;
  const [dx, dy] = [portableCos(angle) * pace, portableSin(angle) * pace];
  const phase = draws.uniform(0, 2 * Math.PI);
  const contrast = draws.uniform(0.2, 2);
  const middle = draws.uniform(0.2, 0.8);
  return (x, y) => middle + contrast * portableSin(x * dx + y * dy + phase);
}

function checks(draws: RandomStream): Surface {
  const [across, down] = [stripes(draws), stripes(draws)];
  return (x, y) => 0.5 + 2 * (across(x, y) - 0.5) * (down(x, y) - 0.5);
}

function rings(draws: RandomStream): Surface {
  const [cx, cy] = [draws.uniform(0.2, 0.8), draws.uniform(0.2, 0.8)];
  const pace = draws.uniform(20, 45);
  return (x, y) => 0.5 + portableSin(pace * Math.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)));
}

function polkaDots(draws: RandomStream): Surface {
  const pace = draws.uniform(3, 6) * 2 * Math.PI;
  const size = draws.uniform(0.2, 0.8);
  return (x, y) => size + portableSin(pace * x) + portableSin(pace * y);
}
