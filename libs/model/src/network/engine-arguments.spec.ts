import { type LabelledImages, NO_AUGMENTATION } from '@digits/data';
import type { Architecture } from './architecture.ts';
import { checkDataset, checkImages, checkPlan, checkSession, checkState, checkWeights } from './engine-arguments.ts';
import type { SessionSettings, TrainingState } from './engine.ts';
import type { TargetImages } from './training-images.ts';
import { initialWeights, type Weights } from './weights.ts';

const ARCHITECTURE: Architecture = {
  inputShape: [2, 2, 1],
  layers: [
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 3, useBias: true },
  ],
};
const WEIGHTS: Weights = [
  { name: 'logits/kernel', shape: [4, 3], values: new Float32Array(12) },
  { name: 'logits/bias', shape: [3], values: new Float32Array(3) },
];
const DATASET: LabelledImages = {
  images: new Uint8Array(8),
  labels: Uint8Array.of(0, 2),
  count: 2,
  height: 2,
  width: 2,
  channels: 1,
  numClasses: 3,
};
const SETTINGS: SessionSettings = {
  seed: 0,
  batchSize: 2,
  optimizer: { type: 'sgd', momentum: 0, nesterov: false },
  labelSmoothing: 0,
  averageWeights: true,
  augmentation: null,
  initialWeights: WEIGHTS,
};

describe('checkSession', () => {
  it('takes settings that fit, at the ends of their ranges too', () => {
    expect(() => {
      checkSession(ARCHITECTURE, SETTINGS, DATASET);
      checkSession(ARCHITECTURE, { ...SETTINGS, seed: 2 ** 53 - 1, batchSize: 1, labelSmoothing: 0.999 }, DATASET);
    }).not.toThrow();
  });

  it.each<[Partial<SessionSettings>, string]>([
    [{ batchSize: 0 }, 'batchSize must be a whole number of at least 1, got 0'],
    [{ batchSize: 1.5 }, 'batchSize must be a whole number of at least 1, got 1.5'],
    [{ seed: -1 }, 'seed must be a whole number of at least 0, got -1'],
    [{ seed: 2 ** 53 }, 'seed must be a whole number of at least 0, got 9007199254740992'],
    [{ labelSmoothing: 1 }, 'labelSmoothing must be in [0, 1), got 1'],
    [{ labelSmoothing: NaN }, 'labelSmoothing must be in [0, 1), got NaN'],
  ])('refuses %p', (change, message) => {
    expect(() => {
      checkSession(ARCHITECTURE, { ...SETTINGS, ...change }, DATASET);
    }).toThrow(new RangeError(`createTrainingSession: ${message}`));
  });
});

describe('checkSession for a network that answers for pixels', () => {
  const architecture: Architecture = {
    inputShape: [2, 2, 1],
    layers: [
      {
        type: 'conv2d',
        name: 'logits',
        filters: 3,
        kernelSize: [1, 1],
        strides: [1, 2],
        padding: 'same',
        useBias: true,
      },
    ],
  };
  const settings = { ...SETTINGS, initialWeights: initialWeights(architecture, 1) };
  const { images, count, height, width, channels } = DATASET;
  const dataset: TargetImages = {
    ...{ images, count, height, width, channels },
    targets: new Uint8Array(12),
    targetShape: [2, 1, 3],
  };

  it('takes targets of the shape of the output', () => {
    expect(() => {
      checkSession(architecture, settings, dataset);
    }).not.toThrow();
  });

  it.each<[Partial<TargetImages>, string]>([
    [{ targetShape: [1, 2, 3] }, 'targets must be [2, 1, 3] for this architecture, got [1, 2, 3]'],
    [{ targets: new Uint8Array(11) }, '2 images of [2, 2, 1] must have 8 pixels and 12 targets, got 8 and 11'],
    [{ height: 4, width: 1 }, 'images must be [2, 2, 1] for this architecture, got [4, 1, 1]'],
  ])('refuses %p', (change, message) => {
    expect(() => {
      checkSession(architecture, settings, { ...dataset, ...change });
    }).toThrow(new RangeError(`createTrainingSession: ${message}`));
  });

  it('refuses labels, as a network that answers for classes refuses targets', () => {
    expect(() => {
      checkSession(architecture, settings, DATASET);
    }).toThrow('createTrainingSession: images must have targets for the pixels of this architecture, got labels');
    expect(() => {
      checkSession(ARCHITECTURE, SETTINGS, dataset);
    }).toThrow('createTrainingSession: images must have labels, which are classes of this architecture, got targets');
  });

  it('refuses label smoothing and augmentation', () => {
    expect(() => {
      checkSession(architecture, { ...settings, labelSmoothing: 0.1 }, dataset);
    }).toThrow('labelSmoothing must be 0 for a network that answers for pixels, got 0.1; smooth the targets');
    expect(() => {
      checkSession(architecture, { ...settings, augmentation: NO_AUGMENTATION }, dataset);
    }).toThrow('augmentation must be null for a network that answers for pixels, got settings');
  });
});

