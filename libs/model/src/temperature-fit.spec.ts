import { fitTemperature } from './temperature-fit.ts';

describe('fitTemperature', () => {
  it('brings the confidence of equal answers to their accuracy', () => {
    // Three of four are right, so the odds should be 3: 2 / T = log 3.
    const logits = Float32Array.of(2, 0, 2, 0, 2, 0, 2, 0);
    expect(fitTemperature(logits, Uint8Array.of(0, 0, 0, 1), 2)).toBeCloseTo(2 / Math.log(3), 4);
  });

  it('finds a temperature below 1 for a network that is too modest', () => {
    // Nine of ten are right: 1 / T = log 9.
    const logits = Float32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    expect(fitTemperature(logits, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 2)).toBeCloseTo(1 / Math.log(9), 4);
  });

  it('goes to the ends of its range and not beyond', () => {
    expect(fitTemperature(Float32Array.of(1, 0), Uint8Array.of(0), 2)).toBeCloseTo(0.2, 3);
    expect(fitTemperature(Float32Array.of(1, 0), Uint8Array.of(1), 2)).toBeCloseTo(5, 2);
  });
});
