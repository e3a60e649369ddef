import { type LabelledImages, normaliseImages } from '@digits/data';
import { generateHandwriting, generateNegatives } from '@digits/synthesis';
import { logLoss } from '@digits/metrics';
import {
  type Engine,
  measureRejection,
  type Model,
  mostProbableClasses,
  numClassesOf,
  rejectionScores,
  softmax,
} from '@digits/model';
import { MEASURING_SEED } from '../handwriting/measure-handwriting.ts';

const NUM_MADE = 4000;

const CHUNK = 1000;

/** What a finished model gives on data that it was not trained on, the test split aside. */
export interface ValidationFigures {
  /** Mean negative log-likelihood of the validation digits, calibrated. */
  readonly logLoss: number;
  readonly accuracy: number;
  /** On made digits of the variants left out of training. */
  readonly madeAccuracy: number;
  /** Share of those made digits that is not refused; null without a rejection rule of its own class. */
  readonly madeKept: number | null;
  /** Share of made negatives, of fonts and drawings left out of training, that is refused; null likewise. */
  readonly refused: number | null;
  readonly auroc: number | null;
}

/**
 * Measures a calibrated model on the validation split, on made digits and on made negatives.
 *
 * @param digits the validation split, without negatives
 */
export async function measureOnValidation(
  model: Model,
  engine: Engine,
  digits: LabelledImages,
): Promise<ValidationFigures> {
  const { architecture, weights, metadata } = model;
  const numOutputs = numClassesOf(architecture);
  const numClasses = metadata.classNames.length;
  const predictor = await engine.createPredictor(architecture, weights);
  const logitsOf = async ({ images, count }: Pick<LabelledImages, 'images' | 'count'>): Promise<Float32Array> => {
    const logits = new Float32Array(count * numOutputs);
    const size = images.length / count;
    for (let start = 0; start < count; start += CHUNK) {
      const chunk = normaliseImages(images.subarray(start * size, (start + CHUNK) * size));
      logits.set(await predictor.predict(chunk), start * numOutputs);
    }
    return logits;
  };
  const made = generateHandwriting({ count: NUM_MADE, seed: MEASURING_SEED, variants: 'heldOut' });
  const logits = await logitsOf(digits);
  const madeLogits = await logitsOf(made);
  const digitLogits = withoutLast(logits, numOutputs, numClasses);
  const figures = {
    logLoss: logLoss(digits.labels, softmax(digitLogits, numClasses, metadata.temperature), numClasses),
    accuracy: accuracyOf(digitLogits, digits.labels, numClasses),
    madeAccuracy: accuracyOf(withoutLast(madeLogits, numOutputs, numClasses), made.labels, numClasses),
  };
  const { rejection } = metadata;
  if (rejection?.score !== 'none') {
    await predictor.dispose();
    return { ...figures, madeKept: null, refused: null, auroc: null };
  }
  const { images } = generateNegatives(digits, { count: NUM_MADE, seed: MEASURING_SEED, fold: 'validation' });
  const negativeLogits = await logitsOf({ images, count: NUM_MADE });
  await predictor.dispose();
  const scoresOf = (values: Float32Array): Float64Array =>
    rejectionScores(values, numOutputs, { ...rejection, numClasses });
  const report = measureRejection(scoresOf(logits), scoresOf(negativeLogits), rejection.threshold);
  const madeScores = scoresOf(madeLogits);
  const madeKept = madeScores.filter((score) => score >= rejection.threshold).length / NUM_MADE;
  return { ...figures, madeKept, refused: report.refused, auroc: report.auroc };
}

function accuracyOf(logits: Float32Array, labels: Uint8Array, numClasses: number): number {
  const answers = mostProbableClasses(logits, numClasses);
  return labels.filter((label, i) => answers[i] === label).length / labels.length;
}

/** Leaves out the output for "no digit" where there is one. */
function withoutLast(logits: Float32Array, numOutputs: number, numClasses: number): Float32Array {
  return numOutputs === numClasses ? logits : logits.filter((_, at) => at % numOutputs < numClasses);
}
