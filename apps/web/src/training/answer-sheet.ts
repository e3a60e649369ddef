import type { LabelledImages } from '@digits/data';
import { confusionMatrix } from '@digits/metrics';
import { mostProbableClasses, softmax } from '@digits/model';
import type { AnswersSoFar, Mistake } from './training-messages.ts';

/** Most mistakes that are shown. */
const MAX_MISTAKES = 12;
/** Spreads what is looked at early over the whole set; no common factor with any size that a set has. */
const STRIDE = 7919;

/** The latest answer to each image of a set. */
export interface AnswerSheet {
  /** @returns indices of the images to ask about next, spread over the set */
  readonly nextIndices: (count: number) => Uint32Array;
  /** @returns `[indices.length, h, w, c]` uint8 */
  readonly gather: (indices: Uint32Array) => Uint8Array;
  /** @param logits `[indices.length, numClasses]` */
  readonly write: (indices: Uint32Array, logits: Float32Array) => void;
  readonly read: () => AnswersSoFar;
}

/** Makes an empty sheet. */
export function createAnswerSheet(set: LabelledImages, classNames: readonly string[]): AnswerSheet {
  const { images, labels, count } = set;
  const numClasses = classNames.length;
  const imageSize = images.length / count;
  const answers = new Int16Array(count).fill(-1);
  const confidences = new Float32Array(count);
  let asked = 0;
  return {
    nextIndices: (number) => Uint32Array.from({ length: Math.min(number, count) }, () => (asked++ * STRIDE) % count),
    gather: (indices) => {
      const gathered = new Uint8Array(indices.length * imageSize);
      indices.forEach((index, i) => {
        gathered.set(images.subarray(index * imageSize, (index + 1) * imageSize), i * imageSize);
      });
      return gathered;
    },
    write: (indices, logits) => {
      const probabilities = softmax(logits, numClasses);
      mostProbableClasses(logits, numClasses).forEach((answer, i) => {
        answers[indices[i]] = answer;
        confidences[indices[i]] = probabilities[i * numClasses + answer];
      });
    },
    read: () => {
      const answered = Array.from(answers.keys()).filter((i) => answers[i] >= 0);
      const wrong = answered.filter((i) => answers[i] !== labels[i]).sort((a, b) => confidences[b] - confidences[a]);
      const mistakes = wrong.slice(0, MAX_MISTAKES).map((i): Mistake => ({
        image: images.slice(i * imageSize, (i + 1) * imageSize),
        label: classNames[labels[i]],
        answer: classNames[answers[i]],
        confidence: confidences[i],
      }));
      return {
        classNames,
        confusionMatrix: confusionMatrix(
          answered.map((i) => labels[i]),
          answered.map((i) => answers[i]),
          { labels: classNames.map((_, label) => label) },
        ),
        numAnswered: answered.length,
        numRight: answered.length - wrong.length,
        mistakes,
      };
    },
  };
}
