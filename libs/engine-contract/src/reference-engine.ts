import { createAugmenter, PIXEL_SCALE } from '@digits/data';
import {
  type Activation,
  type Architecture,
  checkImages,
  checkPlan,
  checkSession,
  checkState,
  checkWeights,
  type Engine,
  type NamedTensor,
  optimizerSlotSpecs,
  type Predictor,
  type SessionSettings,
  shapeSize,
  type StepPlan,
  type TrainingImages,
  type TrainingSession,
  type Weights,
  type WeightSpec,
  weightSpecs,
} from '@digits/model';
import { backwardPass, forwardPass, type NamedValues, widen } from './reference-network.ts';

/**
 * The slow engine that the others are tested against, for tests with small networks: every step is computed in double
 * precision and its results are kept in float32, which `getState` copies without loss.
 */
export const referenceEngine: Engine = {
  name: 'reference',
  createTrainingSession: (architecture, settings, dataset) =>
    asPromise(() => createReferenceSession(architecture, settings, dataset)),
  createPredictor: (architecture, weights) => asPromise(() => createReferencePredictor(architecture, weights)),
};

interface ReferenceState {
  weights: Map<string, Float64Array>;
  averaged: Map<string, Float64Array> | null;
  slots: Map<string, Float64Array>;
}

function createReferenceSession(
  architecture: Architecture,
  settings: SessionSettings,
  dataset: TrainingImages,
): TrainingSession {
  checkSession(architecture, settings, dataset);
  const readImage = createImageReader(dataset, settings);
  const weights = widen(settings.initialWeights);
  const slotSpecs = optimizerSlotSpecs(architecture, settings.optimizer);
  const state: ReferenceState = {
    weights,
    averaged: settings.averageWeights ? copyOf(weights) : null,
    slots: new Map(slotSpecs.map(({ name, shape }) => [name, new Float64Array(shapeSize(shape))])),
  };
  const guard = createGuard('session');
  return {
    trainSteps: (plan) =>
      guard(() => {
        checkPlan(plan, settings, dataset.count);
        return takeSteps(architecture, settings, { answersOf: answersIn(dataset), readImage }, plan, state);
      }),
    evaluate: (images, which) =>
      guard(() => {
        const chosen = which === 'current' ? state.weights : state.averaged;
        if (chosen === null) {
          throw new RangeError('evaluate: which must be "current" in a session without averageWeights, got "averaged"');
        }
        checkImages('evaluate', architecture, images);
        return predictLogits(
          architecture,
          chosen,
          Float64Array.from(images, (pixel) => pixel / PIXEL_SCALE),
        );
      }),
    getState: () =>
      guard(() => ({
        weights: narrow(weightSpecs(architecture), state.weights),
        averagedWeights: state.averaged && narrow(weightSpecs(architecture), state.averaged),
        optimizer: narrow(slotSpecs, state.slots),
      })),
    setState: (next) =>
      guard(() => {
        checkState(architecture, settings, next);
        state.weights = widen(next.weights);
        state.averaged = next.averagedWeights && widen(next.averagedWeights);
        state.slots = widen(next.optimizer);
      }),
    dispose: guard.dispose,
  };
}

function takeSteps(
  architecture: Architecture,
  settings: SessionSettings,
  { answersOf, readImage }: { readonly answersOf: AnswerReader; readonly readImage: ImageReader },
  plan: StepPlan,
  state: ReferenceState,
) {
  const losses = new Float32Array(plan.batchSizes.length);
  const numCorrect = new Uint32Array(plan.batchSizes.length);
  let start = 0;
  plan.batchSizes.forEach((size, i) => {
    const samples = plan.samples.subarray(start, (start += size));
    const pixels = Array.from(samples, (sample) => Array.from(readImage(sample, plan.epoch)));
    const images = Float64Array.from(pixels.flat(), (pixel) => pixel / PIXEL_SCALE);
    const answers = Array.from(samples, (sample) => Array.from(answersOf(sample))).flat();
    const batch = { seed: settings.seed, epoch: plan.epoch, samples };
    const pass = forwardPass(architecture, state.weights, images, batch);
    const step = backwardPass(architecture, state.weights, pass, answers, settings.labelSmoothing);
    losses[i] = step.loss;
    numCorrect[i] = step.numCorrect;
    architecture.layers.forEach((layer, index) => {
      const statistics = pass.batchStatistics.get(index);
      if (layer.type !== 'batchNormalization' || statistics === undefined) return;
      blend(valuesOf(state.weights, `${layer.name}/moving_mean`), statistics.mean, layer.momentum);
      blend(valuesOf(state.weights, `${layer.name}/moving_variance`), statistics.variance, layer.momentum);
    });
    moveWeights(weightSpecs(architecture), settings, step.gradients, state, {
      learningRate: plan.learningRates[i],
      t: plan.firstStep + i + 1,
    });
    state.averaged?.forEach((average, name) => {
      blend(average, valuesOf(state.weights, name), plan.averageDecays[i]);
    });
  });
  return { losses, numCorrect };
}

