import { referenceEngine } from '@digits/engine-contract';
import {
  createPixelModel,
  evaluatePixels,
  presetConfig,
  type TargetImages,
  train,
  type TrainingCheckpoint,
  type TrainingConfig,
  type TrainingProgress,
  type TrainingResult,
} from '@digits/model';

/** Images of 6x6 noise; channel 0 is where a pixel is above the middle, channel 1 where its right neighbour is. */
function noise(count: number, seed: number): TargetImages {
  const [height, width] = [6, 6];
  let word = seed;
  const images = Uint8Array.from({ length: count * height * width }, () => {
    word = (word * 1103515245 + 12345) % 2 ** 31;
    return (word >> 16) & 255;
  });
  const targets = new Uint8Array(2 * images.length);
  images.forEach((pixel, i) => {
    targets[2 * i] = pixel > 127 ? 255 : 0;
    targets[2 * i + 1] = (i + 1) % width !== 0 && images[i + 1] > 127 ? 255 : 0;
  });
  return { images, targets, count, height, width, channels: 1, targetShape: [height, width, 2] };
}

const DATA = { train: noise(40, 1), validation: noise(12, 2) };

const CONFIG: TrainingConfig = {
  ...presetConfig('ink', { seed: 5, epochs: 12, batchSize: 4, averageDecay: 0.9 }),
  preset: null,
  architecture: {
    inputShape: [6, 6, 1],
    layers: [
      { type: 'conv2d', name: 'conv', filters: 4, kernelSize: [3, 3], strides: [1, 1], padding: 'same', useBias: true },
      { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 },
      { type: 'relu', name: 'relu1' },
      { type: 'maxPooling2d', name: 'pool', poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
      { type: 'upSampling2d', name: 'up', size: [2, 2] },
      { type: 'add', name: 'add', from: 'relu1' },
      { type: 'conv2d', name: 'logits', filters: 2, kernelSize: [1, 1], strides: [1, 1], padding: 'same', useBias: true }, // prettier-ignore
    ],
  },
  schedule: { type: 'oneCycle', learningRate: 0.05, warmupFraction: 0.25, initialDivisor: 25, finalDivisor: 1000 },
};

const STEPS_PER_EPOCH = 10;

/** A result without its seconds, which no two runs share. */
function timeless(result: TrainingResult): unknown {
  return { ...result, history: result.history.map((summary) => ({ ...summary, seconds: 0 })) };
}

let whole: TrainingResult;
const checkpoints: TrainingCheckpoint[] = [];
const progress: TrainingProgress[] = [];

beforeAll(async () => {
  whole = await train(CONFIG, DATA, referenceEngine, {
    stepsPerPlan: 3,
    onProgress: (report) => progress.push(report),
    onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
  });
});

describe('train, for a network that answers for pixels', () => {
  it('learns to threshold an image and to look at a neighbour', () => {
    const [first] = whole.history;
    const last = whole.history[whole.history.length - 1];
    expect(whole).toMatchObject({ stopped: 'completed', steps: 12 * STEPS_PER_EPOCH });
    expect(last.validationLoss).toBeLessThan(first.validationLoss / 2);
    expect(last.validationAccuracy).toBeGreaterThan(0.9);
    expect(last.trainAccuracy).toBeGreaterThan(0.9);
  });

  it('gives shares of pixels times channels in its progress', () => {
    expect(progress.every(({ accuracy }) => accuracy >= 0 && accuracy <= 1)).toBe(true);
    const endOfEpoch = progress.filter(({ numSamplesDone }) => numSamplesDone === 40);
    expect(endOfEpoch.map(({ accuracy, loss }) => [accuracy, loss])).toEqual(
      whole.history.map(({ trainAccuracy, trainLoss }) => [trainAccuracy, trainLoss]),
    );
  });

  it('keeps the weights of the epoch with the lowest validation loss', () => {
    const losses = whole.history.map(({ validationLoss }) => validationLoss);
    expect(whole.bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
    expect(whole.weights).toEqual(checkpoints[(whole.bestEpoch ?? 0) - 1].state.averagedWeights);
  });

  it('finds the pixels that the trained weights were trained for', async () => {
    const model = createPixelModel(CONFIG.architecture, whole.weights, { channels: ['here', 'right'] });
    const figures = await evaluatePixels(model, referenceEngine, DATA.validation);
    for (const { averagePrecision, f1 } of figures) {
      expect(averagePrecision).toBeGreaterThan(0.9);
      expect(f1).toBeGreaterThan(0.85);
    }
  });

  it('ends with the same weights when resumed, within an epoch and after one', async () => {
    const within: TrainingCheckpoint[] = [];
    const abort = new AbortController();
    const aborted = await train(CONFIG, DATA, referenceEngine, {
      stepsPerPlan: 1,
      signal: abort.signal,
      onProgress: ({ step }) => {
        if (step === 2 * STEPS_PER_EPOCH + 4) abort.abort();
      },
      onCheckpoint: (checkpoint) => void within.push(checkpoint),
    });
    expect(aborted.stopped).toBe('aborted');
    expect(within.at(-1)).toMatchObject({ epoch: 2, stepInEpoch: 4 });
    for (const resumeFrom of [within[within.length - 1], checkpoints[7]]) {
      expect(timeless(await train(CONFIG, DATA, referenceEngine, { resumeFrom }))).toEqual(timeless(whole));
    }
  });

  it('stops early', async () => {
    const config = { ...CONFIG, earlyStopping: { patience: 2, minDelta: 10 } };
    expect(await train(config, DATA, referenceEngine)).toMatchObject({ stopped: 'earlyStopping', steps: 30 });
  });

  it('is not resumed with other targets', async () => {
    const validation = { ...DATA.validation, targets: DATA.validation.targets.map((target) => 255 - target) };
    await expect(
      train(CONFIG, { ...DATA, validation }, referenceEngine, { resumeFrom: checkpoints[0] }),
    ).rejects.toThrow(/^train: labels or targets must be those of the checkpoint/);
  });

  it.each<[string, TargetImages, string]>([
    [
      'of another size',
      { ...DATA.validation, width: 3, height: 12 },
      'train: validation images must be [6, 6, 1] with targets [6, 6, 2] as the training images, got [12, 3, 1] with targets [6, 6, 2]',
    ],
    [
      'cut off',
      { ...DATA.validation, targets: new Uint8Array(5) },
      'train: 12 validation images must have 432 pixels and 864 targets, got 432 and 5',
    ],
  ])('refuses validation images %s', async (_, validation, message) => {
    await expect(train(CONFIG, { ...DATA, validation }, referenceEngine)).rejects.toThrow(new RangeError(message));
  });

  it('refuses labels', async () => {
    const { images, count, height, width, channels } = DATA.train;
    const labelled = { images, count, height, width, channels, labels: new Uint8Array(count), numClasses: 2 };
    await expect(train(CONFIG, { train: labelled, validation: labelled }, referenceEngine)).rejects.toThrow(
      new RangeError('train: train images must have targets for this architecture, got labels'),
    );
  });
});
