import type { Architecture, Weights } from '@digits/model';
import { toOnnx } from './onnx-model.ts';

/** `[field number, value]` of a protocol buffers message: numbers of varints, bytes of everything else. */
function fields(bytes: Uint8Array): [number, number | Uint8Array][] {
  const found: [number, number | Uint8Array][] = [];
  let position = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = bytes[position++];
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    const length = { 0: 0, 2: -1, 5: 4 }[tag % 8] ?? NaN;
    if (length === 0) found.push([Math.floor(tag / 8), varint()]);
    else {
      const size = length < 0 ? varint() : length;
      found.push([Math.floor(tag / 8), bytes.slice(position, position + size)]);
      position += size;
    }
  }
  return found;
}

function messages(bytes: Uint8Array, fieldNumber: number): Uint8Array[] {
  return fields(bytes).flatMap(([number, value]) =>
    number === fieldNumber && value instanceof Uint8Array ? [value] : [],
  );
}

function texts(bytes: Uint8Array, fieldNumber: number): string[] {
  return messages(bytes, fieldNumber).map((value) => new TextDecoder().decode(value));
}

const ARCHITECTURE: Architecture = {
  inputShape: [1, 2, 1],
  layers: [
    { type: 'conv2d', name: 'c', filters: 2, kernelSize: [1, 1], strides: [1, 1], padding: 'valid', useBias: true },
    { type: 'relu', name: 'r' },
    { type: 'dropout', name: 'o', rate: 0.5 },
    { type: 'flatten', name: 'f' },
    { type: 'dense', name: 'd', units: 2, useBias: false },
  ],
};

const WEIGHTS: Weights = [
  { name: 'c/kernel', shape: [1, 1, 1, 2], values: Float32Array.of(3, 4) },
  { name: 'c/bias', shape: [2], values: Float32Array.of(5, 6) },
  { name: 'd/kernel', shape: [4, 2], values: Float32Array.of(10, 11, 20, 21, 30, 31, 40, 41) },
];

describe('toOnnx', () => {
  const [graph] = messages(toOnnx(ARCHITECTURE, WEIGHTS, 3), 7);

  it('chains the layers that count when predicting, from images to logits', () => {
    expect(messages(graph, 1).map((node) => [texts(node, 4), texts(node, 1), texts(node, 2)])).toEqual([
      [['Conv'], ['images', 'c/kernel', 'c/bias'], ['c']],
      [['Relu'], ['c'], ['r']],
      [['Flatten'], ['r'], ['f']],
      [['Gemm'], ['f', 'd/kernel'], ['logits']],
    ]);
  });

  it('reorders the rows of a dense layer from [h, w, c] to [c, h, w]', () => {
    const dense = messages(graph, 5)[2];

    expect(texts(dense, 8)).toEqual(['d/kernel']);
    expect([...new Float32Array(messages(dense, 9)[0].buffer)]).toEqual([10, 11, 30, 31, 20, 21, 40, 41]);
  });

  it('refuses images of several channels', () => {
    expect(() => toOnnx({ ...ARCHITECTURE, inputShape: [1, 2, 3] }, WEIGHTS, 1)).toThrow(
      new RangeError('toOnnx: images must have 1 channel, got 3'),
    );
  });
});
