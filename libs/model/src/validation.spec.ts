import { smoothedLoss } from './validation.ts';

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
