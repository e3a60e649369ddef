import { createHash } from 'node:crypto';
import { decodeValues, encodeValues, roundWeights, sha256 } from './weight-bytes.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('sha256', () => {
  // https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('agrees with the standard for "%s"', (text, expected) => {
    expect(sha256(bytesOf(text))).toBe(expected);
  });

  it("agrees with Node's for every length around a block", () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) % 256);
      expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
  });

  it('reads a part of a buffer only', () => {
    expect(sha256(bytesOf('xabcx').subarray(1, 4))).toBe(sha256(bytesOf('abc')));
  });
});

import fc from 'fast-check';

const KERNEL = 'conv/kernel';

function roundTrip(values: readonly number[], precision: 'float32' | 'float16' | 'uint8', name = KERNEL): number[] {
  return [...decodeValues(encodeValues(name, Float32Array.from(values), precision))];
}

describe('encodeValues', () => {
  it('keeps float32 as it is', () => {
    const values = [0, -1.5, Math.fround(0.1), Math.fround(3e38)];
    expect(roundTrip(values, 'float32')).toEqual(values);
  });

  // https://en.wikipedia.org/wiki/Half-precision_floating-point_format#Half_precision_examples
  it.each([
    [2 ** -24, 0x0001],
    [2 ** -14 * (1023 / 1024), 0x03ff],
    [2 ** -14, 0x0400],
    [1 / 3, 0x3555],
    [1 - 2 ** -11, 0x3bff],
    [1, 0x3c00],
    [1 + 2 ** -10, 0x3c01],
    [65504, 0x7bff],
    [-2, 0xc000],
    [-0, 0x8000],
  ])('writes %d as the half with the bits %d', (value, bits) => {
    const { bytes } = encodeValues(KERNEL, Float32Array.of(value), 'float16');
    expect(bytes[0] + 256 * bytes[1]).toBe(bits);
  });

  it('rounds to the nearest half, ties to even', () => {
    const ulp = 2 ** -10;
    const values = [1 + 0.4 * ulp, 1 + 0.5 * ulp, 1 + 1.5 * ulp, 2 - 0.4 * ulp];
    expect(roundTrip(values, 'float16')).toEqual([1, 1, 1 + 2 * ulp, 2]);
  });

  it('reads halves back to within half a unit in the last place', () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const [read] = roundTrip([value], 'float16');
        const unit = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value) + 1e-30))) - 10);
        return Math.abs(read - value) <= unit / 2 + 1e-30;
      }),
    );
  });

  it('stores bytes in 256 steps from the smallest value to the largest', () => {
    expect(roundTrip([-1, -0.45, 0.1, 50], 'uint8')).toEqual([-1, -0.4, 0.2, 50].map(Math.fround));
    const values = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
    roundTrip([...values], 'uint8').forEach((read, i) => {
      expect(Math.abs(read - values[i])).toBeLessThanOrEqual(1 / 255);
    });
  });

  it('stores equal values exactly as bytes', () => {
    expect(roundTrip([0.75, 0.75], 'uint8')).toEqual([0.75, 0.75]);
  });

  it.each(['bias', 'gamma', 'beta', 'moving_mean', 'moving_variance'])('never rounds a %s', (role) => {
    expect(roundTrip([0.1, 1e6], 'uint8', `bn/${role}`)).toEqual([Math.fround(0.1), 1e6]);
  });

  it('holds values beyond the halves where they are not rounded to halves', () => {
    expect(roundTrip([0, 255_000], 'uint8')).toEqual([0, 255_000]);
    expect(roundTrip([1e6], 'float16', 'bn/gamma')).toEqual([1e6]);
  });

  it('refuses values that a file cannot hold', () => {
    expect(() => roundTrip([1, NaN], 'float32')).toThrow('encodeModel: weight "conv/kernel" must have values within');
    expect(() => roundTrip([1e5], 'float16')).toThrow(
      new RangeError('encodeModel: weight "conv/kernel" must have values within +-65504, got 100000'),
    );
  });
});

describe('decodeValues', () => {
  // https://en.wikipedia.org/wiki/Half-precision_floating-point_format#Half_precision_examples
  it('reads the halves that are no numbers, which encodeValues never writes, for what they are', () => {
    const bytes = Uint8Array.from([0x7c00, 0xfc00, 0x7e00].flatMap((bits) => [bits & 255, bits >> 8]));
    const quantization = { dtype: 'float16', original_dtype: 'float32' } as const;
    expect([...decodeValues({ bytes, quantization })]).toEqual([Infinity, -Infinity, NaN]);
  });
});

describe('roundWeights', () => {
  it('gives what a stored model is read as', () => {
    const weights = [{ name: KERNEL, shape: [2], values: Float32Array.of(1 / 3, 1) }];
    expect(roundWeights(weights, 'float16')[0].values).toEqual(Float32Array.of(0.333251953125, 1));
    expect(weights[0].values[0]).toBe(Math.fround(1 / 3));
  });
});
