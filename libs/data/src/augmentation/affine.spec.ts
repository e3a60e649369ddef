import { randomBlock } from '../randomness/random.ts';
import { affineMatrix } from './affine.ts';

const NONE = { rotation: 0, scale: 0, shear: 0, translation: 0 };
const KEY = { seed: 3, purpose: 5, epoch: 2, sample: 1 };

/** The numbers in [-1, 1) that the first two blocks of the stream give. */
function draws(): number[] {
  const words = [...randomBlock(KEY), ...randomBlock({ ...KEY, block: 1 })];
  return words.map((word) => Math.floor(word / 256) / 2 ** 23 - 1);
}

describe('affineMatrix', () => {
  it('is the identity for ranges of 0', () => {
    expect([...affineMatrix(NONE, KEY)]).toEqual([4096, 0, 0, 0, 4096, 0]);
  });

  it('undoes scaling, shearing, rotating and moving, in that order', () => {
    const settings = { rotation: 40, scale: 0.3, shear: 0.5, translation: 3 };
    const [rotation, scaleX, scaleY, shear, moveX, moveY] = draws();
    const [a, b, c, d, e, f] = affineMatrix(settings, KEY);

    const [x, y] = [5, -7];
    const scaled = [x * (1 + 0.3 * scaleX), y * (1 + 0.3 * scaleY)];
    const sheared = [scaled[0] + 0.5 * shear * scaled[1], scaled[1]];
    const angle = (40 * rotation * Math.PI) / 180;
    const rotated = [
      Math.cos(angle) * sheared[0] - Math.sin(angle) * sheared[1],
      Math.sin(angle) * sheared[0] + Math.cos(angle) * sheared[1],
    ];
    const [u, v] = [rotated[0] + 3 * moveX, rotated[1] + 3 * moveY];

    expect((a * u + b * v) / 4096 + c / 2 ** 20).toBeCloseTo(x, 2);
    expect((d * u + e * v) / 4096 + f / 2 ** 20).toBeCloseTo(y, 2);
  });

  it('moves right and down by positive translations', () => {
    const [, , , , moveX, moveY] = draws();
    const [, , c, , , f] = affineMatrix({ ...NONE, translation: 8 }, KEY);

    expect([c, f]).toEqual([Math.floor(-8 * moveX * 2 ** 20 + 0.5), Math.floor(-8 * moveY * 2 ** 20 + 0.5)]);
  });

  it('depends on seed, epoch and sample', () => {
    const settings = { ...NONE, rotation: 10 };
    const first = [...affineMatrix(settings, KEY)];

    for (const other of [
      { ...KEY, seed: 4 },
      { ...KEY, epoch: 3 },
      { ...KEY, sample: 2 },
    ]) {
      expect([...affineMatrix(settings, other)]).not.toEqual(first);
    }
  });

  it('keeps the sums of warp within int32 for the largest image and the strongest distortions', () => {
    const settings = { rotation: 180, scale: 0.5, shear: 1, translation: 64 };
    // Half of 256 pixels and a displacement of 16 pixels, which Catmull-Rom may exceed by 1.25 on each axis.
    const farthest = 128 * 255 + 256 * 16 * 1.25 ** 2;
    let largest = 0;
    for (let sample = 0; sample < 4000; sample++) {
      const [a, b, c, d, e, f] = affineMatrix(settings, { ...KEY, sample }).map(Math.abs);
      largest = Math.max(largest, (a + b) * farthest + c, (d + e) * farthest + f);
    }

    expect(largest).toBeGreaterThan(2 ** 28);
    expect(largest + 2048).toBeLessThan(2 ** 31);
  });
});
