import {
  type Architecture,
  train,
  type TrainingCheckpoint,
  type TrainingConfig,
  type TrainingResult,
} from '@digits/model';
import { randomDataset } from './cases.ts';
import { engineContract } from './engine-contract.ts';
import { referenceEngine } from './reference-engine.ts';

describe('referenceEngine', () => {
  engineContract(() => referenceEngine);
});

const ARCHITECTURE: Architecture = {
  inputShape: [4, 4, 1],
  layers: [
    { type: 'conv2d', name: 'conv', filters: 3, kernelSize: [2, 2], strides: [1, 1], padding: 'valid', useBias: false },
    { type: 'batchNormalization', name: 'bn', momentum: 0.8, epsilon: 1e-3 },
    { type: 'relu', name: 'relu' },
    { type: 'flatten', name: 'flatten' },
    { type: 'dropout', name: 'dropout', rate: 0.2 },
    { type: 'dense', name: 'logits', units: 4, useBias: true },
  ],
};
const CONFIG: TrainingConfig = {
  preset: null,
  architecture: ARCHITECTURE,
  seed: 5,
  epochs: 6,
  batchSize: 8,
  validationSize: 20,
  optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.05 },
  schedule: { type: 'oneCycle', learningRate: 0.03, warmupFraction: 0.25, initialDivisor: 10, finalDivisor: 100 },
  labelSmoothing: 0.05,
  averageDecay: 0.9,
  augmentation: null,
  handwriting: null,
  negatives: null,
  neighbours: null,
  sampling: 'shuffled',
  pages: null,
  earlyStopping: null,
  precision: 'float32',
};

/** Noise whose class is the quarter that is brighter by 100. */
function quarters(count: number, seed: number) {
  const dataset = randomDataset(ARCHITECTURE, count, seed);
  const images = dataset.images.map((noise, at) => {
    const [y, x] = [Math.floor((at % 16) / 4), at % 4];
    const quarter = Math.floor(y / 2) * 2 + Math.floor(x / 2);
    return Math.floor(noise / 2) + (quarter === dataset.labels[Math.floor(at / 16)] ? 100 : 0);
  });
  return { ...dataset, images };
}

const DATA = { train: quarters(43, 1), validation: quarters(20, 2) };

/** A result without its seconds, which no two runs share. */
function timeless(result: TrainingResult): unknown {
  return { ...result, history: result.history.map((summary) => ({ ...summary, seconds: 0 })) };
}

describe('train on the reference engine', () => {
  it('learns with convolution, batch normalisation, dropout, AdamW and averages', async () => {
    const result = await train(CONFIG, DATA, referenceEngine);
    expect(result).toMatchObject({ stopped: 'completed', steps: 36 });
    expect(result.weights).toHaveLength(7);
    expect(result.history.at(-1)?.validationAccuracy).toBeGreaterThan(0.8);
  });

  it('gives the same result however steps are cut into plans', async () => {
    const [one, many] = await Promise.all(
      [1, 64].map((stepsPerPlan) => train(CONFIG, DATA, referenceEngine, { stepsPerPlan })),
    );
    expect(timeless(one)).toEqual(timeless(many));
  });

  it('ends in the same bytes when resumed from any checkpoint', async () => {
    const whole = await train(CONFIG, DATA, referenceEngine);
    for (const abortAtStep of [1, 8, 12, 35]) {
      const abort = new AbortController();
      const checkpoints: TrainingCheckpoint[] = [];
      await train(CONFIG, DATA, referenceEngine, {
        signal: abort.signal,
        stepsPerPlan: 1,
        onProgress: ({ step }) => {
          if (step === abortAtStep) abort.abort();
        },
        onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
      });
      const resumeFrom = checkpoints[checkpoints.length - 1];
      expect(timeless(await train(CONFIG, DATA, referenceEngine, { resumeFrom }))).toEqual(timeless(whole));
    }
  });
});
