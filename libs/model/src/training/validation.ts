import { type LabelledImages, portableLog } from '@digits/data';
import { logLoss } from '@digits/metrics';
import { mostProbableClasses, softmax } from '../answers/softmax.ts';
import type { TrainingSession } from '../network/engine.ts';

const CHUNK = 1000;

/**
 * Measures a session's weights on images that it was not trained on. The loss decides which weights are kept, so it is the same to the
 * bit everywhere.
 *
 * @param which the weights to use
 * @param labelSmoothing as trained with: a network that learns smoothed targets gets ever further from sharp ones, so that their log
 *   loss alone would choose an early epoch
 * @returns mean cross-entropy against the smoothed targets (NaN where a probability is no number) and accuracy
 */
export async function validate(
  session: TrainingSession,
  which: 'current' | 'averaged',
  { images, labels, count }: LabelledImages,
  numClasses: number,
  labelSmoothing: number,
): Promise<{ readonly loss: number; readonly accuracy: number }> {
  const logits = new Float32Array(count * numClasses);
  const imageSize = images.length / count;
  for (let start = 0; start < count; start += CHUNK) {
    const end = Math.min(start + CHUNK, count);
    logits.set(await session.evaluate(images.subarray(start * imageSize, end * imageSize), which), start * numClasses);
  }
  const probabilities = softmax(logits, numClasses);
  const isFinite = probabilities.every((probability) => Number.isFinite(probability));
  const numCorrect = mostProbableClasses(logits, numClasses).filter((label, i) => label === labels[i]).length;
  return {
    loss: isFinite ? smoothedLoss(labels, probabilities, numClasses, labelSmoothing) : NaN,
    accuracy: numCorrect / count,
  };
}

/** Probabilities below this count as this, as in `logLoss`. */
const SMALLEST = 2 ** -52;

/**
 * Mean cross-entropy of smoothed targets.
 *
 * @param labels `[n]`
 * @param probabilities `[n, numClasses]`
 * @param labelSmoothing in [0, 1): targets are (1 - labelSmoothing) * oneHot + labelSmoothing / numClasses
 * @returns in nats, by portable logarithms
 */
export function smoothedLoss(
  labels: Uint8Array,
  probabilities: Float64Array,
  numClasses: number,
  labelSmoothing: number,
): number {
  const sharp = logLoss(labels, probabilities, numClasses, { log: portableLog });
  if (labelSmoothing === 0) return sharp;
  const uniform = probabilities.reduce((sum, p) => sum - portableLog(Math.max(p, SMALLEST)), 0) / probabilities.length;
  return (1 - labelSmoothing) * sharp + labelSmoothing * uniform;
}
