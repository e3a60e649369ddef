/*
 * Batch normalisation, ReLU and 2x2 maxima in one pass over the image:
 *
 *   y = max over the window of max(0, scale * x + shift)
 *
 * The largest y belongs to the largest x, or to the smallest if the scale is negative. So the sign of the scale is applied to x,
 * the maximum is found, and only the maximum is normalised. The bits are the same, because rounding keeps the order. The
 * normalised image is not written: the gradient computes it again, which is faster than reading it. The gradient goes to the
 * first of equal values, row by row, and nowhere if the maximum is 0.
 */
import {
  STATISTIC_GRADIENT_SHIFT, STATISTIC_GRADIENT_SLOPE, STATISTIC_INVERSE_DEVIATION, STATISTIC_MEAN, STATISTIC_SCALE,
  STATISTIC_SHIFT,
} from '../src/program/contract';
import { vector } from './batch-normalization';

/** The sign bits of a vector. */
// @ts-ignore: decorator
@inline
function signOf(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x80000000));
}

/** The largest of four. */
// @ts-ignore: decorator
@inline
function largest(x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  return f32x4.pmax(f32x4.pmax(x0, x1), f32x4.pmax(x2, x3));
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
      const sign = signOf(a), size = v128.xor(a, sign);
      let upper = x + c, to = y + c;
      for (const end = to + <usize>outWidth * pixel; to < end; upper += 2 * pixel, to += pixel) {
        const lower = upper + row;
        const x0 = v128.xor(v128.load(upper), sign), x1 = v128.xor(v128.load(upper + pixel), sign);
        const x2 = v128.xor(v128.load(lower), sign), x3 = v128.xor(v128.load(lower + pixel), sign);
        v128.store(to, f32x4.pmax(f32x4.add(f32x4.mul(largest(x0, x1, x2, x3), size), b), zero));
      }
    }
  }
}

/** Does the same as `addGradients`, from the gradient of the maxima. */
export function addPooledGradients(
  dy: usize, x: usize, width: i32, channels: i32, outHeight: i32, outWidth: i32, statistics: usize,
  dgamma: usize, dbeta: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const zero = f32x4.splat(0);
  for (let oy = 0; oy < outHeight; oy++, x += 2 * row, dy += <usize>outWidth * pixel) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const a = v128.load(vector(statistics, STATISTIC_SCALE, channels) + c);
      const b = v128.load(vector(statistics, STATISTIC_SHIFT, channels) + c);
      const sign = signOf(a), size = v128.xor(a, sign);
      const mean = v128.xor(v128.load(vector(statistics, STATISTIC_MEAN, channels) + c), sign);
      let sum = zero, product = zero;
      let upper = x + c, from = dy + c;
      for (const end = from + <usize>outWidth * pixel; from < end; upper += 2 * pixel, from += pixel) {
        const lower = upper + row;
        const x0 = v128.xor(v128.load(upper), sign), x1 = v128.xor(v128.load(upper + pixel), sign);
        const x2 = v128.xor(v128.load(lower), sign), x3 = v128.xor(v128.load(lower + pixel), sign);
        const chosen = largest(x0, x1, x2, x3);
        const isPositive = f32x4.gt(f32x4.add(f32x4.mul(chosen, size), b), zero);
        const gradient = v128.and(v128.load(from), isPositive);
        sum = f32x4.add(sum, gradient);
        product = f32x4.add(product, f32x4.mul(gradient, f32x4.sub(chosen, mean)));
      }
      const inverse = v128.xor(v128.load(vector(statistics, STATISTIC_INVERSE_DEVIATION, channels) + c), sign);
      v128.store(dgamma + c, f32x4.add(v128.load(dgamma + c), f32x4.mul(product, inverse)));
      v128.store(dbeta + c, f32x4.add(v128.load(dbeta + c), sum));
    }
  }
}

/** Does the same as `applyGradient`, from the gradient of the maxima, also for pixels that no window covers. */
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
  const a = v128.load(vector(statistics, STATISTIC_SCALE, channels) + c);
  const b = v128.load(vector(statistics, STATISTIC_SHIFT, channels) + c);
  const sign = signOf(a), size = v128.xor(a, sign);
  const slope = v128.xor(v128.load(vector(statistics, STATISTIC_GRADIENT_SLOPE, channels) + c), sign);
  const constant = v128.load(vector(statistics, STATISTIC_GRADIENT_SHIFT, channels) + c);
  for (const end = dy + <usize>outWidth * pixel; dy < end; x += 2 * pixel, dx += 2 * pixel, dy += pixel) {
    const x0 = v128.xor(v128.load(x), sign), x1 = v128.xor(v128.load(x + pixel), sign);
    const x2 = v128.xor(v128.load(x + row), sign), x3 = v128.xor(v128.load(x + row + pixel), sign);
    const chosen = largest(x0, x1, x2, x3);
    const isPositive = f32x4.gt(f32x4.add(f32x4.mul(chosen, size), b), zero);
    let rest = v128.and(f32x4.mul(v128.load(dy), a), isPositive);
    const is0 = f32x4.eq(x0, chosen);
    v128.store(dx, f32x4.sub(v128.and(rest, is0), share(x0, slope, constant)));
    rest = v128.andnot(rest, is0);
    const is1 = f32x4.eq(x1, chosen);
    v128.store(dx + pixel, f32x4.sub(v128.and(rest, is1), share(x1, slope, constant)));
    rest = v128.andnot(rest, is1);
    const is2 = f32x4.eq(x2, chosen);
    v128.store(dx + row, f32x4.sub(v128.and(rest, is2), share(x2, slope, constant)));
    v128.store(dx + row + pixel, f32x4.sub(v128.andnot(rest, is2), share(x3, slope, constant)));
  }
}

/** Part of a pixel's gradient that comes from its influence on the mean and variance of the batch. */
// @ts-ignore: decorator
@inline
function share(x: v128, slope: v128, constant: v128): v128 {
  return f32x4.add(f32x4.mul(x, slope), constant);
}

/** dx of pixels without a gradient of their own. */
function applyToRest(x: usize, dx: usize, bytes: usize, channels: i32, statistics: usize): void {
  const pixel = <usize>channels << 2;
  for (const end = x + bytes; x < end; x += pixel, dx += pixel) {
    for (let c: usize = 0; c < pixel; c += 16) {
      const slope = v128.load(vector(statistics, STATISTIC_GRADIENT_SLOPE, channels) + c);
      const constant = v128.load(vector(statistics, STATISTIC_GRADIENT_SHIFT, channels) + c);
      v128.store(dx + c, f32x4.neg(share(v128.load(x + c), slope, constant)));
    }
  }
}
