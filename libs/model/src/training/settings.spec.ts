import { NO_AUGMENTATION } from '@digits/data';
import { PIXEL_PRESET_NAMES, PRESET_NAMES, presetConfig } from './presets.ts';
import { parseTrainingConfig } from './settings.ts';

/** The `accurate` preset as JSON, changed at the top. */
function json(changes: Readonly<Record<string, unknown>> = {}): unknown {
  return { ...(JSON.parse(JSON.stringify(presetConfig('accurate'))) as object), ...changes };
}

describe('parseTrainingConfig', () => {
  it.each([...PRESET_NAMES, ...PIXEL_PRESET_NAMES])('reads back what JSON made of %s', (name) => {
    const config = presetConfig(name);
    expect(parseTrainingConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it('reads settings from before there were pages', () => {
    const { pages, ...older } = JSON.parse(JSON.stringify(presetConfig('accurate'))) as Record<string, unknown>;
    expect(pages).toBeNull();
    expect(parseTrainingConfig(older)).toEqual(presetConfig('accurate'));
  });

  it.each<[Readonly<Record<string, unknown>>, string]>([
    [{ labelSmoothing: 0.1 }, 'labelSmoothing must be 0 for a network that answers for pixels, got 0.1'],
    [{ augmentation: NO_AUGMENTATION }, 'augmentation must be null for a network that answers for pixels, got {'],
    [{ negatives: { share: 0.5 } }, 'negatives must be null for a network that answers for pixels, got {"share":0.5}'],
    [{ neighbours: { count: 5 } }, 'neighbours must be null for a network that answers for pixels, got {"count":5}'],
    [{ pages: { count: 0 } }, 'pages.count must be a whole number in [1, 1000000], got 0'],
  ])('refuses a network for pixels with %j', (changes, message) => {
    expect(() => parseTrainingConfig({ ...presetConfig('ink'), ...changes })).toThrow(message);
  });

  it('refuses pages for a network that answers for classes', () => {
    expect(() => parseTrainingConfig(json({ pages: { count: 5 } }))).toThrow(
      new RangeError(
        'parseTrainingConfig: config.pages must be null for a network that answers for classes, got {"count":5}; its last layer must be conv2d',
      ),
    );
  });

  it('reads the other schedules, optimizers and distortions', () => {
    const changes = {
      schedule: { type: 'constant', learningRate: 0.1 },
      optimizer: { type: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
      earlyStopping: { patience: 3, minDelta: 0 },
      augmentation: {
        affine: null,
        elastic: { displacement: 2, gridSize: 4 },
        strokeWidth: { radius: 0.5 },
        erasing: { probability: 0.1, size: 6 },
      },
    };
    expect(parseTrainingConfig(json(changes))).toMatchObject(changes);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['an unknown setting', { momentum: 0.9 }, 'config must have only the fields preset, architecture, seed'],
    ['no epochs', { epochs: 0 }, 'config.epochs must be a whole number in [1, 100000], got 0'],
    ['a seed below 0', { seed: -1 }, 'config.seed must be a whole number in [0, 9007199254740991], got -1'],
    ['a batch size of text', { batchSize: 'big' }, 'config.batchSize must be a whole number, got "big"'],
    ['smoothing of everything', { labelSmoothing: 1 }, 'config.labelSmoothing must be in [0, 1), got 1'],
    [
      'an unknown optimizer',
      { optimizer: { type: 'lion' } },
      'config.optimizer.type must be one of sgd, adam, adamw, got "lion"',
    ],
    [
      "another optimizer's setting",
      { optimizer: { type: 'sgd', momentum: 0.9, nesterov: false, beta1: 0.9 } },
      'config.optimizer must have only the fields type, momentum, nesterov, got "beta1"',
    ],
    [
      'a learning rate of 0',
      { schedule: { type: 'constant', learningRate: 0 } },
      'config.schedule.learningRate must be in (0, 1000], got 0',
    ],
    [
      'a learning rate that is no number',
      { schedule: { type: 'constant', learningRate: NaN } },
      'config.schedule.learningRate must be in (0, 1000], got NaN',
    ],
    [
      'no made digits',
      { handwriting: { count: 0, strength: 1, pictureShare: 0, penShare: 0 } },
      'config.handwriting.count must be a whole number in [1, 10000000], got 0',
    ],
    [
      'a hand beyond what can be read',
      { handwriting: { count: 10, strength: 3, pictureShare: 0, penShare: 0 } },
      'config.handwriting.strength must be in [0, 2], got 3',
    ],
    [
      'no share of pictures',
      { handwriting: { count: 10, strength: 1, penShare: 0 } },
      'config.handwriting.pictureShare must be given, got nothing',
    ],
    [
      'neighbours without negatives',
      { neighbours: { count: 5 }, negatives: null },
      'config.neighbours must be null without negatives, got {"count":5}; some of them are not digits',
    ],
    ['negatives alone', { negatives: { share: 1 } }, 'config.negatives.share must be in (0, 0.9], got 1'],
    [
      'an unknown precision',
      { precision: 'int4' },
      'config.precision must be one of float32, float16, uint8, got "int4"',
    ],
    [
      'a patience of 0',
      { earlyStopping: { patience: 0, minDelta: 0 } },
      'config.earlyStopping.patience must be a whole number in [1, 100000], got 0',
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(() => parseTrainingConfig(json(changes))).toThrow(`parseTrainingConfig: ${message}`);
  });

  it('refuses a missing setting', () => {
    const { seed, ...rest } = json() as Record<string, unknown>;
    expect(seed).toBe(42);
    expect(() => parseTrainingConfig(rest)).toThrow('parseTrainingConfig: config.seed must be given, got nothing');
  });

  it('takes a distortion that is left out as null', () => {
    const erasing = { probability: 0.1, size: 6 };
    expect(parseTrainingConfig(json({ augmentation: { erasing } })).augmentation).toEqual({
      ...NO_AUGMENTATION,
      erasing,
    });
    expect(parseTrainingConfig(json({ augmentation: {} })).augmentation).toEqual(NO_AUGMENTATION);
  });

  it.each<[string, unknown, string]>([
    ['an unknown distortion', { blur: null }, ' must have only the fields affine, elastic, strokeWidth, erasing'],
    ['a distortion that is no object', { erasing: 0.1 }, '.erasing must be an object, got 0.1'],
    ['an unknown setting', { strokeWidth: { width: 1 } }, '.strokeWidth must have only the fields radius, got "width"'],
    ['a missing setting', { erasing: { size: 6 } }, '.erasing.probability must be given, got nothing'],
    [
      'a rotation by more than half a turn',
      { affine: { rotation: 200, scale: 0, shear: 0, translation: 0 } },
      '.affine.rotation must be in [0, 180], got 200',
    ],
    [
      'half a grid point',
      { elastic: { displacement: 1, gridSize: 4.5 } },
      '.elastic.gridSize must be a whole number in [2, 64], got 4.5',
    ],
  ])('refuses %s in the augmentation', (_, augmentation, message) => {
    expect(() => parseTrainingConfig(json({ augmentation }))).toThrow(
      `parseTrainingConfig: config.augmentation${message}`,
    );
  });
});
