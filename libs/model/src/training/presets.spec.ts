import { countParameters, describeArchitecture, inferShapes } from '../network/architecture.ts';
import { PRESET_NAMES, presetConfig, trainingConfigFor } from './presets.ts';

describe('presetConfig', () => {
  it.each([
    ['mlp', 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10],
    ['fast', 13_546],
    ['accurate', 165_442],
    ['world', 165_827],
    ['ink', 51_338],
  ] as const)('gives %s %i trainable parameters', (name, expected) => {
    expect(countParameters(presetConfig(name).architecture).trainable).toBe(expected);
  });

  it.each(PRESET_NAMES)('adapts %s to any image and number of classes', (name) => {
    for (const [height, width] of [
      [1, 1],
      [8, 8],
      [16, 16],
      [32, 20],
      [64, 64],
    ]) {
      // prettier-ignore
      const { architecture } = presetConfig(name, { inputShape: [height, width, 3], numClasses: 26 });
      expect(inferShapes(architecture).at(-1)).toEqual([name === 'world' ? 27 : 26]);
    }
  });

  it('gives ink the shape of a U, with a skip to each image size', () => {
    const { architecture } = presetConfig('ink');
    const shapes = inferShapes(architecture);
    const shapeOf = (name: string) => shapes[architecture.layers.findIndex((layer) => layer.name === name)];
    expect(shapes.at(-1)).toEqual([96, 96, 2]);
    expect(architecture.layers.filter(({ type }) => type === 'add')).toEqual([
      { type: 'add', name: 'add1', from: 'relu7' },
      { type: 'add', name: 'add2', from: 'relu5' },
      { type: 'add', name: 'add3', from: 'relu3' },
      { type: 'add', name: 'add4', from: 'relu1' },
    ]);
    expect(['relu9', 'add1', 'add2', 'add3', 'add4'].map(shapeOf)).toEqual([
      [6, 6, 24],
      [12, 12, 24],
      [24, 24, 24],
      [48, 48, 16],
      [96, 96, 8],
    ]);
    expect(inferShapes(presetConfig('ink', { inputShape: [32, 64, 1] }).architecture).at(-1)).toEqual([32, 64, 2]);
  });

  it('takes settings of its own and keeps the others', () => {
    const config = presetConfig('accurate', { epochs: 2, augmentation: null, seed: 7 });
    expect(config).toMatchObject({ preset: 'accurate', epochs: 2, augmentation: null, seed: 7, batchSize: 128 });
  });

  it('has an output for "no digit" with negatives only', () => {
    expect(inferShapes(presetConfig('world', { negatives: null }).architecture).at(-1)).toEqual([10]);
    expect(inferShapes(presetConfig('fast', { negatives: { share: 0.1 } }).architecture).at(-1)).toEqual([11]);
  });

  it('refuses an unknown name', () => {
    expect(() => presetConfig('huge' as 'mlp')).toThrow(
      new RangeError('presetConfig: name must be one of mlp, fast, accurate, world, ink, got "huge"'),
    );
  });

  it('refuses a bad option', () => {
    expect(() => presetConfig('mlp', { epochs: 0 })).toThrow(
      new RangeError('presetConfig: options.epochs must be a whole number in [1, 100000], got 0'),
    );
  });
});

describe('describeArchitecture', () => {
  it('shows the layers as a table', () => {
    expect(describeArchitecture(presetConfig('fast').architecture)).toBe(
      [
        'layer    type                settings                     output        parameters',
        'input                                                     [28, 28, 1]',
        'conv1    conv2d              16 of 3x3, valid, no bias    [26, 26, 16]         144',
        'bn1      batchNormalization  momentum 0.9, epsilon 0.001  [26, 26, 16]          64',
        'relu1    relu                                             [26, 26, 16]           0',
        'pool1    maxPooling2d        2x2, stride 2x2, valid       [13, 13, 16]           0',
        'conv2    conv2d              24 of 3x3, valid, no bias    [11, 11, 24]       3,456',
        'bn2      batchNormalization  momentum 0.9, epsilon 0.001  [11, 11, 24]          96',
        'relu2    relu                                             [11, 11, 24]           0',
        'pool2    maxPooling2d        2x2, stride 2x2, valid       [5, 5, 24]             0',
        'conv3    conv2d              32 of 3x3, valid, no bias    [3, 3, 32]         6,912',
        'bn3      batchNormalization  momentum 0.9, epsilon 0.001  [3, 3, 32]           128',
        'relu3    relu                                             [3, 3, 32]             0',
        'flatten  flatten                                          [288]                  0',
        'logits   dense                                            [10]               2,890',
        '13,690 parameters, 13,546 trainable',
      ].join('\n'),
    );
  });
});

