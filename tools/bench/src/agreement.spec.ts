import { relativeDistance } from './agreement.ts';

describe('relativeDistance', () => {
  it('divides the largest difference by the largest value', () => {
    expect(relativeDistance([1, -4.5, 2], [1, -5, 2])).toBeCloseTo(0.1, 12);
  });

  it('is infinite for different lengths and for NaN', () => {
    expect(relativeDistance([1], [1, 2])).toBe(Infinity);
    expect(relativeDistance([NaN], [1])).toBe(Infinity);
  });
});
