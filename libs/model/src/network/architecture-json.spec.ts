import { parseArchitecture, validateArchitecture } from './architecture-json.ts';
import { LAYER_TYPES } from './layers.ts';
import { PRESET_NAMES, presetConfig } from '../training/presets.ts';

const FLATTEN = { type: 'flatten', name: 'flatten' };
const LOGITS = { type: 'dense', name: 'logits', units: 10, useBias: true };
const CONV = {
  type: 'conv2d',
  name: 'conv',
  filters: 8,
  kernelSize: [3, 3],
  strides: [1, 1],
  padding: 'same',
  useBias: true,
};

function json(...layers: unknown[]): unknown {
  return { inputShape: [28, 28, 1], layers };
}

describe('parseArchitecture', () => {
  it.each(PRESET_NAMES)('reads back what JSON made of %s', (name) => {
    const { architecture } = presetConfig(name);
    expect(parseArchitecture(JSON.parse(JSON.stringify(architecture)))).toEqual(architecture);
  });

  it.each<[string, unknown, string]>([
    ['what is no object', 7, 'architecture must be an object, got 7'],
    ['an array', [], 'architecture must be an object, got []'],
    ['a missing field', { layers: [] }, 'architecture.inputShape must be given, got nothing'],
    [
      'an unknown field',
      { inputShape: [1, 1, 1], layers: [], name: 'x' },
      'architecture must have only the fields inputShape, layers, got "name"',
    ],
    [
      'an image without channels',
      { inputShape: [28, 28], layers: [LOGITS] },
      'architecture.inputShape must have 3 items, got 2',
    ],
    ['no layers', json(), 'architecture.layers must have 1 to 256 items, got 0'],
    [
      'an unknown layer',
      json({ type: 'lstm', name: 'x' }),
      `architecture.layers[0].type must be one of ${LAYER_TYPES.join(', ')}, got "lstm"`,
    ],
    [
      'a layer setting that does not exist',
      json({ ...FLATTEN, axis: 1 }, LOGITS),
      'architecture.layers[0] must have only the fields type, name, got "axis"',
    ],
    [
      'a number written as text',
      json({ ...CONV, filters: '8' }, FLATTEN, LOGITS),
      'architecture.layers[0].filters must be a whole number, got "8"',
    ],
    [
      'a fraction of a filter',
      json({ ...CONV, filters: 8.5 }, FLATTEN, LOGITS),
      'architecture.layers[0].filters must be a whole number in [1, 65536], got 8.5',
    ],
    [
      'a stride of 0',
      json({ ...CONV, strides: [1, 0] }, FLATTEN, LOGITS),
      'architecture.layers[0].strides[1] must be a whole number in [1, 1024], got 0',
    ],
    [
      'an unknown padding',
      json({ ...CONV, padding: 'full' }, FLATTEN, LOGITS),
      'architecture.layers[0].padding must be one of same, valid, got "full"',
    ],
    [
      'a dropout of everything',
      json(FLATTEN, { type: 'dropout', name: 'dropout', rate: 1 }, LOGITS),
      'architecture.layers[1].rate must be in [0, 1), got 1',
    ],
    [
      'an epsilon of 0',
      json({ type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 0 }, FLATTEN, LOGITS),
      'architecture.layers[0].epsilon must be in (0, 1], got 0',
    ],
    [
      'a name with a slash',
      json({ ...FLATTEN, name: 'a/b' }, LOGITS),
      'architecture.layers[0].name must be a letter, then letters, digits, _ or -, got "a/b"',
    ],
    [
      'a name given twice',
      json(FLATTEN, { ...LOGITS, name: 'flatten' }),
      'architecture.layers[1].name must be unique, got "flatten", which is taken',
    ],
    [
      'a name that the model file uses',
      json({ ...FLATTEN, name: 'softmax' }, LOGITS),
      'architecture.layers[0].name must be unique, got "softmax", which is kept for the model file',
    ],
    [
      'too many parameters',
      json(FLATTEN, { ...LOGITS, units: 65_536 }),
      'architecture must have at most 33554432 parameters, got 51445760',
    ],
    ['a single class', json(FLATTEN, { ...LOGITS, units: 1 }), 'architecture must have at least 2 classes, got 1'],
  ])('refuses %s', (_, value, message) => {
    expect(() => parseArchitecture(value)).toThrow(`parseArchitecture: ${message}`);
  });

  it('refuses a stack that cannot be', () => {
    expect(() => parseArchitecture(json(CONV, LOGITS))).toThrow(
      'inferShapes: layer 1 "logits" (dense) must get a flat vector [units], got [28, 28, 8]',
    );
  });
});

describe('validateArchitecture', () => {
  it('names itself in what it refuses', () => {
    expect(() => {
      validateArchitecture({ inputShape: [28, 28, 0], layers: [] });
    }).toThrow('validateArchitecture: architecture.inputShape[2] must be a whole number in [1, 65536], got 0');
  });
});
