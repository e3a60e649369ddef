import { type Box, sizeOf } from '../geometry.ts';
import type { PreparationStep } from '../picture.ts';
import { IMAGE_SIZE, INK_SIZE, placeByCentreOfMass, positionByCentreOfMass } from '../placement.ts';
import { maskAbove, type Plane, planeStep, resample, toBytes } from './plane.ts';
import { measureStrokeWidth, thickenStrokes, thinStrokes } from './stroke-width.ts';

/** Strokes are worked on at this many times the final scale, so that their width can be set to a fifth of a pixel. */
const DETAIL = 5;

/**
 * Stroke widths in MNIST, measured as here on the first 3000 training images at four times their size: 5% are under
 * 1.65 pixels, 10% under 1.8, half under 2.5, 10% over 3.6. What is thinner or thicker than a tenth of them is
 * brought just inside that range, and the rest keeps the width it was written with.
 */
const THINNEST = 1.8;
const THIN_TARGET = 2.1;
const THICKEST = 3.6;
const THICK_TARGET = 3.4;

/** A digit of fewer pixels than this on its longer side keeps its strokes: their width cannot be told from their blur. */
const SMALLEST_MEASURED = 16;

/** Peeled off a side at most, in final pixels: a blob must not shrink to a point. */
const MAX_PEELING = 2;

/** Half covered by ink is the edge of a stroke. */
const INK_LEVEL = 0.5;

/** A digit brought to the network's image. */
export interface FittedDigit {
  /** `[28, 28]` uint8, or null if there is no ink. */
  readonly image: Uint8Array | null;
  /** Enlarged digit and image. */
  readonly steps: readonly PreparationStep[];
}

/**
 * Brings one digit's ink to the network's image: longer side 20, stroke width in MNIST's range, centre of mass in the
 * middle.
 *
 * @param soft `[h, w]` in [0, 1], the digit's own ink and nothing else
 * @returns `image`, `[28, 28]` uint8, or null where the plane is empty, and the enlarged digit as a step
 */
export function fitDigit(soft: Plane): FittedDigit {
  const region = inkRegion(soft);
  if (region === null) return { image: null, steps: [] };
  const digit = setStrokeWidth(soft, region);
  const width = Math.ceil(digit.width / DETAIL);
  const height = Math.ceil(digit.height / DETAIL);
  const whole = { x: 0, y: 0, width: width * DETAIL, height: height * DETAIL };
  const small = resample(digit, whole, width, height);
  const bytes = toBytes(small.values, 255);
  const image = placeByCentreOfMass(bytes, width, height);
  return fittedDigit(image, digit);
}

/**
 * Brings one digit among others that touch it to the network's image, as {@link fitDigit} does with a digit alone: the ink around it
 * stays as far as the image shows it.
 *
 * @param own `[h, w]` in [0, 1], the digit's own ink, or most of it: decides scale and position
 * @param all `[h, w]` in [0, 1], the same with the ink around it
 */
export function fitDigitAmongOthers(own: Plane, all: Plane): FittedDigit {
  const region = inkRegion(own);
  if (region === null) return { image: null, steps: [] };
  const isMeasured = sizeOf(region) >= SMALLEST_MEASURED;
  const growth = isMeasured ? growthOf(strokeWidthOf(enlarge(own, region, INK_SIZE * DETAIL))) : 0;
  const scale = (INK_SIZE - (2 * growth) / DETAIL) / sizeOf(region);
  const width = Math.max(1, Math.round(region.width * scale));
  const height = Math.max(1, Math.round(region.height * scale));
  const ownBytes = toBytes(resample(own, region, width, height).values, 255);
  const { left, top } = positionByCentreOfMass(ownBytes, width, height);
  const side = IMAGE_SIZE / scale;
  const window = { x: region.x - left / scale, y: region.y - top / scale, width: side, height: side };
  const enlarged = resample(all, window, IMAGE_SIZE * DETAIL, IMAGE_SIZE * DETAIL);
  const digit = growth === 0 ? enlarged : { ...enlarged, values: changeStrokes(enlarged, growth) };
  const whole = { x: 0, y: 0, width: digit.width, height: digit.height };
  const image = toBytes(resample(digit, whole, IMAGE_SIZE, IMAGE_SIZE).values, 255);
  return fittedDigit(image, digit);
}

