import { IMAGE_SIZE, type LabelledImages, selectImages, type SplitIndices, stratifiedSplit } from '@digits/data';
import { addHandwriting, addNegatives, concatImages, generateNeighbours } from '@digits/synthesis';
import { numClassesOf } from '../network/architecture.ts';
import type { TrainingImages } from '../network/training-images.ts';
import type { TrainingConfig } from './settings.ts';

/** The two splits that a run reads; it never reads the test split. */
export interface TrainingData<Images extends TrainingImages = LabelledImages> {
  readonly train: Images;
  readonly validation: Images;
}

/** What of a configuration decides the images of a run. */
type TrainingDataSettings = Pick<
  TrainingConfig,
  'architecture' | 'seed' | 'validationSize' | 'handwriting' | 'negatives' | 'neighbours'
>;

/** The images of one run. */
export interface PreparedTrainingData extends TrainingData {
  /** The validation split's own images, without negatives: what temperature and rejection are fitted on. */
  readonly digits: LabelledImages;
}

/**
 * Makes the images of a run from the stored training images, the same in a page and in Node: first the validation split is cut
 * off, then synthetic handwriting is added to the rest, then negatives to both splits as one more class.
 *
 * @param stored all training images of a data set, none of its test split
 * @param storedValidation the stored validation split; without it, one is cut from the training images
 * @throws RangeError if the images do not fit the settings
 */
export function prepareTrainingData(
  stored: LabelledImages,
  settings: TrainingDataSettings,
  storedValidation: LabelledImages | null = null,
): PreparedTrainingData {
  const { architecture, seed, handwriting, negatives, neighbours } = settings;
  checkSyntheticFits(stored, settings);
  const { train, validation } =
    storedValidation === null ? cutValidation(stored, settings) : { train: stored, validation: storedValidation };
  const written = handwriting === null ? train : addHandwriting(train, { seed, ...handwriting });
  if (negatives === null) return { train: written, validation, digits: validation };
  const numOutputs = numClassesOf(architecture);
  if (numOutputs !== stored.numClasses + 1) {
    throw new RangeError(
      `prepareTrainingData: architecture must have ${stored.numClasses + 1} outputs, the last for negatives, got ${numOutputs}`,
    );
  }
  const { share } = negatives;
  const withNegatives = addNegatives(written, { share, seed });
  return {
    train:
      neighbours === null
        ? withNegatives
        : concatImages(withNegatives, generateNeighbours(written, { ...neighbours, seed })),
    validation: addNegatives(validation, { share, seed, fold: 'validation' }),
    digits: validation,
  };
}

/** Checks that synthetic images can be put among the stored ones, which are then taken for digits as MNIST has them. */
function checkSyntheticFits(
  { height, width, channels, numClasses }: LabelledImages,
  settings: TrainingDataSettings,
): void {
  const hasTheirSize = height === IMAGE_SIZE && width === IMAGE_SIZE && channels === 1;
  for (const name of ['handwriting', 'neighbours', 'negatives'] as const) {
    const fits = hasTheirSize && (name === 'negatives' || numClasses === 10);
    if (settings[name] === null || fits) continue;
    const needed = name === 'negatives' ? 'other images than 28x28x1' : 'other images than 28x28x1 in 10 classes';
    throw new RangeError(
      `prepareTrainingData: ${name} must be null for ${needed}, got ${height}x${width}x${channels} in ${numClasses} classes; ` +
        'choose a preset without synthetic images, such as fast or accurate',
    );
  }
}

/**
 * Cuts off the validation split, stratified and seeded; the same cut of the same labels is the same images.
 *
 * @returns both splits, and where their images are in the set
 * @throws RangeError as `stratifiedSplit`
 */
export function cutValidation(
  stored: LabelledImages,
  { validationSize, seed }: Pick<TrainingConfig, 'validationSize' | 'seed'>,
): TrainingData & { readonly indices: SplitIndices } {
  const indices = stratifiedSplit(stored.labels, stored.numClasses, validationSize, seed);
  return {
    train: selectImages(stored, indices.train),
    validation: selectImages(stored, indices.validation),
    indices,
  };
}
