import fc from 'fast-check';
import { type Architecture, inferShapes } from './architecture.ts';
import type { Layer } from './layers.ts';
import { windowGeometry } from './shapes.ts';

const LOGITS: Layer = { type: 'dense', name: 'logits', units: 10, useBias: true };
const FLATTEN: Layer = { type: 'flatten', name: 'flatten' };

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
        'inferShapes: the last layer must be dense (its outputs are the logits), got layer 1 "flatten" (flatten)',
      ),
    );
    expect(() => inferShapes(stack())).toThrow('got no layers');
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
