import { philox4x32 } from './philox.ts';
import {
  fillRandomWords,
  integerFromWord,
  randomBlock,
  randomNormals,
  RandomPurpose,
  randomUniforms,
  shuffledIndices,
  symmetricFromWord,
  uniformFromWord,
} from './random.ts';

describe('randomBlock', () => {
  it('maps seed to the key and block, sample, epoch, purpose and site to the counter', () => {
    const expected = new Uint32Array(4);
    philox4x32(11, 22, 33, RandomPurpose.dropout | (44 << 8), 0x89abcdef, 0x1234, expected);

    const block = randomBlock({
      seed: 0x1234 * 2 ** 32 + 0x89abcdef,
      purpose: RandomPurpose.dropout,
      site: 44,
      epoch: 33,
      sample: 22,
      block: 11,
    });

    expect([...block]).toEqual([...expected]);
  });

  it('takes the parts of the key that are left out as 0', () => {
    const key = { seed: 7, purpose: RandomPurpose.split };

    expect(randomBlock(key)).toEqual(randomBlock({ ...key, site: 0, epoch: 0, sample: 0, block: 0 }));
  });

  it('never changes: these words are part of the reproducibility contract', () => {
    const block = randomBlock({ seed: 1, purpose: RandomPurpose.shuffle });

    expect([...block]).toEqual([1767114739, 2888151332, 1674871006, 3332801667]);
  });

  it.each([
    [{ seed: -1 }, 'fillRandomWords: seed must be an integer in [0, 9007199254740991], got -1'],
    [{ seed: 2 ** 53 }, 'fillRandomWords: seed must be an integer in [0, 9007199254740991], got 9007199254740992'],
    [{ seed: 0.5 }, 'fillRandomWords: seed must be an integer in [0, 9007199254740991], got 0.5'],
    [{ seed: 0, site: 2 ** 24 }, 'fillRandomWords: site must be an integer in [0, 16777215], got 16777216'],
    [{ seed: 0, epoch: -3 }, 'fillRandomWords: epoch must be an integer in [0, 4294967295], got -3'],
    [{ seed: 0, sample: 2 ** 32 }, 'fillRandomWords: sample must be an integer in [0, 4294967295], got 4294967296'],
    [{ seed: 0, purpose: 256 }, 'fillRandomWords: purpose must be an integer in [0, 255], got 256'],
    [{ seed: 0, block: Number.NaN }, 'fillRandomWords: block must be an integer in [0, 4294967295], got NaN'],
  ])('refuses the key %j', (key, message) => {
    expect(() => randomBlock({ purpose: RandomPurpose.split, ...key })).toThrow(new RangeError(message));
  });
});

describe('fillRandomWords', () => {
  it('continues block after block and cuts the last one', () => {
    const key = { seed: 3, purpose: RandomPurpose.shuffle, sample: 9 };
    const words = new Uint32Array(10);

    fillRandomWords({ ...key, block: 5 }, words);

    expect([...words]).toEqual([
      ...randomBlock({ ...key, block: 5 }),
      ...randomBlock({ ...key, block: 6 }),
      ...randomBlock({ ...key, block: 7 }).subarray(0, 2),
    ]);
  });

  it('refuses to run over the end of the stream', () => {
    const key = { seed: 0, purpose: RandomPurpose.split, block: 2 ** 32 - 1 };

    expect(() => {
      fillRandomWords(key, new Uint32Array(5));
    }).toThrow('fillRandomWords: block must be an integer in [0, 4294967294], got 4294967295');
  });
});

const WEIGHTS_KEY = { seed: 1, purpose: RandomPurpose.initialWeights };

describe('uniformFromWord', () => {
  it.each([
    [0, 0],
    [0xff, 0],
    [0x80000000, 0.5],
    [0xffffffff, 1 - 2 ** -24],
  ])('takes %d to %d', (word, expected) => {
    expect(uniformFromWord(word)).toBe(expected);
    expect(Math.fround(uniformFromWord(word))).toBe(expected);
  });
});

