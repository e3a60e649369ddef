import { type LabelledImages, NO_AUGMENTATION } from '@digits/data';
import { type Engine, hashWeights, presetConfig, train } from '@digits/model';
import { createSimdEngine } from '@digits/engine-simd';

/** What the page is sent: uint8 images of 28x28 and their labels. */
export interface TrainingArgument {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  readonly threads: number;
}

/**
 * Trains `accurate` for a moment, with everything that draws random numbers: dropout, all four distortions, shuffling, and a last,
 * smaller batch.
 *
 * @returns the SHA-256 of the weights
 */
export async function trainFor(engine: Engine, { images, labels }: Omit<TrainingArgument, 'threads'>): Promise<string> {
  const NUM_VALIDATION = 50;
  const config = presetConfig('accurate', {
    epochs: 2,
    seed: 3,
    batchSize: 64,
    validationSize: NUM_VALIDATION,
    augmentation: {
      ...NO_AUGMENTATION,
      affine: { rotation: 14, scale: 0.14, shear: 0.25, translation: 2.2 },
      elastic: { displacement: 1, gridSize: 5 },
      strokeWidth: { radius: 0.4 },
      erasing: { probability: 0.3, size: 6 },
    },
  });
  const numTrain = labels.length - NUM_VALIDATION;
  const part = (start: number, end: number): LabelledImages => ({
    images: images.subarray(start * 784, end * 784),
    labels: labels.subarray(start, end),
    count: end - start,
    height: 28,
    width: 28,
    channels: 1,
    numClasses: 10,
  });
  const data = { train: part(0, numTrain), validation: part(numTrain, labels.length) };
  return hashWeights((await train(config, data, engine)).weights);
}

/** Called in the page. */
export function run({ threads, ...images }: TrainingArgument): Promise<string> {
  return trainFor(createSimdEngine({ threads }), images);
}
