import fc from 'fast-check';
import { PRESET_NAMES, presetConfig } from '../training/presets.ts';
import {
  type Architecture,
  countParameters,
  describeArchitecture,
  inferShapes,
  numClassesOf,
  outputKind,
  parseArchitecture,
  validateArchitecture,
  weightSpecs,
} from './architecture.ts';
import type { Layer } from './layers.ts';
import { windowGeometry } from './shapes.ts';

const LOGITS: Layer = { type: 'dense', name: 'logits', units: 10, useBias: true };
const FLATTEN: Layer = { type: 'flatten', name: 'flatten' };
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
      `architecture.layers[0].type must be one of conv2d, batchNormalization, relu, maxPooling2d, averagePooling2d, zeroPadding2d, upSampling2d, add, globalAveragePooling2d, flatten, dropout, dense, got "lstm"`,
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

function stack(...layers: Layer[]): Architecture {
  return { inputShape: [28, 28, 1], layers };
}

function conv(changes: Partial<Extract<Layer, { type: 'conv2d' }>> = {}): Layer {
  return {
    type: 'conv2d',
    name: 'conv',
    filters: 16,
    kernelSize: [3, 3],
    strides: [1, 1],
    padding: 'valid',
    useBias: true,
    ...changes,
  };
}

function pool(size: number, padding: 'same' | 'valid' = 'valid'): Layer {
  return { type: 'maxPooling2d', name: 'pool', poolSize: [size, size], strides: [size, size], padding };
}

describe('inferShapes', () => {
  it('gives the output of every kind of layer', () => {
    const layers: Layer[] = [
      conv({ padding: 'same', strides: [2, 3] }),
      { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 },
      { type: 'relu', name: 'relu' },
      pool(3),
      FLATTEN,
      { type: 'dropout', name: 'dropout', rate: 0.5 },
      LOGITS,
    ];
    const image = [14, 10, 16];
    expect(inferShapes(stack(...layers))).toEqual([image, image, image, [4, 3, 16], [192], [192], [10]]);
  });

  it('gives the output of global average pooling', () => {
    const shapes = inferShapes(stack(conv(), { type: 'globalAveragePooling2d', name: 'gap' }, LOGITS));
    expect(shapes).toEqual([[26, 26, 16], [16], [10]]);
  });

  it('refuses a dense layer on images', () => {
    expect(() => inferShapes(stack(conv(), LOGITS))).toThrow(
      new RangeError(
        'inferShapes: layer 1 "logits" (dense) must get a flat vector [units], got [26, 26, 16]; put a flatten or globalAveragePooling2d layer before it',
      ),
    );
  });

  it.each([
    ['conv2d', conv()],
    ['maxPooling2d', pool(2)],
    ['flatten', { type: 'flatten', name: 'again' } as const],
    ['globalAveragePooling2d', { type: 'globalAveragePooling2d', name: 'gap' } as const],
  ])('refuses %s on vectors', (type, layer) => {
    expect(() => inferShapes(stack(FLATTEN, layer, LOGITS))).toThrow(
      new RangeError(
        `inferShapes: layer 1 "${layer.name}" (${type}) must get an image [height, width, channels], got [784]; put it before the layer that makes vectors`,
      ),
    );
  });

  it('refuses a window that does not fit', () => {
    expect(() => inferShapes(stack(pool(14), conv(), FLATTEN, LOGITS))).toThrow(
      new RangeError(
        'inferShapes: layer 1 "conv" (conv2d) must get an image of at least [3, 3, channels] for its valid windows, got [2, 2, 1]; use padding "same", a smaller window or fewer layers before it',
      ),
    );
  });

  it('refuses a stack that does not end in logits', () => {
    expect(() => inferShapes(stack(conv(), FLATTEN))).toThrow(
      new RangeError(
        'inferShapes: the last layer must be dense or conv2d (its outputs are the logits), got layer 1 "flatten" (flatten)',
      ),
    );
    expect(() => inferShapes(stack())).toThrow('got no layers');
  });

  it('gives the output of upsampling and addition', () => {
    const layers: Layer[] = [
      conv({ padding: 'same', filters: 4 }),
      pool(2),
      { type: 'upSampling2d', name: 'up', size: [2, 2] },
      { type: 'add', name: 'add', from: 'conv' },
      { type: 'upSampling2d', name: 'stretch', size: [1, 3] },
      conv({ name: 'logits', padding: 'same', filters: 2 }),
    ];
    const image = [28, 28, 4];
    expect(inferShapes(stack(...layers))).toEqual([image, [14, 14, 4], image, image, [28, 84, 4], [28, 84, 2]]);
  });

  it.each([
    ['a layer that does not exist', 'other', 'an earlier layer, got "other", which is none'],
    ['a later layer', 'logits', 'an earlier layer, got "logits", which is none'],
    ['itself', 'add', 'an earlier layer, got "add", which is none'],
    [
      'a layer of another shape',
      'conv',
      'an earlier layer that gives [14, 14, 16], as the layer before it does, got "conv" of [28, 28, 16]',
    ],
  ])('refuses to add %s', (_, from, message) => {
    const layers: Layer[] = [
      conv({ padding: 'same' }),
      pool(2),
      { type: 'add', name: 'add', from },
      conv({ name: 'logits' }),
    ];
    expect(() => inferShapes(stack(...layers))).toThrow(
      new RangeError(`inferShapes: layer 2 "add" (add) must take "from" ${message}`),
    );
  });

  it.each<Layer>([
    { type: 'upSampling2d', name: 'up', size: [2, 2] },
    { type: 'add', name: 'add', from: 'flatten' },
  ])('refuses $type on vectors', (layer) => {
    expect(() => inferShapes(stack(FLATTEN, layer, LOGITS))).toThrow('must get an image [height, width, channels]');
  });

  it('refuses activations beyond the limit', () => {
    const wide = conv({ filters: 65_536 });
    expect(() => inferShapes(stack(wide, FLATTEN, LOGITS))).toThrow(
      new RangeError(
        'inferShapes: layer 0 "conv" (conv2d) must give at most 16777216 values an image, got [26, 26, 65536]',
      ),
    );
  });
});

