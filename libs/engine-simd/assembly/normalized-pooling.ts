/*
 * Batch normalisation, ReLU and 2x2 maxima in one pass over the image:
 *
 *   y = max over the window of max(0, scale * x + shift)
 *
 * What lies between is never written: backwards it is worked out again, which is cheaper than reading it. The gradient goes
 * to the first of equals, row by row, and nowhere where the maximum is 0.
 */
import { GRADIENT_SHIFT, GRADIENT_SLOPE, INVERSE_DEVIATION, MEAN, SCALE, SHIFT, vector } from './batch-normalization';

// @ts-ignore: decorator
@inline
function normalized(x: v128, scale: v128, shift: v128): v128 {
  return f32x4.add(f32x4.mul(x, scale), shift);
}

/** Pools `outHeight` x `outWidth` windows of an image `width` pixels wide. */
export function normalizeAndPool(
  x: usize, width: i32, channels: i32, outHeight: i32, outWidth: i32, y: usize, scale: usize, shift: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const zero = f32x4.splat(0);
  for (let oy = 0; oy < outHeight; oy++, x += 2 * row, y += <usize>outWidth * pixel) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const a = v128.load(scale + c), b = v128.load(shift + c);
      let upper = x + c, to = y + c;
      for (let ox = 0; ox < outWidth; ox++, upper += 2 * pixel, to += pixel) {
        const lower = upper + row;
        const best0 = f32x4.pmax(normalized(v128.load(upper), a, b), normalized(v128.load(upper + pixel), a, b));
        const best1 = f32x4.pmax(normalized(v128.load(lower), a, b), normalized(v128.load(lower + pixel), a, b));
        v128.store(to, f32x4.pmax(f32x4.pmax(best0, best1), zero));
      }
    }
  }
}

/** As `addGradients`, from the gradient of the maxima. */
export function addPooledGradients(
  dy: usize, x: usize, width: i32, channels: i32, outHeight: i32, outWidth: i32, statistics: usize,
  dgamma: usize, dbeta: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const zero = f32x4.splat(0);
  for (let oy = 0; oy < outHeight; oy++, x += 2 * row, dy += <usize>outWidth * pixel) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const a = v128.load(vector(statistics, SCALE, channels) + c);
      const b = v128.load(vector(statistics, SHIFT, channels) + c);
      const mean = v128.load(vector(statistics, MEAN, channels) + c);
      let sum = zero, product = zero;
      let upper = x + c, from = dy + c;
      for (let ox = 0; ox < outWidth; ox++, upper += 2 * pixel, from += pixel) {
        const lower = upper + row;
        const x0 = v128.load(upper), x1 = v128.load(upper + pixel);
        const x2 = v128.load(lower), x3 = v128.load(lower + pixel);
        const y0 = normalized(x0, a, b), y1 = normalized(x1, a, b);
        const y2 = normalized(x2, a, b), y3 = normalized(x3, a, b);
        const best = f32x4.pmax(f32x4.pmax(y0, y1), f32x4.pmax(y2, y3));
        const gradient = v128.and(v128.load(from), f32x4.gt(best, zero));
        let chosen = v128.bitselect(x2, x3, f32x4.eq(y2, best));
        chosen = v128.bitselect(x1, chosen, f32x4.eq(y1, best));
        chosen = v128.bitselect(x0, chosen, f32x4.eq(y0, best));
        sum = f32x4.add(sum, gradient);
        product = f32x4.add(product, f32x4.mul(gradient, f32x4.sub(chosen, mean)));
      }
      const inverse = v128.load(vector(statistics, INVERSE_DEVIATION, channels) + c);
      v128.store(dgamma + c, f32x4.add(v128.load(dgamma + c), f32x4.mul(product, inverse)));
      v128.store(dbeta + c, f32x4.add(v128.load(dbeta + c), sum));
    }
  }
}

/** As `applyGradient`, from the gradient of the maxima; pixels that no window covers get theirs too. */
export function applyPooledGradient(
  dy: usize, x: usize, dx: usize, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32, statistics: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const covered = <usize>(2 * outWidth) * pixel;
  for (let oy = 0; oy < outHeight; oy++, x += 2 * row, dx += 2 * row, dy += <usize>outWidth * pixel) {
    for (let c: usize = 0; c < pixel; c += 16) applyToWindows(dy + c, x + c, dx + c, row, pixel, outWidth, channels, statistics, c);
    applyToRest(x + covered, dx + covered, row - covered, channels, statistics);
    applyToRest(x + row + covered, dx + row + covered, row - covered, channels, statistics);
  }
  applyToRest(x, dx, <usize>(height - 2 * outHeight) * row, channels, statistics);
}

/** dx of one row of windows, 4 channels. */
// @ts-ignore: decorator
@inline
function applyToWindows(
  dy: usize, x: usize, dx: usize, row: usize, pixel: usize, outWidth: i32, channels: i32, statistics: usize, c: usize,
): void {
  const zero = f32x4.splat(0);
  const a = v128.load(vector(statistics, SCALE, channels) + c);
  const b = v128.load(vector(statistics, SHIFT, channels) + c);
  const slope = v128.load(vector(statistics, GRADIENT_SLOPE, channels) + c);
  const mean = v128.load(vector(statistics, MEAN, channels) + c);
  const constant = v128.load(vector(statistics, GRADIENT_SHIFT, channels) + c);
  for (let ox = 0; ox < outWidth; ox++, x += 2 * pixel, dx += 2 * pixel, dy += pixel) {
    const x0 = v128.load(x), x1 = v128.load(x + pixel);
    const x2 = v128.load(x + row), x3 = v128.load(x + row + pixel);
    const y0 = normalized(x0, a, b), y1 = normalized(x1, a, b);
    const y2 = normalized(x2, a, b), y3 = normalized(x3, a, b);
    const best = f32x4.pmax(f32x4.pmax(y0, y1), f32x4.pmax(y2, y3));
    let rest = f32x4.mul(v128.and(v128.load(dy), f32x4.gt(best, zero)), a);
    const is0 = f32x4.eq(y0, best), is1 = f32x4.eq(y1, best), is2 = f32x4.eq(y2, best);
    v128.store(dx, f32x4.sub(v128.and(rest, is0), share(x0, slope, mean, constant)));
    rest = v128.andnot(rest, is0);
    v128.store(dx + pixel, f32x4.sub(v128.and(rest, is1), share(x1, slope, mean, constant)));
    rest = v128.andnot(rest, is1);
    v128.store(dx + row, f32x4.sub(v128.and(rest, is2), share(x2, slope, mean, constant)));
    v128.store(dx + row + pixel, f32x4.sub(v128.andnot(rest, is2), share(x3, slope, mean, constant)));
  }
}

/** What every pixel gives back because it moved the batch's mean and variance. */
// @ts-ignore: decorator
@inline
function share(x: v128, slope: v128, mean: v128, constant: v128): v128 {
  return f32x4.add(constant, f32x4.mul(slope, f32x4.sub(x, mean)));
}

/** dx of pixels without a gradient of their own. */
function applyToRest(x: usize, dx: usize, bytes: usize, channels: i32, statistics: usize): void {
  const pixel = <usize>channels << 2;
  for (const end = x + bytes; x < end; x += pixel, dx += pixel) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const slope = v128.load(vector(statistics, GRADIENT_SLOPE, channels) + c);
      const mean = v128.load(vector(statistics, MEAN, channels) + c);
      const constant = v128.load(vector(statistics, GRADIENT_SHIFT, channels) + c);
      v128.store(dx + c, f32x4.neg(share(v128.load(x + c), slope, mean, constant)));
    }
  }
}
