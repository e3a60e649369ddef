import { median, quantile } from './statistics.ts';

describe('median', () => {
  it('takes the middle value', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('takes the mean of two in the middle', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5);
  });

  it('is NaN for no values', () => {
    expect(median([])).toBeNaN();
  });
});

describe('quantile', () => {
  it('is linear between neighbours, as numpy.quantile', () => {
    expect(quantile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6, 10);
  });
});
