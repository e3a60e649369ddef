import { randomBlock, RandomPurpose, uniformFromWord } from '@digits/data';
import { dropoutMask, type DropoutSite } from './dropout.ts';

const SITE: DropoutSite = { seed: 5, epoch: 3, layerIndex: 2, rate: 0.25 };

describe('dropoutMask', () => {
  it('keeps an element where its word of the stream is at least the rate', () => {
    const mask = dropoutMask(SITE, Uint32Array.of(17), 6);
    const key = { seed: 5, epoch: 3, site: 2, sample: 17, purpose: RandomPurpose.dropout };
    const words = [...randomBlock({ ...key, block: 0 }), ...randomBlock({ ...key, block: 1 })].slice(0, 6);
    expect(Array.from(mask, (value) => value > 0)).toEqual(words.map((word) => uniformFromWord(word) >= 0.25));
  });

  it('is 0 or float32 1 / (1 - rate), the latter for about 1 - rate of the elements', () => {
    const mask = dropoutMask(SITE, Uint32Array.of(1, 2, 3, 4), 1000);
    expect([...new Set(mask)].sort()).toEqual([0, Math.fround(1 / 0.75)]);
    const kept = mask.filter((value) => value > 0).length / mask.length;
    expect(Math.abs(kept - 0.75)).toBeLessThan(0.03);
  });

  it('does not depend on the batch that a sample is in', () => {
    const pair = dropoutMask(SITE, Uint32Array.of(8, 9), 10);
    expect(pair.slice(10)).toEqual(dropoutMask(SITE, Uint32Array.of(9), 10));
  });

  it('changes with seed, epoch, layer and sample', () => {
    const mask = dropoutMask(SITE, Uint32Array.of(9), 64);
    expect(dropoutMask({ ...SITE, seed: 6 }, Uint32Array.of(9), 64)).not.toEqual(mask);
    expect(dropoutMask({ ...SITE, epoch: 4 }, Uint32Array.of(9), 64)).not.toEqual(mask);
    expect(dropoutMask({ ...SITE, layerIndex: 3 }, Uint32Array.of(9), 64)).not.toEqual(mask);
    expect(dropoutMask(SITE, Uint32Array.of(10), 64)).not.toEqual(mask);
  });
});