describe('symmetricFromWord', () => {
  it.each([
    [0, -15],
    [0x80000000, 0],
    [0xc0000000, 7.5],
  ])('takes %d to %d within a range of 15', (word, expected) => {
    expect(symmetricFromWord(word, 15)).toBe(expected);
  });
});

describe('integerFromWord', () => {
  it.each([
    [0, 10, 0],
    [0x19999999, 10, 0],
    [0x1999999a, 10, 1],
    [0xffffffff, 10, 9],
    [0xffffffff, 1, 0],
    [0xffffffff, 0xffffffff, 0xfffffffe],
  ])('takes word %d below %d to %d', (word, n, expected) => {
    expect(integerFromWord(word, n)).toBe(expected);
  });
});

describe('randomUniforms', () => {
  it('gives one number a word, in the order of the stream', () => {
    const [a, b, c] = randomBlock(WEIGHTS_KEY);

    expect([...randomUniforms(WEIGHTS_KEY, 3)]).toEqual([a, b, c].map(uniformFromWord));
  });

  it('stretches them to the range asked for', () => {
    const uniforms = randomUniforms(WEIGHTS_KEY, 10000, -2, 6);

    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...uniforms)).toBeLessThan(6);
    expect(mean(uniforms)).toBeCloseTo(2, 1);
  });
});

describe('randomNormals', () => {
  it('has mean 0, variance 1, no skew and the kurtosis of a normal distribution', () => {
    const normals = randomNormals(WEIGHTS_KEY, 100000);

    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(mean(normals.map((z) => z ** 2))).toBeCloseTo(1, 1);
    expect(mean(normals.map((z) => z ** 3))).toBeCloseTo(0, 1);
    expect(mean(normals.map((z) => z ** 4))).toBeCloseTo(3, 0);
  });

  it('follows Box and Muller from the first two words', () => {
    const [a, b] = randomBlock(WEIGHTS_KEY);
    const radius = Math.sqrt(-2 * Math.log((a + 1) / 2 ** 32));
    const angle = (2 * Math.PI * b) / 2 ** 32;

    const [first, second] = randomNormals(WEIGHTS_KEY, 2);

    expect(first).toBeCloseTo(radius * Math.cos(angle), 6);
    expect(second).toBeCloseTo(radius * Math.sin(angle), 6);
  });

  it('gives the same first numbers whatever the count, odd ones too', () => {
    expect([...randomNormals(WEIGHTS_KEY, 3)]).toEqual([...randomNormals(WEIGHTS_KEY, 8).subarray(0, 3)]);
    expect(randomNormals(WEIGHTS_KEY, 0)).toHaveLength(0);
  });
});

describe('shuffledIndices', () => {
  it('is a permutation', () => {
    const indices = shuffledIndices(1000, 5, 0);

    expect([...indices].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it('depends on seed and epoch', () => {
    const first = [...shuffledIndices(50, 5, 0)];

    expect([...shuffledIndices(50, 5, 0)]).toEqual(first);
    expect([...shuffledIndices(50, 5, 1)]).not.toEqual(first);
    expect([...shuffledIndices(50, 6, 0)]).not.toEqual(first);
  });

  it('swaps from the last place to the first, place i with word i', () => {
    const key = { seed: 5, purpose: RandomPurpose.shuffle };
    const words = [...randomBlock(key)];
    const expected = [0, 1, 2, 3];
    for (const i of [3, 2, 1]) {
      const j = Number((BigInt(words[i]) * BigInt(i + 1)) >> 32n);
      [expected[i], expected[j]] = [expected[j], expected[i]];
    }

    expect([...shuffledIndices(4, 5, 0)]).toEqual(expected);
  });

  it('puts every index at every place about equally often', () => {
    const counts = new Uint32Array(25);
    for (let epoch = 0; epoch < 5000; epoch++) {
      shuffledIndices(5, 0, epoch).forEach((index, place) => counts[5 * place + index]++);
    }

    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });

  it('takes 0 and 1 images', () => {
    expect([...shuffledIndices(0, 5, 0)]).toEqual([]);
    expect([...shuffledIndices(1, 5, 0)]).toEqual([0]);
  });
});

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
