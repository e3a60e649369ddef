/*
 * Batch normalisation over the last axis: y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, with the whole
 * batch's mean and biased variance. Each shard adds up its part. Then every thread adds the shards' parts in order.
 */
import {
  NUM_SHARDS, STATISTIC_GRADIENT_SHIFT, STATISTIC_GRADIENT_SLOPE, STATISTIC_INVERSE_DEVIATION, STATISTIC_MEAN,
  STATISTIC_SCALE, STATISTIC_SHIFT, STATISTIC_VARIANCE,
} from '../src/program/contract';

/** Bytes of a strip of pixels: it stays in the first-level cache while one group of channels after the other is read. */
const STRIP_BYTES: usize = 8192;

// @ts-ignore: decorator
@inline
function stripPixels(pixel: usize): i32 {
  return max(<i32>(STRIP_BYTES / pixel), 1);
}

/** Address of a vector of [channels] floats that {@link finishStatistics} or {@link finishGradients} wrote. */
// @ts-ignore: decorator
@inline
export function vector(statistics: usize, index: i32, channels: i32): usize {
  return statistics + (<usize>(index * channels) << 2);
}

/**
 * Adds one image's sums of (x - origin) and (x - origin)^2 to `sums`, [2][channels] float64.
 *
 * @param origin any number near the mean, per channel: it keeps the squares small
 */
export function addStatistics(x: usize, numPixels: i32, channels: i32, origin: usize, sums: usize): void {
  const pixel = <usize>channels << 2;
  const strip = stripPixels(pixel);
  for (; numPixels > 0; numPixels -= strip, x += <usize>strip * pixel) {
    addStripStatistics(x, min(strip, numPixels), pixel, origin, sums);
  }
}

// @ts-ignore: decorator
@inline
function addStripStatistics(x: usize, numPixels: i32, pixel: usize, origin: usize, sums: usize): void {
  const squares = sums + 2 * pixel;
  for (let c: usize = 0; c < pixel; c += 32) {
    const origin0 = v128.load(origin + c), origin1 = v128.load(origin + c, 16);
    let sum0 = f32x4.splat(0), sum1 = sum0, square0 = sum0, square1 = sum0;
    let from = x + c;
    for (let i = 0; i < numPixels; i++, from += pixel) {
      const x0 = f32x4.sub(v128.load(from), origin0);
      const x1 = f32x4.sub(v128.load(from, 16), origin1);
      sum0 = f32x4.add(sum0, x0);
      sum1 = f32x4.add(sum1, x1);
      square0 = f32x4.add(square0, f32x4.mul(x0, x0));
      square1 = f32x4.add(square1, f32x4.mul(x1, x1));
    }
    addDoubles(sums + 2 * c, sum0);
    addDoubles(sums + 2 * c + 32, sum1);
    addDoubles(squares + 2 * c, square0);
    addDoubles(squares + 2 * c + 32, square1);
  }
}

/** Adds four floats to four doubles. */
// @ts-ignore: decorator
@inline
function addDoubles(to: usize, x: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(x)));
  const high = i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
}

/** Mean, variance, and the scale and shift with y = scale * x + shift, from the shards' sums [2][channels]. */
export function finishStatistics(
  sums: usize, shardBytes: usize, numValues: i32, channels: i32,
  origin: usize, gamma: usize, beta: usize, epsilon: f64, statistics: usize,
): void {
  const squares = sums + (<usize>channels << 3);
  for (let c = 0; c < channels; c++) {
    let sum: f64 = 0, square: f64 = 0;
    const at = <usize>c << 2;
    for (let shard: usize = 0; shard < <usize>NUM_SHARDS; shard++) {
      sum += load<f64>(sums + shard * shardBytes + 2 * at);
      square += load<f64>(squares + shard * shardBytes + 2 * at);
    }
    const offset = sum / <f64>numValues;
    const mean = <f64>load<f32>(origin + at) + offset;
    const variance = max<f64>(square / <f64>numValues - offset * offset, 0);
    const inverse = 1 / sqrt(variance + epsilon);
    const scale = <f64>load<f32>(gamma + at) * inverse;
    store<f32>(vector(statistics, STATISTIC_MEAN, channels) + at, <f32>mean);
    store<f32>(vector(statistics, STATISTIC_VARIANCE, channels) + at, <f32>variance);
    store<f32>(vector(statistics, STATISTIC_INVERSE_DEVIATION, channels) + at, <f32>inverse);
    store<f32>(vector(statistics, STATISTIC_SCALE, channels) + at, <f32>scale);
    store<f32>(vector(statistics, STATISTIC_SHIFT, channels) + at, <f32>(<f64>load<f32>(beta + at) - mean * scale));
  }
}

