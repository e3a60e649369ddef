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

// @ts-ignore: decorator
@inline
function logit(logits: usize, k: i32): f64 {
  return <f64>load<f32>(logits + (<usize>k << 2));
}
