import { type LabelledImages, validateAugmentation } from '@digits/data';
import {
  type Architecture,
  inferShapes,
  numClassesOf,
  outputKind,
  validateArchitecture,
  weightSpecs,
} from './architecture.ts';
import type { SessionSettings, StepPlan, TrainingState } from './engine.ts';
import { optimizerSlotSpecs } from './optimizer.ts';
import { type Shape, shapeSize, showShape } from './shapes.ts';
import type { TargetImages, TrainingImages } from './training-images.ts';
import type { NamedTensor, Weights } from './weights.ts';

/**
 * Checks what `createTrainingSession` is given, for engines to call first.
 *
 * @throws RangeError naming the argument, the rule and what was found
 */
export function checkSession(architecture: Architecture, settings: SessionSettings, dataset: TrainingImages): void {
  validateArchitecture(architecture);
  const caller = 'createTrainingSession';
  if (!Number.isSafeInteger(settings.batchSize) || settings.batchSize < 1) {
    throw new RangeError(`${caller}: batchSize must be a whole number of at least 1, got ${settings.batchSize}`);
  }
  if (!Number.isSafeInteger(settings.seed) || settings.seed < 0) {
    throw new RangeError(`${caller}: seed must be a whole number of at least 0, got ${settings.seed}`);
  }
  if (!(settings.labelSmoothing >= 0 && settings.labelSmoothing < 1)) {
    throw new RangeError(`${caller}: labelSmoothing must be in [0, 1), got ${settings.labelSmoothing}`);
  }
  if (settings.augmentation !== null) validateAugmentation(settings.augmentation);
  if (outputKind(architecture) === 'classes') {
    if (!('labels' in dataset)) {
      throw new RangeError(`${caller}: images must have labels, which are classes of this architecture, got targets`);
    }
    checkDataset(caller, architecture, dataset);
  } else {
    checkPixelSettings(caller, settings);
    if (!('targets' in dataset)) {
      throw new RangeError(`${caller}: images must have targets for the pixels of this architecture, got labels`);
    }
    checkTargets(caller, architecture, dataset);
  }
  checkWeights(caller, architecture, settings.initialWeights);
}

/**
 * Checks that labelled images fit an architecture: shape, classes, and lengths that agree.
 *
 * @param caller opens the error messages
 * @throws RangeError naming both shapes, or the label that is no class
 */
export function checkDataset(caller: string, architecture: Architecture, dataset: LabelledImages): void {
  const { images, labels, count } = dataset;
  const shape = checkImageShape(caller, architecture, dataset);
  if (images.length !== count * shapeSize(shape) || labels.length !== count) {
    throw new RangeError(
      `${caller}: ${count} images of ${showShape(shape)} must have ${count * shapeSize(shape)} pixels and ${count} labels, got ${images.length} and ${labels.length}`,
    );
  }
  const numClasses = numClassesOf(architecture);
  const strange = labels.findIndex((label) => label >= numClasses);
  if (strange !== -1) {
    throw new RangeError(
      `${caller}: labels must be in [0, ${numClasses}) for this architecture, got ${labels[strange]} for image ${strange}`,
    );
  }
}

/** Checks that images with targets fit an architecture that answers for pixels. */
function checkTargets(caller: string, architecture: Architecture, dataset: TargetImages): void {
  const { images, targets, count, targetShape } = dataset;
  const shape = checkImageShape(caller, architecture, dataset);
  const output = inferShapes(architecture)[architecture.layers.length - 1];
  if (!isSameShape(targetShape, output)) {
    throw new RangeError(
      `${caller}: targets must be ${showShape(output)} for this architecture, got ${showShape(targetShape)}`,
    );
  }
  const [numPixels, numTargets] = [count * shapeSize(shape), count * shapeSize(output)];
  if (images.length !== numPixels || targets.length !== numTargets) {
    throw new RangeError(
      `${caller}: ${count} images of ${showShape(shape)} must have ${numPixels} pixels and ${numTargets} targets, got ${images.length} and ${targets.length}`,
    );
  }
}

function checkPixelSettings(caller: string, { labelSmoothing, augmentation }: SessionSettings): void {
  if (labelSmoothing !== 0) {
    throw new RangeError(
      `${caller}: labelSmoothing must be 0 for a network that answers for pixels, got ${labelSmoothing}; smooth the targets`,
    );
  }
  if (augmentation !== null) {
    throw new RangeError(
      `${caller}: augmentation must be null for a network that answers for pixels, got settings; distort images and targets together before training`,
    );
  }
}

