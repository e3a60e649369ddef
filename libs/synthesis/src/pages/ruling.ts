import type { RandomStream } from '@digits/data';
import type { PageSize } from './writing.ts';

/** Coverage by printed lines at the centre of a pixel, in [0, 1]. */
export type Ruling = (x: number, y: number) => number;

type RulingKind = (random: RandomStream, scale: PageSize) => Ruling;

/** Kinds of printed lines that networks are trained on. */
export const TRAINING_RULINGS: Readonly<Record<string, RulingKind>> = {
  squared,
  ruled,
  columns,
  dotted,
  frames,
  heavyGrid,
  fewLines,
  dashed,
  zigzag,
};

/** Kinds of printed lines that are left out of training, for validation. */
export const HELD_OUT_RULINGS: Readonly<Record<string, RulingKind>> = { millimetre, staves, triangles };

/** Coverage of a line of this half width whose middle is `distance` away. */
function cover(distance: number, halfWidth: number): number {
  const inside = halfWidth - distance + 0.5;
  const most = Math.min(1, 2 * halfWidth);
  return inside <= 0 ? 0 : inside < most ? inside : most;
}

/** Distance to the nearest of parallel lines that are `pitch` apart. */
function distanceToNearest(position: number, offset: number, pitch: number): number {
  const phase = (position - offset) / pitch;
  return Math.abs(phase - Math.floor(phase + 0.5)) * pitch;
}

/** Half the width of a printed line in pixels: hairlines are most frequent, frames are up to 5 pixels wide. */
function lineHalfWidth(random: RandomStream): number {
  const spread = random.uniform(0, 1);
  return 0.2 + 2.2 * spread * spread;
}

/** Distance between parallel lines: from a fifth of a character to three of them, and at least 5 pixels. */
function pitchOf(random: RandomStream, { characterHeight }: PageSize): number {
  const spread = random.uniform(-1.4, 1.1);
  return Math.max(5, characterHeight * (spread < 0 ? 1 / (1 - spread) : 1 + spread * 1.6));
}

/** Squared paper. */
function squared(random: RandomStream, scale: PageSize): Ruling {
  const pitch = pitchOf(random, scale);
  const other = random.chance(0.8) ? pitch : pitchOf(random, scale);
  const [offsetX, offsetY] = [random.uniform(0, pitch), random.uniform(0, other)];
  const half = Math.min(lineHalfWidth(random), pitch / 8);
  return (x, y) =>
    Math.max(cover(distanceToNearest(x, offsetX, pitch), half), cover(distanceToNearest(y, offsetY, other), half));
}

/** Lined paper, sometimes with a margin line. */
function ruled(random: RandomStream, scale: PageSize): Ruling {
  const pitch = pitchOf(random, scale);
  const offset = random.uniform(0, pitch);
  const half = Math.min(lineHalfWidth(random), pitch / 6);
  const margin = random.chance(0.4) ? random.uniform(0, scale.width) : -1e6;
  return (x, y) => Math.max(cover(distanceToNearest(y, offset, pitch), half), cover(Math.abs(x - margin), half));
}

function columns(random: RandomStream, scale: PageSize): Ruling {
  const rows = ruled(random, scale);
  return (x, y) => rows(y, x);
}

/** A lattice of dots. */
function dotted(random: RandomStream, scale: PageSize): Ruling {
  const pitch = pitchOf(random, scale);
  const [offsetX, offsetY] = [random.uniform(0, pitch), random.uniform(0, pitch)];
  const half = Math.min(random.uniform(0.4, 2), pitch / 6);
  return (x, y) => {
    const dx = distanceToNearest(x, offsetX, pitch);
    const dy = distanceToNearest(y, offsetY, pitch);
    return cover(Math.sqrt(dx * dx + dy * dy), half);
  };
}

/** Boxes of a form, one beside the other with gaps, often one per character. */
function frames(random: RandomStream, { width, height, characterHeight }: PageSize): Ruling {
  const boxWidth = characterHeight * random.uniform(0.8, 2.4);
  const boxHeight = characterHeight * random.uniform(1.05, 2.2);
  const gapX = random.chance(0.5) ? 0 : characterHeight * random.uniform(0.05, 0.6);
  const gapY = characterHeight * random.uniform(0.1, 1);
  const half = lineHalfWidth(random);
  const [left, top] = [width / 2 - random.uniform(0, boxWidth), height / 2 - random.uniform(0, boxHeight)];
  return (x, y) => {
    const [pitchX, pitchY] = [boxWidth + gapX, boxHeight + gapY];
    const inX = x - left - Math.floor((x - left) / pitchX) * pitchX;
    const inY = y - top - Math.floor((y - top) / pitchY) * pitchY;
    const outside = Math.max(inX - boxWidth, inY - boxHeight);
    if (outside > half + 0.5) return 0;
    const toSide = Math.min(inX, Math.abs(inX - boxWidth), pitchX - inX);
    const toEnd = Math.min(inY, Math.abs(inY - boxHeight), pitchY - inY);
    return Math.max(inY <= boxHeight + half ? cover(toSide, half) : 0, inX <= boxWidth + half ? cover(toEnd, half) : 0);
  };
}

