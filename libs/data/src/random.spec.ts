import { philox4x32 } from './philox.ts';
import { fillRandomWords, randomBlock, RandomPurpose } from './random.ts';

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
