import { mostProbableClasses } from '@digits/model';
import type { Predictions } from '../predictions-file.ts';

/** An image that was answered wrongly. */
export interface Mistake {
  readonly index: number;
  readonly label: number;
  readonly answer: number;
  /** Probability of the answer. */
  readonly confidence: number;
  /** Probability of the true class. */
  readonly labelProbability: number;
}

/** Finds the wrong answers, the most confident first. */
export function findMistakes({ labels, probabilities }: Predictions, numClasses: number): readonly Mistake[] {
  return Array.from(mostProbableClasses(probabilities, numClasses), (answer, index): Mistake => {
    const label = labels[index];
    const at = (column: number) => probabilities[index * numClasses + column];
    return { index, label, answer, confidence: at(answer), labelProbability: at(label) };
  })
    .filter(({ label, answer }) => label !== answer)
    .sort((a, b) => b.confidence - a.confidence);
}