describe('checkDataset', () => {
  it.each<[Partial<LabelledImages>, string]>([
    [{ channels: 3 }, 'images must be [2, 2, 1] for this architecture, got [2, 2, 3]'],
    [{ images: new Uint8Array(7) }, '2 images of [2, 2, 1] must have 8 pixels and 2 labels, got 7 and 2'],
    [{ labels: Uint8Array.of(0) }, '2 images of [2, 2, 1] must have 8 pixels and 2 labels, got 8 and 1'],
    [{ labels: Uint8Array.of(0, 3) }, 'labels must be in [0, 3) for this architecture, got 3 for image 1'],
  ])('refuses %p', (change, message) => {
    expect(() => {
      checkDataset('evaluate', ARCHITECTURE, { ...DATASET, ...change });
    }).toThrow(new RangeError(`evaluate: ${message}`));
  });
});

describe('checkWeights', () => {
  const [kernel, bias] = WEIGHTS;
  it.each<[string, Weights, string]>([
    [
      'one too few',
      [kernel],
      'weights must have 2 tensors for this architecture, got 1; are they of another architecture?',
    ],
    [
      'another order',
      [bias, kernel],
      'weights[0] must be "logits/kernel" [4, 3], got "logits/bias" [3]; are they of another architecture?',
    ],
    [
      'another shape',
      [{ ...kernel, shape: [3, 4] }, bias],
      'weights[0] must be "logits/kernel" [4, 3], got "logits/kernel" [3, 4]; are they of another architecture?',
    ],
    [
      'a cut-off tensor',
      [kernel, { ...bias, values: new Float32Array(2) }],
      'weights[1] "logits/bias" [3] must have 3 values, got 2',
    ],
  ])('refuses %s', (_, weights, message) => {
    expect(() => {
      checkWeights('createPredictor', ARCHITECTURE, weights);
    }).toThrow(new RangeError(`createPredictor: ${message}`));
  });
});

describe('checkState', () => {
  const state: TrainingState = {
    weights: WEIGHTS,
    averagedWeights: WEIGHTS,
    optimizer: [
      { name: 'momentum/logits/kernel', shape: [4, 3], values: new Float32Array(12) },
      { name: 'momentum/logits/bias', shape: [3], values: new Float32Array(3) },
    ],
  };

  it('takes the state of its session', () => {
    expect(() => {
      checkState(ARCHITECTURE, SETTINGS, state);
    }).not.toThrow();
  });

  it.each<[Partial<TrainingState>, string]>([
    [{ averagedWeights: null }, 'averagedWeights must be given in this session, got null'],
    [
      { averagedWeights: [] },
      'averagedWeights must have 2 tensors for this architecture, got 0; are they of another architecture?',
    ],
    [
      { optimizer: [] },
      'optimizer must have 2 tensors for this architecture, got 0; are they of another architecture?',
    ],
  ])('refuses %p', (change, message) => {
    expect(() => {
      checkState(ARCHITECTURE, SETTINGS, { ...state, ...change });
    }).toThrow(new RangeError(`setState: ${message}`));
  });
});

describe('checkPlan', () => {
  const plan = {
    epoch: 0,
    firstStep: 0,
    samples: Uint32Array.of(4, 0, 1),
    batchSizes: Uint32Array.of(1, 2),
    learningRates: new Float32Array(2),
    averageDecays: new Float32Array(2),
  };

  it('takes batches of one image and of the most, and the last image', () => {
    expect(() => {
      checkPlan(plan, SETTINGS, 5);
    }).not.toThrow();
  });

  it.each<[string, Partial<typeof plan>, string]>([
    ['an empty batch', { batchSizes: Uint32Array.of(1, 0) }, 'batchSizes must be in [1, 2], got 0 in step 1'],
    ['a batch of 3', { batchSizes: Uint32Array.of(3, 1) }, 'batchSizes must be in [1, 2], got 3 in step 0'],
    ['a sample behind the last', { samples: Uint32Array.of(4, 5, 1) }, 'samples must be in [0, 5), got 5'],
  ])('refuses %s', (_, change, message) => {
    expect(() => {
      checkPlan({ ...plan, ...change }, SETTINGS, 5);
    }).toThrow(new RangeError(`trainSteps: ${message}`));
  });
});

describe('checkImages', () => {
  it('counts whole images', () => {
    expect(checkImages('predict', ARCHITECTURE, new Float32Array(12))).toBe(3);
    expect(checkImages('predict', ARCHITECTURE, new Float32Array(0))).toBe(0);
  });

  it('refuses a part of one, and another number than is asked for', () => {
    expect(() => checkImages('predict', ARCHITECTURE, new Float32Array(11))).toThrow(
      new RangeError('predict: images must have a multiple of 4 values, one for each of [2, 2, 1], got 11'),
    );
    expect(() => checkImages('activations', ARCHITECTURE, new Float32Array(8), 1)).toThrow(
      new RangeError('activations: images must have 1 times 4 values, one for each of [2, 2, 1], got 8'),
    );
  });
});
