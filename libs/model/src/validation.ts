import { type LabelledImages, portableLog } from '@digits/data';
import { logLoss } from '@digits/metrics';
import type { TrainingSession } from './engine.ts';
import { mostProbableClasses, softmax } from './softmax.ts';

const CHUNK = 1000;

/**
 * Measures a session's weights on images that it was not trained on. The loss decides which weights are kept, so it is the same to the
 * bit everywhere.
 *
 * @param which the weights to use
 * @returns mean log loss (NaN where a probability is no number) and accuracy
 */
export async function validate(
  session: TrainingSession,
  which: 'current' | 'averaged',
  { images, labels, count }: LabelledImages,
  numClasses: number,
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
    loss: isFinite ? logLoss(labels, probabilities, numClasses, { log: portableLog }) : NaN,
    accuracy: numCorrect / count,
  };
}
