import { portableCos, portableExp, portableSin } from '@digits/data';
import { gaussianFilterColumns } from './gaussian-filter.ts';
import { nearestInside, NUM_PIXELS, SIDE, toUnit } from './pixels.ts';
import type { Randomness } from './randomness.ts';

/** Glass blur: the filter's standard deviation, how far pixels are swapped, and how often each is visited. */
const GLASS = { sigma: 0.7, reach: 1, passes: 2 };

/**
 * Glass blur: filters, swaps pixels with a neighbour, filters again. The published code asks for several channels of an image
 * that has none, which leaves rows unfiltered; so does this one.
 */
export function glassBlur(image: Uint8Array, random: Randomness): Float64Array {
  const { sigma, reach, passes } = GLASS;
  const pixels = gaussianFilterColumns(toUnit(image), sigma, 'nearest').map((value) => Math.floor(value * 255));
  for (let pass = 0; pass < passes; pass++) {
    for (let y = SIDE - reach; y > reach; y--) {
      for (let x = SIDE - reach; x > reach; x--) {
        if (!random.chance(0.5)) continue;
        const dx = random.integer(-reach, reach - 1);
        const dy = random.integer(-reach, reach - 1);
        const [here, there] = [y * SIDE + x, (y + dy) * SIDE + x + dx];
        [pixels[here], pixels[there]] = [pixels[there], pixels[here]];
      }
    }
  }
  return gaussianFilterColumns(
    pixels.map((value) => value / 255),
    sigma,
    'nearest',
  );
}

/** Motion blur: the trail's pixels besides the first, its standard deviation, and the largest angle in degrees. */
const MOTION = { radius: 10, sigma: 3, maxAngle: 45 };
/** Largest value of ImageMagick's 16-bit pixels. */
const QUANTUM = 65535;

/** Motion blur as ImageMagick's `-motion-blur 10x3+ANGLE`: half a Gaussian kernel along a line, on 16-bit pixels. */
export function motionBlur(image: Uint8Array, random: Randomness): Float64Array {
  const angle = (random.uniform(-MOTION.maxAngle, MOTION.maxAngle) * Math.PI) / 180;
  const trail = motionTrail(portableCos(angle), portableSin(angle));
  return Float64Array.from({ length: NUM_PIXELS }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const sum = trail.reduce(
      (total, { dx, dy, weight }) => total + weight * 257 * image[nearestInside(y + dy) * SIDE + nearestInside(x + dx)],
      0,
    );
    return Math.floor(sum + 0.5) / QUANTUM;
  });
}

/** Pixels that a blurred pixel sums, relative to it, with weights that sum to 1. */
function motionTrail(cos: number, sin: number): readonly { dx: number; dy: number; weight: number }[] {
  const { radius, sigma } = MOTION;
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => portableExp((-i * i) / (2 * sigma * sigma)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight, i) => ({
    dx: Math.ceil(i * cos - 0.5),
    dy: Math.ceil(i * sin - 0.5),
    weight: weight / sum,
  }));
}
