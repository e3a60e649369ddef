import type { LabelledImages } from '@digits/data';
import type { TrainingSession } from '../network/engine.ts';
import { smoothedLoss, validate } from './validation.ts';

describe('validate', () => {
  /** One pixel each, 200 where the label is 1. */
  const NUM_IMAGES = 2300;
  const labels = Uint8Array.from({ length: NUM_IMAGES }, (_, i) => i % 2);
  const dataset: LabelledImages = {
    images: labels.map((label) => 200 * label),
    labels,
    count: NUM_IMAGES,
    height: 1,
    width: 1,
    channels: 1,
    numClasses: 2,
  };

  /** Sure of what it sees by 4 to 1, but for the images from `wrongFrom` on, which it takes for the other class. */
  function sessionThatKnows(wrongFrom: number) {
    const calls: [number, string][] = [];
    let numSeen = 0;
    const evaluate: TrainingSession['evaluate'] = (images, which) => {
      calls.push([images.length, which]);
      const logits = new Float32Array(2 * images.length);
      images.forEach((pixel, i) => {
        const isOne = numSeen++ >= wrongFrom ? pixel === 0 : pixel === 200;
        logits[2 * i + (isOne ? 1 : 0)] = Math.log(4);
      });
      return Promise.resolve(logits);
    };
    return { session: { evaluate } as TrainingSession, calls };
  }

  it('measures all images, a thousand at a time, with the weights that are asked for', async () => {
    const { session, calls } = sessionThatKnows(2070);
    const { loss, accuracy } = await validate(session, 'averaged', dataset, 2, 0);
    expect(calls).toEqual([
      [1000, 'averaged'],
      [1000, 'averaged'],
      [300, 'averaged'],
    ]);
    // A tenth of the images gets a fifth for its class, the others four fifths.
    expect(accuracy).toBe(0.9);
    expect(loss).toBeCloseTo(-(0.9 * Math.log(0.8) + 0.1 * Math.log(0.2)), 6);
  });

  it('gives no loss if a logit is not a number', async () => {
    const evaluate: TrainingSession['evaluate'] = (images) =>
      Promise.resolve(new Float32Array(2 * images.length).fill(NaN));
    expect((await validate({ evaluate } as TrainingSession, 'current', dataset, 2, 0)).loss).toBeNaN();
  });
});

describe('smoothedLoss', () => {
  const probabilities = Float64Array.of(0.7, 0.2, 0.1, 0.25, 0.5, 0.25);
  const labels = Uint8Array.of(0, 2);

  it('is the log loss without smoothing', () => {
    expect(smoothedLoss(labels, probabilities, 3, 0)).toBeCloseTo(-(Math.log(0.7) + Math.log(0.25)) / 2, 14);
  });

  it('is the cross-entropy of the smoothed targets, by hand', () => {
    // Targets with a smoothing of 0.3 over 3 classes: 0.8 for the label, 0.1 for the others.
    const first = -(0.8 * Math.log(0.7) + 0.1 * Math.log(0.2) + 0.1 * Math.log(0.1));
    const second = -(0.1 * Math.log(0.25) + 0.1 * Math.log(0.5) + 0.8 * Math.log(0.25));
    expect(smoothedLoss(labels, probabilities, 3, 0.3)).toBeCloseTo((first + second) / 2, 14);
  });

  it('is least for probabilities that are the smoothed targets themselves, not for sharper ones', () => {
    const at = (top: number) =>
      smoothedLoss(Uint8Array.of(0), Float64Array.of(top, (1 - top) / 2, (1 - top) / 2), 3, 0.3);
    expect(at(0.8)).toBeLessThan(at(0.9));
    expect(at(0.8)).toBeLessThan(at(0.7));
    expect(at(0.8)).toBeLessThan(at(1));
  });
});