/** y = scale * x + shift, then ReLU if `relu`; y may be x. */
export function scaleAndShift(
  x: usize, y: usize, numPixels: i32, channels: i32, scale: usize, shift: usize, relu: bool,
): void {
  const pixel = <usize>channels << 2;
  const strip = stripPixels(pixel);
  const step = <usize>strip * pixel;
  for (; numPixels > 0; numPixels -= strip, x += step, y += step) {
    scaleStrip(x, y, min(strip, numPixels), pixel, scale, shift, relu);
  }
}

// @ts-ignore: decorator
@inline
function scaleStrip(x: usize, y: usize, numPixels: i32, pixel: usize, scale: usize, shift: usize, relu: bool): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  for (let c: usize = 0; c < pixel; c += 32) {
    const scale0 = v128.load(scale + c), scale1 = v128.load(scale + c, 16);
    const shift0 = v128.load(shift + c), shift1 = v128.load(shift + c, 16);
    let from = x + c, to = y + c;
    for (let i = 0; i < numPixels; i++, from += pixel, to += pixel) {
      v128.store(to, f32x4.pmax(f32x4.add(f32x4.mul(v128.load(from), scale0), shift0), floor));
      v128.store(to, f32x4.pmax(f32x4.add(f32x4.mul(v128.load(from, 16), scale1), shift1), floor), 16);
    }
  }
}

/** dy where the ReLU behind y = scale * x + shift let it through (everywhere without ReLU). */
// @ts-ignore: decorator
@inline
function passed(dy: v128, x: v128, scale: v128, shift: v128, floor: v128): v128 {
  return v128.and(dy, f32x4.gt(f32x4.add(f32x4.mul(x, scale), shift), floor));
}

/** Adds one image's part to the gradients of gamma, sum of dy * (x - mean) / deviation, and of beta, sum of dy. */
export function addGradients(
  dy: usize, x: usize, numPixels: i32, channels: i32, statistics: usize, relu: bool, dgamma: usize, dbeta: usize,
): void {
  const pixel = <usize>channels << 2;
  const strip = stripPixels(pixel);
  const step = <usize>strip * pixel;
  for (; numPixels > 0; numPixels -= strip, x += step, dy += step) {
    addStripGradients(dy, x, min(strip, numPixels), pixel, channels, statistics, relu, dgamma, dbeta);
  }
}

// @ts-ignore: decorator
@inline
function addStripGradients(
  dy: usize, x: usize, numPixels: i32, pixel: usize, channels: i32, statistics: usize, relu: bool, dgamma: usize, dbeta: usize,
): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  for (let c: usize = 0; c < pixel; c += 32) {
    const scale = vector(statistics, STATISTIC_SCALE, channels) + c, shift = vector(statistics, STATISTIC_SHIFT, channels) + c;
    const mean = vector(statistics, STATISTIC_MEAN, channels) + c;
    const scale0 = v128.load(scale), shift0 = v128.load(shift), mean0 = v128.load(mean);
    const scale1 = v128.load(scale, 16), shift1 = v128.load(shift, 16), mean1 = v128.load(mean, 16);
    let sum0 = f32x4.splat(0), sum1 = sum0, product0 = sum0, product1 = sum0;
    let at = c;
    for (let i = 0; i < numPixels; i++, at += pixel) {
      const x0 = v128.load(x + at), x1 = v128.load(x + at, 16);
      const gradient0 = passed(v128.load(dy + at), x0, scale0, shift0, floor);
      const gradient1 = passed(v128.load(dy + at, 16), x1, scale1, shift1, floor);
      sum0 = f32x4.add(sum0, gradient0);
      sum1 = f32x4.add(sum1, gradient1);
      product0 = f32x4.add(product0, f32x4.mul(gradient0, f32x4.sub(x0, mean0)));
      product1 = f32x4.add(product1, f32x4.mul(gradient1, f32x4.sub(x1, mean1)));
    }
    const inverse = vector(statistics, STATISTIC_INVERSE_DEVIATION, channels) + c;
    addProduct(dgamma + c, product0, v128.load(inverse));
    addProduct(dgamma + c + 16, product1, v128.load(inverse, 16));
    v128.store(dbeta + c, f32x4.add(v128.load(dbeta + c), sum0));
    v128.store(dbeta + c, f32x4.add(v128.load(dbeta + c, 16), sum1), 16);
  }
}

// @ts-ignore: decorator
@inline
function addProduct(to: usize, x: v128, y: v128): void {
  v128.store(to, f32x4.add(v128.load(to), f32x4.mul(x, y)));
}