/** A table whose every third or so line is heavier, as in a sudoku. */
function heavyGrid(random: RandomStream, scale: PageSize): Ruling {
  const pitch = scale.characterHeight * random.uniform(1.1, 2.6);
  const [offsetX, offsetY] = [random.uniform(0, pitch), random.uniform(0, pitch)];
  const half = lineHalfWidth(random);
  const heavy = half * random.uniform(1.2, 3) + 0.3;
  const every = random.integer(2, 4) * pitch;
  return (x, y) =>
    Math.max(
      cover(distanceToNearest(x, offsetX, pitch), half),
      cover(distanceToNearest(y, offsetY, pitch), half),
      cover(distanceToNearest(x, offsetX, every), heavy),
      cover(distanceToNearest(y, offsetY, every), heavy),
    );
}

/** One to four single lines anywhere: an edge of a cell, a rule under the writing, a fold's shadow. */
function fewLines(random: RandomStream, { width, height }: PageSize): Ruling {
  const lines = Array.from({ length: random.integer(1, 4) }, () => {
    const isVertical = random.chance(0.5);
    const extent = isVertical ? width : height;
    // Cells that were cut out of a sheet have their borders at the picture's edge.
    const atEdge = random.chance(0.5) ? random.pick([0.03, 0.97]) + random.around(0.06) : random.uniform(0, 1);
    const tilt = random.around(0.12);
    return { isVertical, at: atEdge * extent, tilt, half: lineHalfWidth(random) * random.uniform(0.8, 1.6) };
  });
  return (x, y) => {
    let most = 0;
    for (const { isVertical, at, tilt, half } of lines) {
      const distance = isVertical ? x - at - tilt * (y - height / 2) : y - at - tilt * (x - width / 2);
      most = Math.max(most, cover(Math.abs(distance), half));
    }
    return most;
  };
}

/** Dashed or dotted lines to write on. */
function dashed(random: RandomStream, scale: PageSize): Ruling {
  const pitch = Math.max(8, scale.characterHeight * random.uniform(1, 2.2));
  const offset = random.uniform(0, pitch);
  const half = lineHalfWidth(random) * 0.8;
  const period = random.uniform(3, 14);
  const share = random.uniform(0.3, 0.8);
  const isUpright = random.chance(0.3);
  return (x, y) => {
    const [along, across] = isUpright ? [y, x] : [x, y];
    const phase = along / period - Math.floor(along / period);
    return phase < share ? cover(distanceToNearest(across, offset, pitch), half) : 0;
  };
}

/** A thin line to and fro across the page, as of a graph or a border. */
function zigzag(random: RandomStream, { width, height, characterHeight }: PageSize): Ruling {
  const period = characterHeight * random.uniform(0.15, 0.9);
  const swing = characterHeight * random.uniform(0.1, 0.5);
  const middle = random.uniform(0.1, 0.9) * height;
  const half = lineHalfWidth(random);
  const slope = (4 * swing) / period;
  const shrink = 1 / Math.sqrt(1 + slope * slope);
  const isUpright = random.chance(0.3);
  return (x, y) => {
    const [along, across] = isUpright ? [y, (x / width) * height] : [x, y];
    const phase = along / period - Math.floor(along / period);
    const line = middle + swing * (4 * Math.abs(phase - 0.5) - 1);
    return cover(Math.abs(across - line) * shrink, half);
  };
}

/** Fine squares with every fifth line heavier. */
function millimetre(random: RandomStream, scale: PageSize): Ruling {
  const pitch = Math.max(4, scale.characterHeight * random.uniform(0.12, 0.35));
  const [offsetX, offsetY] = [random.uniform(0, pitch), random.uniform(0, pitch)];
  const [fine, heavy] = [random.uniform(0.2, 0.5), random.uniform(0.4, 1.2)];
  const nearest = (x: number, y: number, p: number): number =>
    Math.min(distanceToNearest(x, offsetX, p), distanceToNearest(y, offsetY, p));
  return (x, y) => Math.max(cover(nearest(x, y, pitch), fine), cover(nearest(x, y, 5 * pitch), heavy));
}

/** Groups of five close lines. */
function staves(random: RandomStream, scale: PageSize): Ruling {
  const close = Math.max(4, scale.characterHeight * random.uniform(0.15, 0.4));
  const period = close * random.uniform(6, 9);
  const offset = random.uniform(0, period);
  const half = lineHalfWidth(random) * 0.6;
  return (_, y) => {
    const phase = y - offset - Math.floor((y - offset) / period) * period;
    return phase > 4.5 * close ? 0 : cover(distanceToNearest(phase, 0, close), half);
  };
}

/** Isometric paper. */
function triangles(random: RandomStream, scale: PageSize): Ruling {
  const pitch = pitchOf(random, scale);
  const offset = random.uniform(0, pitch);
  const half = Math.min(lineHalfWidth(random), pitch / 8);
  const slope = Math.sqrt(3) / 2;
  return (x, y) =>
    Math.max(
      cover(distanceToNearest(y, offset, pitch * slope), half),
      cover(distanceToNearest(slope * x + y / 2, offset, pitch * slope), half),
      cover(distanceToNearest(slope * x - y / 2, offset, pitch * slope), half),
    );
}
