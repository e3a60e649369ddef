import { portableCos, portableSin, type RandomStream } from '@digits/data';
import type { PageSize } from './writing.ts';

/** Something that depends on the place on a page, in pixels. */
export type Field = (x: number, y: number) => number;

/** Paper, light and what hides parts of the sheet. */
export interface Scene {
  /** Reflectance of the bare sheet, in (0, 1]. */
  readonly paper: Field;
  /** How much of the pixel is hidden by something that is not the sheet: a table, a finger, a hole, in [0, 1]; null for nothing. */
  readonly hidden: Field | null;
  /** Reflectance of what hides the sheet, in [0, 1]. */
  readonly cover: Field;
  /** Light on the page, in (0, 1.3]. */
  readonly light: Field;
}

/** Draws the conditions in which one page is photographed or scanned. */
export function drawScene(random: RandomStream, size: PageSize): Scene {
  const lightness = random.chance(0.3) ? random.uniform(0.93, 1) : random.uniform(0.45, 0.97);
  const texture = random.chance(0.5) ? drawTexture(random, size, random.uniform(0.01, 0.1)) : () => 0;
  const weave = random.chance(0.08) ? drawWeave(random) : () => 0;
  return {
    paper: (x, y) => lightness * (1 + texture(x, y) + weave(x, y)),
    ...drawCovers(random, size, lightness),
    light: drawLight(random, size),
  };
}

/** Slow changes of lightness: random on a coarse grid, smooth in between. */
function drawTexture(random: RandomStream, { width, height }: PageSize, amount: number): Field {
  const cell = random.uniform(6, 50);
  const columns = Math.ceil(width / cell) + 2;
  const rows = Math.ceil(height / cell) + 2;
  const values = Float32Array.from({ length: columns * rows }, () => random.symmetric(amount));
  return (x, y) => {
    const [u, v] = [x / cell, y / cell];
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [s, t] = [smooth(u - column), smooth(v - row)];
    const at = row * columns + column;
    const above = values[at] + (values[at + 1] - values[at]) * s;
    const below = values[at + columns] + (values[at + columns + 1] - values[at + columns]) * s;
    return above + (below - above) * t;
  };
}

/** A fine regular pattern: cloth, a halftone, the mesh of a screen. */
function drawWeave(random: RandomStream): Field {
  const [periodX, periodY] = [random.uniform(2.2, 7), random.uniform(2.2, 7)];
  const amount = random.uniform(0.03, 0.2);
  const tilt = random.around(0.5);
  const wave = (t: number): number => 4 * Math.abs(t - Math.floor(t) - 0.5) - 1;
  return (x, y) => amount * wave((x + tilt * y) / periodX) * wave((y - tilt * x) / periodY);
}

/** From 0 to 1 with flat ends. */
function smooth(t: number): number {
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

/** A half plane at any angle: 0 on one side of its border, 1 on the other, over a ramp of `softness` pixels. */
function drawHalfPlane(random: RandomStream, { width, height }: PageSize, softness: number, reach: number): Field {
  const angle = random.chance(0.6)
    ? (random.integer(0, 3) * Math.PI) / 2 + random.around(0.3)
    : random.uniform(0, 2 * Math.PI);
  const [dx, dy] = [portableCos(angle), portableSin(angle)];
  const half = (Math.abs(dx) * width + Math.abs(dy) * height) / 2;
  const start = half * reach;
  const bend = random.chance(0.4) ? random.symmetric(0.3) / Math.max(width, height) : 0;
  return (x, y) => {
    const [px, py] = [x - width / 2, y - height / 2];
    const along = py * dx - px * dy;
    return smooth((px * dx + py * dy - start + bend * along * along) / softness + 0.5);
  };
}

function drawLight(random: RandomStream, size: PageSize): Field {
  const { width, height } = size;
  const parts: Field[] = [];
  if (random.chance(0.6)) {
    const [slopeX, slopeY] = [random.symmetric(0.35), random.symmetric(0.35)];
    parts.push((x, y) => 1 + slopeX * (x / width - 0.5) + slopeY * (y / height - 0.5));
  }
  const numShadows = random.chance(0.25) ? random.integer(1, 2) : 0;
  for (let i = 0; i < numShadows; i++) {
    const softness = random.chance(0.4) ? random.uniform(1, 4) : random.uniform(4, 70);
    const plane = drawHalfPlane(random, size, softness, random.symmetric(0.9));
    const depth = random.uniform(0.1, 0.65);
    parts.push((x, y) => 1 - depth * plane(x, y));
  }
  if (random.chance(0.12)) parts.push(drawCrease(random, size));
  return (x, y) => parts.reduce((light, part) => light * part(x, y), 1);
}

/** A fold of the sheet: darker on one side of a line, lighter on the other, fading away from it. */
function drawCrease(random: RandomStream, { width, height }: PageSize): Field {
  const isUpright = random.chance(0.5);
  const at = random.uniform(0, isUpright ? width : height);
  const tilt = random.around(0.3);
  const [before, after] = [random.symmetric(0.3), random.symmetric(0.3)];
  const fade = random.uniform(2, 25);
  return (x, y) => {
    const distance = isUpright ? x - at - tilt * (y - height / 2) : y - at - tilt * (x - width / 2);
    const near = fade / (fade + Math.abs(distance) * 3);
    return 1 + (distance < 0 ? before : after) * near * near;
  };
}

/** The table beyond the sheet's edge, another sheet, fingers, holes, stains. */
function drawCovers(random: RandomStream, size: PageSize, lightness: number): Pick<Scene, 'hidden' | 'cover'> {
  const shapes: Field[] = [];
  if (random.chance(0.22)) {
    const numEdges = random.chance(0.3) ? 2 : 1;
    for (let i = 0; i < numEdges; i++) {
      shapes.push(drawHalfPlane(random, size, random.uniform(0.8, 3), random.uniform(0.55, 0.98)));
    }
  }
  if (random.chance(0.1)) shapes.push(drawBlob(random, size, random.uniform(0.25, 1.2)));
  const numSpots = random.chance(0.06) ? random.integer(2, 14) : 0;
  for (let i = 0; i < numSpots; i++) shapes.push(drawBlob(random, size, random.uniform(0.03, 0.22)));
  if (shapes.length === 0) return { hidden: null, cover: () => 0 };
  const isDark = random.chance(0.7);
  const level = isDark ? lightness * random.uniform(0.05, 0.8) : random.uniform(lightness, 1);
  const texture = drawTexture(random, size, random.uniform(0, 0.25));
  return {
    hidden: (x, y) => shapes.reduce((most, shape) => Math.max(most, shape(x, y)), 0),
    cover: (x, y) => level * (1 + texture(x, y)),
  };
}

/** A filled ellipse: far thicker than strokes, or a spot. */
function drawBlob(random: RandomStream, { width, height, characterHeight }: PageSize, share: number): Field {
  const [cx, cy] = [random.uniform(0, width), random.uniform(0, height)];
  const rx = Math.max(1, characterHeight * share);
  const ry = rx * random.uniform(0.6, 1.7);
  const softness = random.uniform(1, 4);
  return (x, y) => {
    const [u, v] = [(x - cx) / rx, (y - cy) / ry];
    return smooth(((1 - Math.sqrt(u * u + v * v)) * Math.min(rx, ry)) / softness + 0.5);
  };
}