/** Takes one optimizer step; `OptimizerSettings` documents the formulas. */
function moveWeights(
  specs: readonly WeightSpec[],
  { optimizer }: SessionSettings,
  gradients: NamedValues,
  { weights, slots }: ReferenceState,
  { learningRate, t }: { readonly learningRate: number; readonly t: number },
): void {
  for (const { name, role } of specs.filter((spec) => spec.trainable)) {
    const w = valuesOf(weights, name);
    const gradient = valuesOf(gradients, name);
    if (optimizer.type === 'sgd') {
      const velocity = valuesOf(slots, `momentum/${name}`);
      for (let i = 0; i < w.length; i++) {
        const moved = optimizer.momentum * velocity[i] + gradient[i];
        const direction = optimizer.nesterov ? gradient[i] + optimizer.momentum * moved : moved;
        velocity[i] = Math.fround(moved);
        w[i] = Math.fround(w[i] - learningRate * direction);
      }
      continue;
    }
    const { beta1, beta2, epsilon } = optimizer;
    const decay = optimizer.type === 'adamw' && role === 'kernel' ? learningRate * optimizer.weightDecay : 0;
    const m = valuesOf(slots, `m/${name}`);
    const v = valuesOf(slots, `v/${name}`);
    for (let i = 0; i < w.length; i++) {
      m[i] = Math.fround(beta1 * m[i] + (1 - beta1) * gradient[i]);
      v[i] = Math.fround(beta2 * v[i] + (1 - beta2) * gradient[i] ** 2);
      const step = m[i] / (1 - beta1 ** t) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + epsilon);
      w[i] = Math.fround(w[i] - decay * w[i] - learningRate * step);
    }
  }
}

function createReferencePredictor(architecture: Architecture, weights: Weights): Predictor {
  checkWeights('createPredictor', architecture, weights);
  const values = widen(weights);
  const guard = createGuard('predictor');
  return {
    predict: (images) =>
      guard(() => {
        checkImages('predict', architecture, images);
        return predictLogits(architecture, values, Float64Array.from(images));
      }),
    activations: (image) =>
      guard(() => {
        checkImages('activations', architecture, image, 1);
        const pass = forwardPass(architecture, values, Float64Array.from(image), null);
        return architecture.layers.map((layer, i): Activation => ({
          layer: layer.name,
          shape: pass.shapes[i + 1],
          values: Float32Array.from(pass.values[i + 1]),
        }));
      }),
    dispose: guard.dispose,
  };
}

function predictLogits(architecture: Architecture, weights: NamedValues, images: Float64Array): Float32Array {
  if (images.length === 0) return new Float32Array(0);
  const { values } = forwardPass(architecture, weights, images, null);
  return Float32Array.from(values[values.length - 1]);
}

/** Pixels of a training image as the network sees them in an epoch. */
type ImageReader = (sample: number, epoch: number) => Uint8Array;

/** The label of a training image, or the targets of its pixels. */
type AnswerReader = (sample: number) => Uint8Array;

function answersIn(dataset: TrainingImages): AnswerReader {
  const [answers, size] = 'labels' in dataset ? [dataset.labels, 1] : [dataset.targets, shapeSize(dataset.targetShape)];
  return (sample) => answers.subarray(sample * size, (sample + 1) * size);
}

function createImageReader(dataset: TrainingImages, { augmentation, seed }: SessionSettings): ImageReader {
  const { images, height, width, channels } = dataset;
  const size = height * width * channels;
  const original = (sample: number): Uint8Array => images.subarray(sample * size, (sample + 1) * size);
  if (augmentation === null) return original;
  if (channels !== 1) {
    throw new RangeError(
      `createTrainingSession: augmentation must be null for images of ${channels} channels, got settings; only images of one channel can be distorted`,
    );
  }
  const augment = createAugmenter(augmentation, { height, width });
  return (sample, epoch) => augment(original(sample), { seed, epoch, sample });
}

/** target = keep * target + (1 - keep) * next, in float32. */
function blend(target: Float64Array, next: Float64Array, keep: number): void {
  target.forEach((value, i) => (target[i] = Math.fround(keep * value + (1 - keep) * next[i])));
}

function narrow(
  specs: readonly { readonly name: string; readonly shape: readonly number[] }[],
  values: NamedValues,
): NamedTensor[] {
  return specs.map(({ name, shape }) => ({ name, shape, values: Float32Array.from(valuesOf(values, name)) }));
}

function valuesOf(values: NamedValues, name: string): Float64Array {
  const found = values.get(name);
  if (found === undefined) throw new Error(`referenceEngine: state must hold "${name}", got none`);
  return found;
}

function copyOf(values: NamedValues): Map<string, Float64Array> {
  return new Map(Array.from(values, ([name, array]) => [name, array.slice()]));
}

/** Runs calls as promises until disposed. */
function createGuard(what: 'session' | 'predictor') {
  let disposed = false;
  const guard = <Result>(call: () => Result): Promise<Result> =>
    asPromise(() => {
      if (disposed) throw new Error(`referenceEngine: the ${what} must not be used any more, it is disposed`);
      return call();
    });
  return Object.assign(guard, {
    dispose: (): Promise<void> => {
      disposed = true;
      return Promise.resolve();
    },
  });
}

function asPromise<Result>(call: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(call());
  });
}
