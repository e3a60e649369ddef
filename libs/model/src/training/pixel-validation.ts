import { portableExp, portableLog } from '@digits/data';
import { POSITIVE_TARGET } from '../answers/pixel-evaluation.ts';
import type { TrainingSession } from '../network/engine.ts';
import { TARGET_SCALE, type TargetImages } from '../network/training-images.ts';

/** Images in one call of an engine: a hundred pages give 2.8 million logits. */
const CHUNK = 100;

/**
 * Measures a session's weights on images with targets that it was not trained on. The loss decides which weights are kept, so it is the
 * same to the bit everywhere.
 *
 * @param which the weights to use
 * @returns mean sigmoid cross-entropy over images, pixels and channels (NaN where a logit is), and the share of logits that are on the
 *   side of 0 where their target is
 */
export async function validatePixels(
  session: TrainingSession,
  which: 'current' | 'averaged',
  { images, targets, count }: TargetImages,
): Promise<{ readonly loss: number; readonly accuracy: number }> {
  const imageSize = images.length / count;
  const targetSize = targets.length / count;
  let [loss, numCorrect] = [0, 0];
  for (let start = 0; start < count; start += CHUNK) {
    const end = Math.min(start + CHUNK, count);
    const logits = await session.evaluate(images.subarray(start * imageSize, end * imageSize), which);
    const expected = targets.subarray(start * targetSize, end * targetSize);
    loss += pixelLoss(logits, expected);
    for (let i = 0; i < logits.length; i++) {
      if (logits[i] > 0 === expected[i] >= POSITIVE_TARGET) numCorrect++;
    }
  }
  return { loss: loss / targets.length, accuracy: numCorrect / targets.length };
}

/** Factors of at most 2 whose product stays far below the largest number. */
const FACTORS = 512;

/** Sum of the sigmoid cross-entropies, in a form that never overflows. The logarithm of a product replaces a sum of logarithms. */
function pixelLoss(logits: Float32Array, targets: Uint8Array): number {
  let sum = 0;
  for (let start = 0; start < logits.length; start += FACTORS) {
    const end = Math.min(start + FACTORS, logits.length);
    let product = 1;
    for (let i = start; i < end; i++) {
      const logit = logits[i];
      sum += Math.max(logit, 0) - (logit * targets[i]) / TARGET_SCALE;
      product *= 1 + portableExp(-Math.abs(logit));
    }
    sum += portableLog(product);
  }
  return sum;
}