describe('windowGeometry', () => {
  // The examples of https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
  it('agrees with the examples of TensorFlow', () => {
    expect(windowGeometry(13, 6, 5, 'valid')).toEqual({ outputSize: 2, padBefore: 0 });
    expect(windowGeometry(13, 6, 5, 'same')).toEqual({ outputSize: 3, padBefore: 1 });
  });

  it('gives no window where none fits', () => {
    expect(windowGeometry(2, 3, 1, 'valid').outputSize).toBe(0);
  });

  it('lets every window overlap the image', () => {
    const size = fc.integer({ min: 1, max: 40 });
    const padding = fc.constantFrom('same', 'valid');
    fc.assert(
      fc.property(size, size, size, padding, (inputSize, windowSize, stride, how) => {
        const { outputSize, padBefore } = windowGeometry(inputSize, windowSize, stride, how);
        for (let i = 0; i < outputSize; i++) {
          const start = i * stride - padBefore;
          if (start >= inputSize || start + windowSize <= 0) return false;
          if (how === 'valid' && (start < 0 || start + windowSize > inputSize)) return false;
        }
        return true;
      }),
    );
  });
});

const ARCHITECTURE: Architecture = {
  inputShape: [5, 5, 2],
  layers: [
    { type: 'conv2d', name: 'conv', filters: 3, kernelSize: [3, 2], strides: [1, 1], padding: 'same', useBias: true },
    { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 },
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 4, useBias: false },
  ],
};

describe('weightSpecs', () => {
  it("lists weights layer by layer, each layer's as in Keras", () => {
    expect(weightSpecs(ARCHITECTURE).map(({ name, shape, trainable }) => [name, shape, trainable])).toEqual([
      ['conv/kernel', [3, 2, 2, 3], true],
      ['conv/bias', [3], true],
      ['bn/gamma', [3], true],
      ['bn/beta', [3], true],
      ['bn/moving_mean', [3], false],
      ['bn/moving_variance', [3], false],
      ['logits/kernel', [75, 4], true],
    ]);
  });
});

const PIXELS: Architecture = {
  inputShape: [6, 4, 1],
  layers: [
    conv({ name: 'first', filters: 2, padding: 'same' }),
    { type: 'add', name: 'twice', from: 'first' },
    conv({ name: 'logits', filters: 1, padding: 'same' }),
  ],
};

describe('outputKind', () => {
  it('is classes behind a dense layer and pixels behind a convolution', () => {
    expect([outputKind(ARCHITECTURE), outputKind(PIXELS)]).toEqual(['classes', 'pixels']);
  });
});

describe('numClassesOf', () => {
  it('counts the units of the last layer', () => {
    expect(numClassesOf(ARCHITECTURE)).toBe(4);
  });

  it('refuses a network that answers for pixels', () => {
    expect(() => numClassesOf(PIXELS)).toThrow(
      new RangeError(
        'numClassesOf: the last layer must be dense, got layer 2 "logits" (conv2d); only a network that answers for whole images has classes',
      ),
    );
  });
});

describe('a network that answers for pixels', () => {
  it('may have a single channel of logits', () => {
    expect(parseArchitecture(JSON.parse(JSON.stringify(PIXELS)))).toEqual(PIXELS);
  });

  it.each(['sigmoid', 'input'])('keeps the name %s for the model file', (name) => {
    const [first, ...others] = PIXELS.layers;
    expect(() => parseArchitecture({ ...PIXELS, layers: [{ ...first, name }, ...others] })).toThrow(
      `architecture.layers[0].name must be unique, got "${name}", which is kept for the model file`,
    );
  });

  it('shows where an addition comes from', () => {
    expect(describeArchitecture(PIXELS)).toContain('twice   add     from first');
  });
});

describe('countParameters', () => {
  it('counts moving statistics as not trainable', () => {
    expect(countParameters(ARCHITECTURE)).toEqual({ total: 351, trainable: 345 });
  });
});