describe('trainingConfigFor', () => {
  const MNIST = { count: 60_000, height: 28, width: 28, channels: 1, numClasses: 10 };

  it("gives a preset's configuration for MNIST", () => {
    expect(trainingConfigFor({ preset: 'fast', settings: {} }, MNIST)).toEqual(presetConfig('fast'));
    const settings = { seed: 7, epochs: 1 };
    expect(trainingConfigFor({ preset: 'world', settings }, MNIST)).toEqual(presetConfig('world', settings));
  });

  it('adapts shape, outputs and the share of validation images to the data', () => {
    const images = { count: 600, height: 8, width: 9, channels: 3, numClasses: 4 };
    const { architecture, validationSize } = trainingConfigFor({ preset: 'mlp', settings: {} }, images);
    expect(architecture.inputShape).toEqual([8, 9, 3]);
    expect(architecture.layers.at(-1)).toMatchObject({ units: 4 });
    expect(validationSize).toBe(50);
    expect(trainingConfigFor({ preset: 'mlp', settings: {} }, { ...images, count: 2 }).validationSize).toBe(1);
  });

  it('sets a field of a setting by a name with dots, and the learning rate by its own name', () => {
    const settings = { 'optimizer.momentum': 0.5, learningRate: 0.02, validationSize: 9 };
    expect(trainingConfigFor({ preset: 'mlp', settings }, MNIST)).toMatchObject({
      optimizer: { type: 'sgd', momentum: 0.5 },
      schedule: { type: 'cosine', learningRate: 0.02 },
      validationSize: 9,
    });
  });

  it("takes the defaults of another type of optimizer or schedule, and keeps the preset's learning rate", () => {
    const settings = { 'optimizer.momentum': 0.5, 'optimizer.type': 'sgd', 'schedule.type': 'cosine' };
    expect(trainingConfigFor({ preset: 'fast', settings }, MNIST)).toMatchObject({
      optimizer: { type: 'sgd', momentum: 0.5, nesterov: false },
      schedule: { type: 'cosine', learningRate: 0.01, finalDivisor: 1000 },
    });
    const objects = { optimizer: { type: 'adam', beta2: 0.9 }, schedule: { type: 'constant' } };
    expect(trainingConfigFor({ preset: 'fast', settings: objects }, MNIST)).toMatchObject({
      optimizer: { type: 'adam', beta1: 0.9, beta2: 0.9, epsilon: 1e-7 },
      schedule: { type: 'constant', learningRate: 0.01 },
    });
  });

  it("keeps the preset's optimizer if its own type is named", () => {
    const settings = { 'optimizer.type': 'adamw' };
    expect(trainingConfigFor({ preset: 'fast', settings }, MNIST)).toEqual(presetConfig('fast'));
  });

  it('turns on a setting by one of its fields', () => {
    const settings = {
      'earlyStopping.patience': 2,
      'negatives.share': 0.2,
      'neighbours.count': 50,
      'augmentation.affine.rotation': 10,
      'augmentation.strokeWidth.radius': 1,
    };
    const config = trainingConfigFor({ preset: 'mlp', settings }, MNIST);
    expect(config).toMatchObject({
      earlyStopping: { patience: 2, minDelta: 0 },
      negatives: { share: 0.2 },
      neighbours: { count: 50 },
      augmentation: {
        affine: { rotation: 10, scale: 0, shear: 0, translation: 0 },
        elastic: null,
        strokeWidth: { radius: 1 },
        erasing: null,
      },
    });
    expect(config.architecture.layers.at(-1)).toMatchObject({ units: 11 });
  });

  it('takes the later value of a setting that has two names or was given as an object', () => {
    const rate = (settings: Readonly<Record<string, unknown>>) =>
      trainingConfigFor({ preset: 'fast', settings }, MNIST).schedule;
    expect(rate({ learningRate: 0.5, 'schedule.learningRate': 0.25 })).toMatchObject({ learningRate: 0.25 });
    expect(rate({ 'schedule.learningRate': 0.25, learningRate: 0.5 })).toMatchObject({ learningRate: 0.5 });
    const schedule = { type: 'constant', learningRate: 0.125 };
    expect(rate({ learningRate: 0.5, schedule })).toEqual(schedule);
    expect(rate({ schedule, learningRate: 0.5 })).toEqual({ ...schedule, learningRate: 0.5 });
  });

  it('needs no images for a preset that generates its pages', () => {
    const settings = { 'pages.count': 100, validationSize: 10, seed: 3 };
    expect(trainingConfigFor({ preset: 'ink', settings }, null)).toEqual(
      presetConfig('ink', { pages: { count: 100 }, validationSize: 10, seed: 3 }),
    );
    expect(() => trainingConfigFor({ preset: 'fast', settings: {} }, null)).toThrow(
      new RangeError('train: images must be given for the preset fast, got null'),
    );
  });

  it('adds the output for "no digit" with the negatives', () => {
    const settings = { negatives: { share: 0.1 } };
    expect(trainingConfigFor({ preset: 'mlp', settings }, MNIST).architecture.layers.at(-1)).toMatchObject({
      units: 11,
    });
  });

  it('takes another architecture, which is no preset any more', () => {
    const { architecture } = presetConfig('fast');
    const config = trainingConfigFor({ preset: 'mlp', settings: { architecture } }, MNIST);
    expect(config).toMatchObject({ preset: null, architecture });
  });

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ epochs: 0 }, 'train: settings.epochs must be a whole number in [1, 100000], got 0'],
    [{ speed: 2 }, 'train: settings must have only the fields preset, architecture, seed'],
    [{ 'epochs.count': 2 }, 'train: settings.epochs.count must be a field of a setting that is there, got none'],
    [{ 'optimizer.__proto__.type': 2 }, 'train: settings.optimizer.__proto__.type must be a field of a setting that is there, got none'], // prettier-ignore
    [{ 'optimizer.type': 'sgdd' }, 'train: settings.optimizer.type must be one of sgd, adam, adamw, got "sgdd"'],
    [{ 'handwriting.strength': 3 }, 'train: settings.handwriting.strength must be in [0, 2], got 3'],
    [{ 'optimizer.type': 'adam', 'optimizer.momentum': 0.5 }, 'train: settings.optimizer must have only the fields type, beta1, beta2, epsilon, got "momentum"'], // prettier-ignore
  ])('refuses %p', (settings, message) => {
    expect(() => trainingConfigFor({ preset: 'mlp', settings }, MNIST)).toThrow(message);
  });
});
