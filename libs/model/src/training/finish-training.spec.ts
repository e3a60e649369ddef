import type { LabelledImages } from '@digits/data';
import { createModel } from '../answers/model.ts';
import { calibrateModel } from '../answers/calibration.ts';
import { denseEngine } from '../dense-engine.fixture.ts';
import type { NamedTensor } from '../network/weights.ts';
import { type EndedTraining, finishTraining } from './finish-training.ts';
import { presetConfig } from './presets.ts';
import type { TrainingConfig } from './settings.ts';

const CONFIG: TrainingConfig = {
  ...presetConfig('mlp', { seed: 7 }),
  preset: null,
  validationSize: 4,
  architecture: {
    inputShape: [1, 2, 1],
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: 2, useBias: false },
    ],
  },
};

/** The brighter pixel is the class. */
const WEIGHTS: NamedTensor[] = [{ name: 'logits/kernel', shape: [2, 2], values: Float32Array.of(3, 0, 0, 3) }];

function pairs(pixels: readonly (readonly [number, number])[], labels: readonly number[]): LabelledImages {
  return {
    images: Uint8Array.from(pixels.flat()),
    labels: Uint8Array.from(labels),
    count: labels.length,
    height: 1,
    width: 2,
    channels: 1,
    numClasses: 2,
  };
}

/** Three of four are right. */
const DIGITS = pairs(
  [
    [255, 0],
    [0, 255],
    [255, 0],
    [255, 0],
  ],
  [0, 1, 0, 1],
);
/** One of two is right. */
const TEST = pairs(
  [
    [255, 0],
    [0, 255],
  ],
  [0, 0],
);

const ENDED: EndedTraining = {
  config: CONFIG,
  weights: WEIGHTS,
  engine: denseEngine,
  data: { digits: DIGITS },
  test: TEST,
  facts: { classNames: ['left', 'right'], dataset: { name: 'pairs', sha256: 'abc' } },
};

describe('finishTraining', () => {
  it('calibrates the model on the validation digits and evaluates it on both splits', async () => {
    const { model, validation, test, testProbabilities } = await finishTraining(ENDED);

    expect([validation.split, validation.count, validation.accuracy]).toEqual(['validation', 4, 0.75]);
    expect([test?.split, test?.count, test?.accuracy]).toEqual(['test', 2, 0.5]);
    expect(model.metadata).toMatchObject({
      seed: 7,
      preset: null,
      validationSize: 4,
      classNames: ['left', 'right'],
      dataset: { name: 'pairs', sha256: 'abc' },
      testMetrics: { accuracy: 0.5 },
    });
    // With three of four right at a logit of 3, the best temperature is 3 / ln 3: the confidence is then 3/4.
    expect(model.metadata.temperature).toBeCloseTo(3 / Math.log(3), 3);
    expect(testProbabilities?.[0]).toBeCloseTo(0.75, 3);
  });

  it('gives the model that its parts give', async () => {
    const { model } = await finishTraining({ ...ENDED, test: null });
    const facts = { ...ENDED.facts, preset: null, seed: 7, validationSize: 4 };
    const trained = createModel(CONFIG.architecture, WEIGHTS, facts);
    expect(model).toEqual(await calibrateModel(trained, denseEngine, DIGITS, { precision: CONFIG.precision }));
  });

  it('leaves the test split unread on request, and says before it reads it', async () => {
    const onTesting = jest.fn();
    expect(await finishTraining({ ...ENDED, test: null, onTesting })).toMatchObject({
      test: null,
      testProbabilities: null,
    });
    expect(onTesting).not.toHaveBeenCalled();
    await finishTraining({ ...ENDED, onTesting });
    expect(onTesting).toHaveBeenCalledTimes(1);
  });
});
