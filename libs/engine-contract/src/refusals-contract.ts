/// <reference types="jest" />
import type { Engine } from '@digits/model';
import {
  planOf,
  randomDataset,
  randomTargets,
  randomWeights,
  sessionSettings,
  smallNetwork,
  smallPixelNetwork,
} from './cases.ts';

const ARCHITECTURE = smallNetwork();
const DATASET = randomDataset(ARCHITECTURE, 20, 51);
const WEIGHTS = randomWeights(ARCHITECTURE, 52);
const SETTINGS = sessionSettings(ARCHITECTURE);
const IMAGE_SIZE = 12 * 11;

/** The part of the engine contract that says how calls are refused, and that a refused call changes nothing. */
export function engineRefusals(getEngine: () => Engine): void {
  const session = () => getEngine().createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
  const predictor = () => getEngine().createPredictor(ARCHITECTURE, WEIGHTS);

  it('refuses images of another shape than the architecture takes', async () => {
    const wide = { ...DATASET, height: 11, width: 12 };
    await expect(getEngine().createTrainingSession(ARCHITECTURE, SETTINGS, wide)).rejects.toThrow(
      'createTrainingSession: images must be [12, 11, 1] for this architecture, got [11, 12, 1]',
    );
  });

  it('refuses a label that is no class', async () => {
    const labels = DATASET.labels.slice();
    labels[3] = 5;
    await expect(getEngine().createTrainingSession(ARCHITECTURE, SETTINGS, { ...DATASET, labels })).rejects.toThrow(
      'createTrainingSession: labels must be in [0, 5) for this architecture, got 5 for image 3',
    );
  });

  it('refuses targets of another shape than the architecture gives, and settings that are for classes alone', async () => {
    const architecture = smallPixelNetwork();
    const settings = sessionSettings(architecture);
    const dataset = randomTargets(architecture, 2, 53);
    const small = { ...dataset, targetShape: [6, 8, 6] };
    await expect(getEngine().createTrainingSession(architecture, settings, small)).rejects.toThrow(
      'createTrainingSession: targets must be [12, 8, 3] for this architecture, got [6, 8, 6]',
    );
    await expect(getEngine().createTrainingSession(architecture, settings, DATASET)).rejects.toThrow(
      'createTrainingSession: images must have targets for the pixels of this architecture, got labels',
    );
    await expect(getEngine().createTrainingSession(ARCHITECTURE, SETTINGS, dataset)).rejects.toThrow(
      'createTrainingSession: images must have labels, which are classes of this architecture, got targets',
    );
    const smoothed = { ...settings, labelSmoothing: 0.1 };
    await expect(getEngine().createTrainingSession(architecture, smoothed, dataset)).rejects.toThrow(
      'createTrainingSession: labelSmoothing must be 0 for a network that answers for pixels, got 0.1',
    );
  });

  it('refuses weights of another architecture', async () => {
    const weights = WEIGHTS.map((weight) =>
      weight.name === 'conv2/kernel' ? { ...weight, shape: [3, 3, 8, 5] } : weight,
    );
    const message =
      'weights[5] must be "conv2/kernel" [3, 3, 5, 8], got "conv2/kernel" [3, 3, 8, 5]; are they of another architecture?';
    const settings = { ...SETTINGS, initialWeights: weights };
    await expect(getEngine().createPredictor(ARCHITECTURE, weights)).rejects.toThrow(`createPredictor: ${message}`);
    await expect(getEngine().createTrainingSession(ARCHITECTURE, settings, DATASET)).rejects.toThrow(message);
  });

  it('refuses a plan that asks for images or batches beyond what the session has, and goes on unchanged', async () => {
    const training = await session();
    try {
      const before = await training.getState();
      await expect(training.trainSteps({ ...planOf([4], 20), samples: Uint32Array.of(1, 2, 20, 3) })).rejects.toThrow(
        'trainSteps: samples must be in [0, 20), got 20',
      );
      await expect(training.trainSteps(planOf([16, 17], 20))).rejects.toThrow(
        'trainSteps: batchSizes must be in [1, 16], got 17 in step 1',
      );
      await expect(training.trainSteps({ ...planOf([4], 20), samples: Uint32Array.of(1, 2, 3) })).rejects.toThrow(
        'trainSteps: samples must be as many as batchSizes sum to, 4, got 3',
      );
      await expect(training.trainSteps({ ...planOf([4], 20), learningRates: new Float32Array(2) })).rejects.toThrow(
        'trainSteps: batchSizes, learningRates and averageDecays must have one value a step, got 1, 2 and 1',
      );
      expect(await training.getState()).toEqual(before);
    } finally {
      await training.dispose();
    }
  });

  it('refuses averaged weights where none are kept, in evaluate and setState', async () => {
    const training = await session();
    try {
      await expect(training.evaluate(DATASET.images, 'averaged')).rejects.toThrow('averageWeights');
      const state = await training.getState();
      await expect(training.setState({ ...state, averagedWeights: state.weights })).rejects.toThrow(
        'setState: averagedWeights must be null in this session, got weights',
      );
    } finally {
      await training.dispose();
    }
  });

  it('refuses the state of another optimizer', async () => {
    const training = await session();
    try {
      const state = await training.getState();
      await expect(training.setState({ ...state, optimizer: state.optimizer.slice(1) })).rejects.toThrow(
        'setState: optimizer must have 8 tensors for this architecture, got 7; are they of another architecture?',
      );
    } finally {
      await training.dispose();
    }
  });

  it('refuses a part of an image', async () => {
    const answering = await predictor();
    const training = await session();
    try {
      await expect(answering.predict(new Float32Array(IMAGE_SIZE + 1))).rejects.toThrow(
        'predict: images must have a multiple of 132 values, one for each of [12, 11, 1], got 133',
      );
      await expect(answering.activations(new Float32Array(2 * IMAGE_SIZE))).rejects.toThrow(
        'activations: images must have 1 times 132 values, one for each of [12, 11, 1], got 264',
      );
      await expect(training.evaluate(new Uint8Array(5), 'current')).rejects.toThrow('evaluate: images must have');
    } finally {
      await answering.dispose();
      await training.dispose();
    }
  });

  it('refuses every call after dispose, which can be called twice', async () => {
    const training = await session();
    const state = await training.getState();
    await training.dispose();
    await training.dispose();
    await expect(training.trainSteps(planOf([4], 20))).rejects.toThrow('disposed');
    await expect(training.evaluate(DATASET.images, 'current')).rejects.toThrow('disposed');
    await expect(training.getState()).rejects.toThrow('disposed');
    await expect(training.setState(state)).rejects.toThrow('disposed');

    const answering = await predictor();
    await answering.dispose();
    await answering.dispose();
    await expect(answering.predict(new Float32Array(IMAGE_SIZE))).rejects.toThrow('disposed');
    await expect(answering.activations(new Float32Array(IMAGE_SIZE))).rejects.toThrow('disposed');
  });

  it('ends calls that are under way when it is disposed', async () => {
    const training = await session();
    const calls = [training.trainSteps(planOf([16, 16, 16], 20)), training.evaluate(DATASET.images, 'current')];
    const settled = Promise.allSettled(calls);
    await training.dispose();
    expect(await settled).toHaveLength(2);

    const answering = await predictor();
    const answer = Promise.allSettled([answering.predict(new Float32Array(64 * IMAGE_SIZE))]);
    await answering.dispose();
    expect(await answer).toHaveLength(1);
  });
}
