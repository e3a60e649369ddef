import type { LabelledImages } from '@digits/data';
import { createClassifier, evaluateClassifier } from '../answers/classifier.ts';
import { decodeModel, encodeModel } from '../file/model-file.ts';
import type { Engine } from '../network/engine.ts';
import { linearEngine } from '../network/linear-engine.fixture.ts';
import { hashWeights } from '../network/weight-bytes.ts';
import { finishTraining, type TrainedNetwork } from './finishing.ts';
import type { TrainingConfig } from './settings.ts';

/** Logits are the three pixels, weighted; the last one says "no digit". */
const CONFIG: TrainingConfig = {
  preset: 'mlp',
  architecture: {
    inputShape: [1, 3, 1],
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: 3, useBias: false },
    ],
  },
  seed: 5,
  epochs: 1,
  batchSize: 2,
  validationSize: 4,
  optimizer: { type: 'sgd', momentum: 0, nesterov: false },
  schedule: { type: 'constant', learningRate: 0.1 },
  labelSmoothing: 0,
  averageDecay: null,
  augmentation: null,
  handwriting: null,
  negatives: { share: 0.5 },
  neighbours: null,
  sampling: 'shuffled',
  pages: null,
  earlyStopping: null,
  precision: 'float16',
};
const WEIGHTS = [{ name: 'logits/kernel', shape: [3, 3], values: Float32Array.of(2, 0, 0, 0, 2, 0, 0, 0, 1.0003) }];

function imagesOf(pixels: readonly number[], labels: readonly number[]): LabelledImages {
  const shape = { height: 1, width: 3, channels: 1, numClasses: 2 };
  return { images: Uint8Array.from(pixels), labels: Uint8Array.from(labels), count: labels.length, ...shape };
}

/** Four images like a 0, one of which is a 1. */
const DIGITS = imagesOf([255, 0, 0, 255, 0, 51, 255, 0, 102, 255, 0, 255], [0, 0, 0, 1]);
const TEST = imagesOf([255, 0, 0, 0, 255, 0], [0, 1]);
const NETWORK: TrainedNetwork<LabelledImages> = {
  config: CONFIG,
  weights: WEIGHTS,
  engine: linearEngine,
  data: { digits: DIGITS },
  test: TEST,
};

describe('finishTraining', () => {
  it('gives a calibrated model that knows its run and its figures', async () => {
    const { model, test } = await finishTraining({ ...NETWORK, dataset: { name: 'pixels', sha256: 'ab'.repeat(32) } });
    expect(model.metadata).toEqual({
      preset: 'mlp',
      seed: 5,
      validationSize: 4,
      dataset: { name: 'pixels', sha256: 'ab'.repeat(32) },
      classNames: ['0', '1'],
      preprocessing: 'none',
      testMetrics: test,
      temperature: expect.closeTo(2 / Math.log(3), 4) as number,
      rejection: { score: 'none', threshold: expect.any(Number) as number },
      weightsSha256: hashWeights(WEIGHTS),
    });
    expect(test).toMatchObject({ split: 'test', count: 2, accuracy: 1 });
  });

  it('gives what the file of that precision gives when it is read', async () => {
    const { model } = await finishTraining(NETWORK);
    expect(decodeModel(encodeModel(model, { precision: 'float16' }))).toEqual(model);
  });

  it("gives the figures of the model's answers to both splits, and the probabilities behind them", async () => {
    const { model, validation, validationProbabilities, test, testProbabilities } = await finishTraining(NETWORK);
    const classifier = await createClassifier(model, linearEngine);
    expect(await evaluateClassifier(classifier, DIGITS, 'validation')).toEqual({
      evaluation: validation,
      probabilities: validationProbabilities,
    });
    expect(await evaluateClassifier(classifier, TEST, 'test')).toEqual({
      evaluation: test,
      probabilities: testProbabilities,
    });
    expect(validation.accuracy).toBe(0.75);
  });

  it('does not test without a test split', async () => {
    const stages: string[] = [];
    const { model, test, testProbabilities } = await finishTraining({
      ...NETWORK,
      test: null,
      onStage: (stage) => stages.push(stage),
    });
    expect([model.metadata.testMetrics, test, testProbabilities]).toEqual([null, null, null]);
    expect(stages).toEqual(['calibrating']);
  });

  it('tells its stages', async () => {
    const stages: string[] = [];
    await finishTraining({ ...NETWORK, onStage: (stage) => stages.push(stage) });
    expect(stages).toEqual(['calibrating', 'testing']);
  });

  it('keeps class names and preprocessing that it is given, and nothing else', async () => {
    const given = { ...NETWORK, classNames: ['left', 'right'], preprocessing: 'picture', checksum: 'x' } as const;
    const { metadata } = (await finishTraining(given)).model;
    expect(metadata).toMatchObject({ classNames: ['left', 'right'], preprocessing: 'picture' });
    expect(metadata).not.toHaveProperty('checksum');
    expect(metadata.testMetrics?.perClass[1].name).toBe('right');
  });

  it('disposes of every predictor, after a failure too', async () => {
    let numAlive = 0;
    const engine: Engine = {
      ...linearEngine,
      createPredictor: async (...args) => {
        const predictor = await linearEngine.createPredictor(...args);
        numAlive++;
        const dispose = () => {
          numAlive--;
          return predictor.dispose();
        };
        return { ...predictor, dispose };
      },
    };
    await finishTraining({ ...NETWORK, engine });
    await expect(finishTraining({ ...NETWORK, engine, test: imagesOf([], []) })).rejects.toThrow(
      'evaluateClassifier: test images must be at least 1, got 0',
    );
    expect(numAlive).toBe(0);
  });
});
