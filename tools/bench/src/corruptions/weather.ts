import { gaussianFilter } from './gaussian-filter.ts';
import { clamp, NUM_PIXELS, SIDE, toUnit } from './pixels.ts';
import type { Randomness } from './randomness.ts';

/** Fog: its density, the side of its map, and the divisor of the roughness from one scale to the next finer one. */
const FOG = { density: 3, mapSide: 256, decay: 1.4 };
/** Roughness of the coarsest scale. */
const ROUGHNESS = 100;

/** Adds the corner of a large cloud map, then scales back to the image's own brightest value. */
export function fog(image: Uint8Array, random: Randomness): Float64Array {
  const { density, mapSide, decay } = FOG;
  const cloud = plasma(mapSide, decay, random);
  let [lowest, highest] = [Infinity, -Infinity];
  for (const height of cloud) {
    if (height < lowest) lowest = height;
    if (height > highest) highest = height;
  }
  const pixels = toUnit(image);
  const brightest = Math.max(...pixels);
  return pixels.map((value, i) => {
    const height = cloud[Math.floor(i / SIDE) * mapSide + (i % SIDE)];
    const fogged = value + density * ((height - lowest) / (highest - lowest));
    return (fogged * brightest) / (brightest + density);
  });
}

/**
 * Draws a plasma fractal by the diamond-square algorithm on a torus.
 *
 * @param side a power of two
 * @returns `[side, side]` float64 heights, 0 in the first corner
 */
function plasma(side: number, decay: number, random: Randomness): Float64Array {
  const map = new Float64Array(side * side);
  const last = side - 1;
  // Coordinates wrap around: the side is a power of two.
  const at = (y: number, x: number): number => map[(y & last) * side + (x & last)];
  let roughness = ROUGHNESS;
  const fill = (startY: number, startX: number, step: number, sumAround: (y: number, x: number) => number): void => {
    for (let y = startY; y < side; y += step) {
      for (let x = startX; x < side; x += step) {
        map[y * side + x] = sumAround(y, x) / 4 + roughness * random.uniform(-roughness, roughness);
      }
    }
  };
  for (let step = side; step >= 2; step /= 2) {
    const h = step / 2;
    const sumCross = (y: number, x: number): number => at(y + h, x) + at(y - h, x) + (at(y, x - h) + at(y, x + h));
    fill(h, h, step, (y, x) => at(y - h, x - h) + at(y + h, x - h) + (at(y - h, x + h) + at(y + h, x + h)));
    fill(0, h, step, sumCross);
    fill(h, 0, step, sumCross);
    roughness /= decay;
  }
  return map;
}

/** Spatter: distribution of the liquid, its filter, the level from which it sticks, the filter of a drop, and its grey. */
const SPATTER = { mean: 0.65, deviation: 0.3, liquidSigma: 1, level: 0.65, dropSigma: 1.5, edge: 0.8, grey: 63 / 255 };

/** Covers the image with dark grey drops. */
export function spatter(image: Uint8Array, random: Randomness): Float64Array {
  const { mean, deviation, liquidSigma, level, dropSigma, edge, grey } = SPATTER;
  const liquid = gaussianFilter(
    Float64Array.from(random.normals(NUM_PIXELS), (normal) => mean + deviation * normal),
    liquidSigma,
    'nearest',
  );
  const drops = gaussianFilter(
    liquid.map((value) => (value > level ? 1 : 0)),
    dropSigma,
    'nearest',
  );
  return toUnit(image).map((value, i) => {
    const cover = drops[i] < edge ? 0 : drops[i];
    return clamp(value * (1 - cover) + grey * cover);
  });
}