/** Computes the vectors that {@link applyGradient} reads, from the shards' gradients of gamma and beta, `shardBytes` apart. */
export function finishGradients(
  dgamma: usize, dbeta: usize, shardBytes: usize, numValues: i32, channels: i32, statistics: usize,
): void {
  for (let c = 0; c < channels; c++) {
    let gammaSum: f64 = 0, betaSum: f64 = 0;
    const at = <usize>c << 2;
    for (let shard: usize = 0; shard < <usize>NUM_SHARDS; shard++) {
      gammaSum += <f64>load<f32>(dgamma + shard * shardBytes + at);
      betaSum += <f64>load<f32>(dbeta + shard * shardBytes + at);
    }
    const scale = <f64>load<f32>(vector(statistics, STATISTIC_SCALE, channels) + at) / <f64>numValues;
    const inverse = <f64>load<f32>(vector(statistics, STATISTIC_INVERSE_DEVIATION, channels) + at);
    const slope = scale * inverse * gammaSum;
    const mean = <f64>load<f32>(vector(statistics, STATISTIC_MEAN, channels) + at);
    store<f32>(vector(statistics, STATISTIC_GRADIENT_SLOPE, channels) + at, <f32>slope);
    store<f32>(vector(statistics, STATISTIC_GRADIENT_SHIFT, channels) + at, <f32>(scale * betaSum - mean * slope));
  }
}

/** dx = scale * (dy - mean(dy) - xHat * mean(dy * xHat)) = scale * dy - (slope * x + constant); dx may be dy. */
export function applyGradient(
  dy: usize, x: usize, dx: usize, numPixels: i32, channels: i32, statistics: usize, relu: bool,
): void {
  const pixel = <usize>channels << 2;
  const strip = stripPixels(pixel);
  const step = <usize>strip * pixel;
  for (; numPixels > 0; numPixels -= strip, x += step, dy += step, dx += step) {
    applyToStrip(dy, x, dx, min(strip, numPixels), pixel, channels, statistics, relu);
  }
}

// @ts-ignore: decorator
@inline
function applyToStrip(
  dy: usize, x: usize, dx: usize, numPixels: i32, pixel: usize, channels: i32, statistics: usize, relu: bool,
): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  for (let c: usize = 0; c < pixel; c += 16) {
    const scale = v128.load(vector(statistics, STATISTIC_SCALE, channels) + c);
    const shift = v128.load(vector(statistics, STATISTIC_SHIFT, channels) + c);
    const slope = v128.load(vector(statistics, STATISTIC_GRADIENT_SLOPE, channels) + c);
    const constant = v128.load(vector(statistics, STATISTIC_GRADIENT_SHIFT, channels) + c);
    let at = c;
    for (let i = 0; i < numPixels; i++, at += pixel) {
      const value = v128.load(x + at);
      const gradient = f32x4.mul(passed(v128.load(dy + at), value, scale, shift, floor), scale);
      v128.store(dx + at, f32x4.sub(gradient, f32x4.add(f32x4.mul(value, slope), constant)));
    }
  }
}

/** moving = moving * momentum + batch * (1 - momentum). */
export function moveStatistics(
  statistics: usize, channels: i32, movingMean: usize, movingVariance: usize, momentum: f64,
): void {
  const mean = vector(statistics, STATISTIC_MEAN, channels), variance = vector(statistics, STATISTIC_VARIANCE, channels);
  for (let at: usize = 0; at < <usize>channels << 2; at += 4) {
    move(movingMean + at, load<f32>(mean + at), momentum);
    move(movingVariance + at, load<f32>(variance + at), momentum);
  }
}

// @ts-ignore: decorator
@inline
function move(moving: usize, batch: f32, momentum: f64): void {
  store<f32>(moving, <f32>(<f64>load<f32>(moving) * momentum + <f64>batch * (1 - momentum)));
}

/**
 * Batch normalisation with moving statistics as scale and shift of what comes before it: y = scale * x + shift, where x
 * lacks its bias and shift has it.
 */
export function foldStatistics(
  gamma: usize, beta: usize, movingMean: usize, movingVariance: usize, bias: usize, epsilon: f64, channels: i32,
  scale: usize, shift: usize,
): void {
  for (let at: usize = 0; at < <usize>channels << 2; at += 4) {
    const a = <f64>load<f32>(gamma + at) / sqrt(<f64>load<f32>(movingVariance + at) + epsilon);
    const origin = (bias ? <f64>load<f32>(bias + at) : 0) - <f64>load<f32>(movingMean + at);
    store<f32>(scale + at, <f32>a);
    store<f32>(shift + at, <f32>(<f64>load<f32>(beta + at) + origin * a));
  }
}
