import { type Architecture, numClassesOf } from './architecture.ts';
import type { Engine, Predictor, SessionSettings, TrainingSession } from './engine.ts';
import { checkImages, checkPlan, checkSession, checkState, checkWeights } from './engine-arguments.ts';
import { optimizerSlotSpecs } from './optimizer.ts';
import { shapeSize } from './shapes.ts';
import type { TrainingImages } from './training-images.ts';
import type { NamedTensor, Weights } from './weights.ts';

/**
 * An engine for networks of one dense layer, trained by stochastic gradient descent: enough for tests of what runs on engines. Libs
 * that depend on this one have the engine that can do everything.
 */
export const linearEngine: Engine = {
  name: 'reference',
  createTrainingSession: async (architecture, settings, dataset) => {
    await Promise.resolve();
    return createSession(architecture, settings, dataset);
  },
  createPredictor: async (architecture, weights) => {
    await Promise.resolve();
    return createPredictor(architecture, weights);
  },
};

function createPredictor(architecture: Architecture, weights: Weights): Predictor {
  checkWeights('createPredictor', architecture, weights);
  const guard = createGuard();
  const predict = (images: Float32Array) =>
    guard(() => {
      checkImages('predict', architecture, images);
      return logitsOf(weights, images, numClassesOf(architecture));
    });
  return {
    predict,
    activations: async (image) => [
      { layer: 'flatten', shape: [image.length], values: image },
      { layer: 'logits', shape: [numClassesOf(architecture)], values: await predict(image) },
    ],
    dispose: guard.dispose,
  };
}

function createSession(
  architecture: Architecture,
  settings: SessionSettings,
  dataset: TrainingImages,
): TrainingSession {
  checkSession(architecture, settings, dataset);
  if (!('labels' in dataset)) throw new RangeError('linearEngine: images must have labels, got targets');
  const { optimizer, labelSmoothing } = settings;
  const numClasses = numClassesOf(architecture);
  const imageSize = shapeSize(architecture.inputShape);
  const state = {
    weights: copyOf(settings.initialWeights),
    averagedWeights: settings.averageWeights ? copyOf(settings.initialWeights) : null,
    optimizer: optimizerSlotSpecs(architecture, optimizer).map(({ name, shape }): NamedTensor => ({
      name,
      shape,
      values: new Float32Array(shapeSize(shape)),
    })),
  };
  const guard = createGuard();

  const takeStep = (samples: Uint32Array, learningRate: number, averageDecay: number) => {
    const gradients = state.weights.map(({ values }) => new Float32Array(values.length));
    let [loss, numCorrect] = [0, 0];
    for (const sample of samples) {
      const pixels = dataset.images.subarray(sample * imageSize, (sample + 1) * imageSize);
      const x = Float32Array.from(pixels, (pixel) => pixel / 255);
      const logits = logitsOf(state.weights, x, numClasses);
      const exponentials = logits.map((logit) => Math.exp(logit));
      const sum = exponentials.reduce((a, b) => a + b);
      if (logits.indexOf(Math.max(...logits)) === dataset.labels[sample]) numCorrect++;
      exponentials.forEach((exponential, c) => {
        const target = (c === dataset.labels[sample] ? 1 - labelSmoothing : 0) + labelSmoothing / numClasses;
        loss -= (target * Math.log(exponential / sum)) / samples.length;
        const dLogit = (exponential / sum - target) / samples.length;
        x.forEach((value, i) => (gradients[0][i * numClasses + c] += value * dLogit));
        if (gradients.length > 1) gradients[1][c] += dLogit;
      });
    }
    state.weights.forEach(({ values }, w) => {
      const velocity = state.optimizer[w].values;
      values.forEach((value, i) => {
        velocity[i] = (optimizer.type === 'sgd' ? optimizer.momentum : 0) * velocity[i] + gradients[w][i];
        values[i] = value - learningRate * velocity[i];
      });
      const average = state.averagedWeights?.[w].values;
      average?.forEach((value, i) => (average[i] = averageDecay * value + (1 - averageDecay) * values[i]));
    });
    return { loss, numCorrect };
  };

  return {
    trainSteps: (plan) =>
      guard(() => {
        checkPlan(plan, settings, dataset.count);
        let start = 0;
        const steps = Array.from(plan.batchSizes, (size, i) =>
          takeStep(plan.samples.subarray(start, (start += size)), plan.learningRates[i], plan.averageDecays[i]),
        );
        return {
          losses: Float32Array.from(steps, ({ loss }) => loss),
          numCorrect: Uint32Array.from(steps, ({ numCorrect }) => numCorrect),
        };
      }),
    evaluate: (images, which) =>
      guard(() => {
        const weights = which === 'averaged' ? (state.averagedWeights ?? []) : state.weights;
        return logitsOf(
          weights,
          Float32Array.from(images, (pixel) => pixel / 255),
          numClasses,
        );
      }),
    getState: () =>
      guard(() => ({
        weights: copyOf(state.weights),
        averagedWeights: state.averagedWeights && copyOf(state.averagedWeights),
        optimizer: copyOf(state.optimizer),
      })),
    setState: (next) =>
      guard(() => {
        checkState(architecture, settings, next);
        state.weights = copyOf(next.weights);
        state.averagedWeights = next.averagedWeights && copyOf(next.averagedWeights);
        state.optimizer = copyOf(next.optimizer);
      }),
    dispose: guard.dispose,
  };
}

/** @returns `[n, numClasses]` */
function logitsOf([kernel, bias]: readonly (NamedTensor | undefined)[], images: Float32Array, numClasses: number) {
  if (kernel === undefined) return new Float32Array(0);
  const imageSize = kernel.values.length / numClasses;
  return Float32Array.from({ length: (images.length / imageSize) * numClasses }, (_, at) => {
    const [n, c] = [Math.floor(at / numClasses), at % numClasses];
    const x = images.subarray(n * imageSize, (n + 1) * imageSize);
    return x.reduce((sum, value, i) => sum + value * kernel.values[i * numClasses + c], bias?.values[c] ?? 0);
  });
}

function copyOf(tensors: readonly NamedTensor[]): NamedTensor[] {
  return tensors.map((tensor) => ({ ...tensor, values: tensor.values.slice() }));
}

/** Runs calls as promises until disposed. */
function createGuard() {
  let disposed = false;
  const guard = async <Result>(call: () => Result): Promise<Result> => {
    await Promise.resolve();
    if (disposed) throw new Error('linearEngine: it must not be used any more, it is disposed');
    return call();
  };
  const dispose = async (): Promise<void> => {
    await Promise.resolve();
    disposed = true;
  };
  return Object.assign(guard, { dispose });
}