/** Returns by how many enlarged pixels each side of a stroke must grow to be in MNIST's range; negative if it must shrink. */
function growthOf(strokeWidth: number): number {
  if (strokeWidth > 0 && strokeWidth < THINNEST) return Math.round(((THIN_TARGET - strokeWidth) / 2) * DETAIL);
  if (strokeWidth > THICKEST) return -Math.round(Math.min((strokeWidth - THICK_TARGET) / 2, MAX_PEELING) * DETAIL);
  return 0;
}

function changeStrokes({ width, height, values }: Plane, growth: number): Float32Array {
  const mask = maskAbove(values, INK_LEVEL);
  return growth > 0
    ? thickenStrokes(mask, width, height, growth)
    : new Float32Array(thinStrokes(mask, width, height, -growth));
}

function fittedDigit(image: Uint8Array, digit: Plane): FittedDigit {
  return {
    image,
    // Made when they are asked for, since most candidates for a digit are given up.
    get steps() {
      const fitted = { name: 'image', width: IMAGE_SIZE, height: IMAGE_SIZE, pixels: image };
      return [planeStep('digit', digit, 255), fitted];
    },
  };
}

/** Returns the mean width of an enlarged digit's strokes, in final pixels. */
function strokeWidthOf({ width, height, values }: Plane): number {
  return measureStrokeWidth(maskAbove(values, INK_LEVEL), width, height) / DETAIL;
}

/** The box of the ink, to a fraction of a pixel: where the darkest pixel of a row or column crosses the level. */
function inkRegion({ width, height, values }: Plane): Box | null {
  const columns = new Float64Array(width);
  const rows = new Float64Array(height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (values[i] > columns[x]) columns[x] = values[i];
      if (values[i] > rows[y]) rows[y] = values[i];
    }
  }
  const horizontal = extent(columns);
  const vertical = extent(rows);
  if (horizontal === null || vertical === null) return null;
  return {
    x: horizontal.start,
    y: vertical.start,
    width: horizontal.end - horizontal.start,
    height: vertical.end - vertical.start,
  };
}

/** A pixel at the edge counts for the share of it that is ink. */
function extent(profile: Float64Array): { start: number; end: number } | null {
  const level = 0.1;
  let first = 0;
  let last = profile.length - 1;
  while (first <= last && profile[first] < level) first++;
  while (last > first && profile[last] < level) last--;
  if (first > last) return null;
  if (first === last) return { start: first, end: first + 1 };
  return { start: first + 1 - Math.min(1, profile[first]), end: last + Math.min(1, profile[last]) };
}

function setStrokeWidth(soft: Plane, region: Box): Plane {
  const digit = enlarge(soft, region, INK_SIZE * DETAIL);
  const growth = sizeOf(region) < SMALLEST_MEASURED ? 0 : growthOf(strokeWidthOf(digit));
  if (growth > 0) {
    const inner = enlarge(soft, region, INK_SIZE * DETAIL - 2 * growth);
    const [width, height] = [inner.width + 2 * growth, inner.height + 2 * growth];
    const mask = padded(maskAbove(inner.values, INK_LEVEL), inner.width, growth);
    return { width, height, values: thickenStrokes(mask, width, height, growth) };
  }
  if (growth < 0) {
    const outer = enlarge(soft, region, INK_SIZE * DETAIL - 2 * growth);
    const thin = { ...outer, values: changeStrokes(outer, growth) };
    const inner = inkRegion(thin);
    if (inner !== null) return enlarge(thin, inner, INK_SIZE * DETAIL);
  }
  return digit;
}

/** Resamples the region so that its longer side is `size`. */
function enlarge(soft: Plane, region: Box, size: number): Plane {
  const scale = size / sizeOf(region);
  const width = Math.max(1, Math.round(region.width * scale));
  const height = Math.max(1, Math.round(region.height * scale));
  return resample(soft, region, width, height);
}

/** Returns a mask with a margin of 0 on all sides. */
function padded(mask: Uint8Array, width: number, margin: number): Uint8Array {
  const stride = width + 2 * margin;
  const result = new Uint8Array(stride * (mask.length / width + 2 * margin));
  for (let start = 0, out = margin * stride + margin; start < mask.length; start += width, out += stride) {
    result.set(mask.subarray(start, start + width), out);
  }
  return result;
}
