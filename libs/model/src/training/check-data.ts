import { type Architecture, outputKind } from '../network/architecture.ts';
import { checkDataset } from '../network/engine-arguments.ts';
import { shapeSize, showShape } from '../network/shapes.ts';
import type { TrainingImages } from '../network/training-images.ts';
import type { TrainingData } from './data.ts';

/**
 * Checks that both splits have images, with labels or targets as the architecture needs them. Training images with targets are checked
 * by the session that is created for them.
 *
 * @throws RangeError naming the split, the rule and what was found
 */
export function checkTrainingData(architecture: Architecture, data: TrainingData<TrainingImages>): void {
  for (const split of ['train', 'validation'] as const) {
    const images = data[split];
    if (images.count < 1) throw new RangeError(`train: ${split} images must be at least 1, got 0`);
    checkImagesFor(architecture, images, split);
  }
  checkSameSize(data);
}

function checkImagesFor(architecture: Architecture, images: TrainingImages, split: string): void {
  const [needed, other] = outputKind(architecture) === 'classes' ? ['labels', 'targets'] : ['targets', 'labels'];
  if (!(needed in images)) {
    throw new RangeError(`train: ${split} images must have ${needed} for this architecture, got ${other}`);
  }
  if ('labels' in images) checkDataset(`train: ${split}`, architecture, images);
}

/** Checks that the validation images are of the kind of the training images, which the session checks. */
function checkSameSize({ train, validation }: TrainingData<TrainingImages>): void {
  if (!('targets' in train) || !('targets' in validation)) return;
  const [expected, actual] = [train, validation].map(({ height, width, channels, targetShape }) =>
    [showShape([height, width, channels]), showShape(targetShape)].join(' with targets '),
  );
  if (actual !== expected) {
    throw new RangeError(`train: validation images must be ${expected} as the training images, got ${actual}`);
  }
  const { images, targets, count, height, width, channels, targetShape } = validation;
  const lengths = [count * height * width * channels, count * shapeSize(targetShape)];
  if (images.length !== lengths[0] || targets.length !== lengths[1]) {
    throw new RangeError(
      `train: ${count} validation images must have ${lengths[0]} pixels and ${lengths[1]} targets, got ${images.length} and ${targets.length}`,
    );
  }
}
