import type { LineSeries } from '@digits/charts';
import type { LabelledImages } from '@digits/data';
import { confusionMatrix } from '@digits/metrics';
import { mostProbableClasses, softmax, type StepPlan, type StepReport } from '@digits/model';

/** Most mistakes that are shown. */
const MAX_MISTAKES = 12;
/** Spreads what is looked at early over the whole set; no common factor with any size that a set has. */
const STRIDE = 7919;

/** A validation image that was answered wrongly. */
export interface Mistake {
  /** `[28, 28]` uint8. */
  readonly image: Uint8Array;
  /** Names of the true class and of the answer. */
  readonly label: string;
  readonly answer: string;
  /** Probability of the answer. */
  readonly confidence: number;
}

/** Answers to validation images by the weights of one moment. */
export interface ValidationAnswers {
  readonly classNames: readonly string[];
  /** `[numClasses][numClasses]` counts: rows are the true class. */
  readonly confusionMatrix: readonly (readonly number[])[];
  readonly numAnswered: number;
  readonly numRight: number;
  /** The surest first. */
  readonly mistakes: readonly Mistake[];
}

/** Answers to images of a set by the weights of one moment. */
export interface AnswerSheet {
  /** @returns indices of the images to ask about next, spread over the set */
  readonly nextIndices: (count: number) => Uint32Array;
  /** @returns `[indices.length, h, w, c]` uint8 */
  readonly gather: (indices: Uint32Array) => Uint8Array;
  /** Forgets the answers so far: the weights have changed. */
  readonly clear: () => void;
  /** @param logits `[indices.length, numClasses]` */
  readonly write: (indices: Uint32Array, logits: Float32Array) => void;
  readonly read: () => ValidationAnswers;
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
    clear: () => {
      answers.fill(-1);
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

/** Places of a curve from the run's beginning to its end. */
const NUM_PLACES = 100;

/** The curves of a run as it goes on. */
export interface RunCurves {
  readonly addSteps: (plan: StepPlan, report: StepReport) => void;
  /** @param step the steps that were taken when it was measured */
  readonly addValidation: (step: number, figures: { readonly loss: number; readonly accuracy: number }) => void;
  /** @returns two curves each, training and validation, of one value for each hundredth of the run */
  readonly read: () => { readonly loss: readonly LineSeries[]; readonly accuracy: readonly LineSeries[] };
}

/** Makes the curves of a run of so many steps. */
export function createRunCurves(totalSteps: number): RunCurves {
  const placeOf = (step: number) => Math.min(NUM_PLACES - 1, Math.floor((step * NUM_PLACES) / totalSteps));
  const sums = Array.from({ length: NUM_PLACES }, () => ({ loss: 0, numCorrect: 0, numImages: 0 }));
  const validation = new Array<{ readonly loss: number; readonly accuracy: number } | null>(NUM_PLACES).fill(null);
  return {
    addSteps: ({ firstStep, batchSizes }, { losses, numCorrect }) => {
      batchSizes.forEach((size, i) => {
        const sum = sums[placeOf(firstStep + i)];
        sum.loss += losses[i] * size;
        sum.numCorrect += numCorrect[i];
        sum.numImages += size;
      });
    },
    addValidation: (step, figures) => {
      validation[placeOf(Math.max(step - 1, 0))] = figures;
    },
    read: () => ({
      loss: [
        { name: 'training', values: sums.map(({ loss, numImages }) => (numImages === 0 ? null : loss / numImages)) },
        { name: 'validation', values: joined(validation.map((figures) => figures?.loss ?? null)) },
      ].filter(hasValues),
      accuracy: [
        {
          name: 'training',
          values: sums.map(({ numCorrect, numImages }) => (numImages === 0 ? null : numCorrect / numImages)),
        },
        { name: 'validation', values: joined(validation.map((figures) => figures?.accuracy ?? null)) },
      ].filter(hasValues),
    }),
  };
}

function hasValues({ values }: LineSeries): boolean {
  return values.some((value) => value !== null);
}

/** Straight lines between the places where something was measured; what lies outside stays empty. */
function joined(values: readonly (number | null)[]): readonly (number | null)[] {
  const measured = values.flatMap((value, i) => (value === null ? [] : [{ i, value }]));
  return values.map((value, i) => {
    if (value !== null) return value;
    const after = measured.find((point) => point.i > i);
    const before = measured.findLast((point) => point.i < i);
    if (before === undefined || after === undefined) return null;
    return before.value + ((after.value - before.value) * (i - before.i)) / (after.i - before.i);
  });
}
