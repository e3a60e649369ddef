import { expOfNegative, portableExp, portableLog } from './portable-math';

/** Whether the last sample of {@link softmaxCrossEntropy} was classified correctly. */
export let wasCorrect: bool = false;

/**
 * Softmax cross-entropy of one sample with smoothed labels, and its gradient by the logits, times `factor`:
 * (softmax(logits) - target) * factor, target = (1 - smoothing) * oneHot + smoothing / numClasses.
 *
 * @param gradient `[stride]`, overwritten; 0 behind the last class
 * @returns the sample's loss
 */
export function softmaxCrossEntropy(
  logits: usize, numClasses: i32, stride: i32, label: i32, smoothing: f64, factor: f64, gradient: usize,
): f64 {
  let best = 0;
  for (let k = 1; k < numClasses; k++) if (logit(logits, k) > logit(logits, best)) best = k;
  wasCorrect = best == label;

  const largest = logit(logits, best);
  let sum: f64 = 0, total: f64 = 0;
  for (let k = 0; k < numClasses; k++) {
    sum += portableExp(logit(logits, k) - largest);
    total += logit(logits, k) - largest;
  }
  const off = smoothing / <f64>numClasses;
  for (let k = 0; k < numClasses; k++) {
    const probability = portableExp(logit(logits, k) - largest) / sum;
    const target = off + (k == label ? 1 - smoothing : 0);
    store<f32>(gradient + (<usize>k << 2), <f32>((probability - target) * factor));
  }
  for (let k = numClasses; k < stride; k++) store<f32>(gradient + (<usize>k << 2), 0);
  return portableLog(sum) - (1 - smoothing) * (logit(logits, label) - largest) - off * total;
}

/** Number of logits whose answer was right, for the last image of {@link sigmoidCrossEntropy}. */
export let numRight: i32 = 0;

/** Number of factors of at most 2 whose product is taken before its logarithm. */
const FACTORS: i32 = 512;
/** A logit that has no loss with a target of 0. */
const LOWEST: f64 = -1e300;

/**
 * Sigmoid cross-entropy of one image's logits with targets of 0 to 255, and its gradient by the logits, times `factor`:
 * (sigmoid(logit) - target / 255) * factor. Two pixels are computed at a time.
 *
 * @param logits `[numPixels, stride]`, of which `channels` are used
 * @param targets `[numPixels, channels]` uint8
 * @param gradient `[numPixels, stride]`, overwritten; 0 behind the last channel
 * @returns the sum over all logits
 */
export function sigmoidCrossEntropy(
  logits: usize, targets: usize, numPixels: i32, channels: i32, stride: i32, factor: f64, gradient: usize,
): f64 {
  const pixel = <usize>stride << 2;
  const zero = f64x2.splat(0), one = f64x2.splat(1);
  let loss = zero, product = one, right = i64x2.splat(0);
  let numFactors = 0;
  memory.fill(gradient, 0, <usize>numPixels * pixel);
  for (let i = 0; i < numPixels; i += 2) {
    const isPair = i + 1 < numPixels;
    for (let c = 0; c < channels; c++, targets++) {
      const at = <usize>c << 2;
      const x = f64x2.replace_lane(f64x2.splat(logit(logits, c)), 1, isPair ? logit(logits + pixel, c) : LOWEST);
      const level = f64x2.replace_lane(
        f64x2.splat(<f64>load<u8>(targets)), 1, isPair ? <f64>load<u8>(targets + <usize>channels) : 0,
      );
      const target = f64x2.div(level, f64x2.splat(255));
      // log(1 + exp(-|x|)): the logarithm of a product instead of the sum of logarithms
      const power = expOfNegative(f64x2.neg(f64x2.abs(x)));
      product = f64x2.mul(product, f64x2.add(one, power));
      if (++numFactors == FACTORS) {
        loss = f64x2.add(loss, logarithms(product));
        product = one;
        numFactors = 0;
      }
      loss = f64x2.add(loss, f64x2.sub(f64x2.pmax(x, zero), f64x2.mul(x, target)));
      const sigmoid = f64x2.div(v128.bitselect(power, one, f64x2.lt(x, zero)), f64x2.add(one, power));
      const slope = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.sub(sigmoid, target), f64x2.splat(factor)));
      store<f32>(gradient + at, f32x4.extract_lane(slope, 0));
      if (isPair) store<f32>(gradient + pixel + at, f32x4.extract_lane(slope, 1));
      right = i64x2.sub(right, i64x2.eq(f64x2.gt(x, zero), f64x2.ge(level, f64x2.splat(128))));
    }
    targets += <usize>channels;
    logits += 2 * pixel;
    gradient += 2 * pixel;
  }
  // The lane beside an odd last pixel was right for each channel.
  numRight = <i32>(i64x2.extract_lane(right, 0) + i64x2.extract_lane(right, 1)) - (numPixels & 1) * channels;
  loss = f64x2.add(loss, logarithms(product));
  return f64x2.extract_lane(loss, 0) + f64x2.extract_lane(loss, 1);
}

/** The natural logarithms of two positive numbers. */
function logarithms(x: v128): v128 {
  return f64x2.replace_lane(
    f64x2.splat(portableLog(f64x2.extract_lane(x, 0))), 1, portableLog(f64x2.extract_lane(x, 1)),
  );
}

// @ts-ignore: decorator
@inline
function logit(logits: usize, k: i32): f64 {
  return <f64>load<f32>(logits + (<usize>k << 2));
}
