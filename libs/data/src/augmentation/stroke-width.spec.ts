import { randomBlock } from '../randomness/random.ts';
import { applyStrokeWidth, strokeRadius } from './stroke-width.ts';

const SIZE = { height: 3, width: 5 };
// prettier-ignore
const DOT = Uint8Array.of(
  0, 0,   0, 0, 0,
  0, 0, 200, 0, 0,
  0, 0,   0, 0, 0,
);

describe('strokeRadius', () => {
  it('is drawn from the first word, in 1/256 pixel', () => {
    const key = { seed: 5, purpose: 7, epoch: 6, sample: 7 };
    const [word] = randomBlock(key);

    expect(strokeRadius({ radius: 1 }, key)).toBe(Math.floor(256 * (Math.floor(word / 256) / 2 ** 23 - 1) + 0.5));
  });
});

describe('applyStrokeWidth', () => {
  it('changes nothing for radius 0', () => {
    const result = applyStrokeWidth(DOT, SIZE, 0);

    expect([...result]).toEqual([...DOT]);
    expect(result).not.toBe(DOT);
  });

  it('spreads ink to the pixels beside it in proportion to a radius below 1', () => {
    // Radius 1/2: beside 0.5, across corners 1.5 - sqrt 2 = 0.086 (22/256), two away 0.
    expect([...applyStrokeWidth(DOT, SIZE, 128)]).toEqual([0, 17, 100, 17, 0, 0, 100, 200, 100, 0, 0, 17, 100, 17, 0]);
  });

  it('reaches two pixels beyond radius 1', () => {
    // Radius 3/2: beside and across corners 1, two away 0.5, a knight's move away 2.5 - sqrt 5 = 0.264 (68/256).
    expect([...applyStrokeWidth(DOT, SIZE, 384)]).toEqual([
      53, 200, 200, 200, 53, 100, 200, 200, 200, 100, 53, 200, 200, 200, 53,
    ]);
  });

  it('thins ink from its edges for a negative radius', () => {
    const bar = Uint8Array.of(0, 255, 255, 255, 0);

    expect([...applyStrokeWidth(bar, { height: 1, width: 5 }, -128)]).toEqual([0, 127, 255, 127, 0]);
    expect([...applyStrokeWidth(bar, { height: 1, width: 5 }, -256)]).toEqual([0, 0, 255, 0, 0]);
  });

  it('does not thin ink from outside the picture', () => {
    const full = new Uint8Array(15).fill(255);

    expect([...applyStrokeWidth(full, SIZE, -700)]).toEqual([...full]);
  });

  it('is its own dual: thinning is thickening of the negative', () => {
    const negative = DOT.map((value) => 255 - value);
    const thickened = applyStrokeWidth(DOT, SIZE, 200).map((value) => 255 - value);

    expect([...applyStrokeWidth(negative, SIZE, -200)]).toEqual([...thickened]);
  });
});
