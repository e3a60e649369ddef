import { portableExp, portableLog } from './portable-math';

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

/**
 * Sigmoid cross-entropy of one image's logits with targets of 0 to 255, and its gradient by the logits, times `factor`:
 * (sigmoid(logit) - target / 255) * factor.
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
  let loss: f64 = 0, product: f64 = 1;
  let numFactors = 0, right = 0;
  memory.fill(gradient, 0, <usize>numPixels * pixel);
  for (let i = 0; i < numPixels; i++, logits += pixel, gradient += pixel) {
    for (let c = 0; c < channels; c++, targets++) {
      const x = logit(logits, c);
      const level = load<u8>(targets);
      const target = <f64>level / 255;
      // log(1 + exp(-|x|)): the logarithm of a product instead of the sum of logarithms
      const power = portableExp(-abs(x));
      product *= 1 + power;
      if (++numFactors == FACTORS) {
        loss += portableLog(product);
        product = 1;
        numFactors = 0;
      }
      loss += max(x, 0) - x * target;
      const sigmoid = (x < 0 ? power : 1) / (1 + power);
      store<f32>(gradient + (<usize>c << 2), <f32>((sigmoid - target) * factor));
      if ((x > 0) == (level >= 128)) right++;
    }
  }
  numRight = right;
  return loss + portableLog(product);
}

// @ts-ignore: decorator
@inline
function logit(logits: usize, k: i32): f64 {
  return <f64>load<f32>(logits + (<usize>k << 2));
}