/** @returns `[height, width, channels]` */
function checkImageShape(caller: string, architecture: Architecture, dataset: TrainingImages): Shape {
  const shape = [dataset.height, dataset.width, dataset.channels];
  if (!isSameShape(shape, architecture.inputShape)) {
    throw new RangeError(
      `${caller}: images must be ${showShape(architecture.inputShape)} for this architecture, got ${showShape(shape)}`,
    );
  }
  return shape;
}

function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/**
 * Checks that weights are those of an architecture: names, order, shapes, lengths.
 *
 * @param caller opens the error messages
 * @throws RangeError naming the first weight that differs, with both shapes
 */
export function checkWeights(caller: string, architecture: Architecture, weights: Weights): void {
  checkTensors(caller, 'weights', weightSpecs(architecture), weights);
}

/**
 * Checks what `setState` is given, for engines to call first.
 *
 * @throws RangeError naming the first tensor that does not fit the session
 */
export function checkState(architecture: Architecture, settings: SessionSettings, state: TrainingState): void {
  const caller = 'setState';
  checkWeights(caller, architecture, state.weights);
  if (settings.averageWeights !== (state.averagedWeights !== null)) {
    const [must, got] = settings.averageWeights ? ['be given', 'null'] : ['be null', 'weights'];
    throw new RangeError(`${caller}: averagedWeights must ${must} in this session, got ${got}`);
  }
  if (state.averagedWeights !== null) {
    checkTensors(caller, 'averagedWeights', weightSpecs(architecture), state.averagedWeights);
  }
  checkTensors(caller, 'optimizer', optimizerSlotSpecs(architecture, settings.optimizer), state.optimizer);
}

/**
 * Checks what `trainSteps` is given, for engines to call first.
 *
 * @param numSamples images in the session's training set
 * @throws RangeError naming the field, the rule and what was found
 */
export function checkPlan(plan: StepPlan, settings: SessionSettings, numSamples: number): void {
  const { samples, batchSizes, learningRates, averageDecays } = plan;
  const numSteps = batchSizes.length;
  if (learningRates.length !== numSteps || averageDecays.length !== numSteps) {
    throw new RangeError(
      `trainSteps: batchSizes, learningRates and averageDecays must have one value a step, got ${numSteps}, ${learningRates.length} and ${averageDecays.length}`,
    );
  }
  const strange = batchSizes.findIndex((size) => size < 1 || size > settings.batchSize);
  if (strange !== -1) {
    throw new RangeError(
      `trainSteps: batchSizes must be in [1, ${settings.batchSize}], got ${batchSizes[strange]} in step ${strange}`,
    );
  }
  const total = batchSizes.reduce((sum, size) => sum + size, 0);
  if (samples.length !== total) {
    throw new RangeError(`trainSteps: samples must be as many as batchSizes sum to, ${total}, got ${samples.length}`);
  }
  const outside = samples.findIndex((sample) => sample >= numSamples);
  if (outside !== -1) {
    throw new RangeError(`trainSteps: samples must be in [0, ${numSamples}), got ${samples[outside]}`);
  }
}

/**
 * Checks that an array holds whole images.
 *
 * @param caller opens the error message
 * @param numImages how many it must hold, or null for any number
 * @returns how many images it holds
 * @throws RangeError naming the image's shape and the length found
 */
export function checkImages(
  caller: string,
  architecture: Architecture,
  images: Float32Array | Uint8Array,
  numImages: number | null = null,
): number {
  const size = shapeSize(architecture.inputShape);
  const count = images.length / size;
  if (!Number.isInteger(count) || (numImages !== null && count !== numImages)) {
    const rule = numImages === null ? 'a multiple of' : `${numImages} times`;
    throw new RangeError(
      `${caller}: images must have ${rule} ${size} values, one for each of ${showShape(architecture.inputShape)}, got ${images.length}`,
    );
  }
  return count;
}

function checkTensors(
  caller: string,
  argument: string,
  specs: readonly { readonly name: string; readonly shape: Shape }[],
  tensors: readonly NamedTensor[],
): void {
  if (tensors.length !== specs.length) {
    throw new RangeError(
      `${caller}: ${argument} must have ${specs.length} tensors for this architecture, got ${tensors.length}; are they of another architecture?`,
    );
  }
  specs.forEach((spec, i) => {
    const { name, shape, values } = tensors[i];
    if (name !== spec.name || !isSameShape(shape, spec.shape)) {
      throw new RangeError(
        `${caller}: ${argument}[${i}] must be "${spec.name}" ${showShape(spec.shape)}, got "${name}" ${showShape(shape)}; are they of another architecture?`,
      );
    }
    if (values.length !== shapeSize(spec.shape)) {
      throw new RangeError(
        `${caller}: ${argument}[${i}] "${name}" ${showShape(shape)} must have ${shapeSize(shape)} values, got ${values.length}`,
      );
    }
  });
}
