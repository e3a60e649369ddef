import type { TrainingSession } from '../network/engine.ts';
import type { TargetImages } from '../network/training-images.ts';
import { validatePixels } from './pixel-validation.ts';

/** Images of one pixel with two channels. */
function imagesOf(count: number, targets: readonly number[]): TargetImages {
  const shape = { height: 1, width: 1, channels: 1, targetShape: [1, 1, 2] };
  return { images: new Uint8Array(count), targets: Uint8Array.from(targets), count, ...shape };
}

const sessionOf = (evaluate: TrainingSession['evaluate']) => ({ evaluate }) as TrainingSession;

describe('validatePixels', () => {
  it('gives the mean sigmoid cross-entropy and the share of correct signs, by hand', async () => {
    const evaluate = () => Promise.resolve(Float32Array.of(2, -1, 0, 3));
    const { loss, accuracy } = await validatePixels(sessionOf(evaluate), 'averaged', imagesOf(2, [255, 128, 0, 51]));
    const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
    const entropy = (logit: number, target: number) =>
      -target * Math.log(sigmoid(logit)) - (1 - target) * Math.log(1 - sigmoid(logit));
    expect(loss).toBeCloseTo((entropy(2, 1) + entropy(-1, 128 / 255) + entropy(0, 0) + entropy(3, 0.2)) / 4, 12);
    // A logit of 0 is not positive; 128 is, and 51 is not.
    expect(accuracy).toBe(2 / 4);
  });

  it('measures all images, a hundred at a time, with the weights that are asked for', async () => {
    const calls: [number, string][] = [];
    const evaluate: TrainingSession['evaluate'] = (images, which) => {
      calls.push([images.length, which]);
      return Promise.resolve(new Float32Array(2 * images.length).fill(1));
    };
    const { accuracy } = await validatePixels(
      sessionOf(evaluate),
      'current',
      imagesOf(
        250,
        Array.from({ length: 500 }, (_, i) => (i < 350 ? 255 : 0)),
      ),
    );
    expect(calls).toEqual([[100, 'current'], [100, 'current'], [50, 'current']]); // prettier-ignore
    expect(accuracy).toBe(0.7);
  });

  it('sums over any number of logits', async () => {
    // ln 2 for each logit of 0, whatever its target; products of 512 factors of 2 and of a rest.
    const evaluate: TrainingSession['evaluate'] = (images) => Promise.resolve(new Float32Array(1300 * images.length));
    const wide = {
      ...imagesOf(
        3,
        Array.from({ length: 3 * 1300 }, () => 255),
      ),
      targetShape: [1, 1, 1300],
    };
    expect((await validatePixels(sessionOf(evaluate), 'current', wide)).loss).toBeCloseTo(Math.LN2, 12);
  });

  it('gives no loss if a logit is not a number', async () => {
    const evaluate = () => Promise.resolve(Float32Array.of(NaN, 1));
    expect((await validatePixels(sessionOf(evaluate), 'current', imagesOf(1, [0, 0]))).loss).toBeNaN();
  });

  it('does not overflow for logits of any size', async () => {
    const evaluate = () => Promise.resolve(Float32Array.of(1e4, -1e4));
    const { loss } = await validatePixels(sessionOf(evaluate), 'current', imagesOf(1, [0, 0]));
    expect(loss).toBe(5000);
  });
});
