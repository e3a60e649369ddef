import cases from './fixtures/paired.json' with { type: 'json' };
import { mcnemarTest, pairedDifferenceInterval } from './paired-comparison.ts';

describe('mcnemarTest', () => {
  // Printed by fixtures/generate_paired.py.
  it.each(cases)("is statsmodels's for $onlyFirst and $onlySecond", ({ onlyFirst, onlySecond, pValue }) => {
    expect(mcnemarTest(onlyFirst, onlySecond) / pValue).toBeCloseTo(1, 10);
  });

  it('is that of the binomial by hand: (1 + 9) / 2 ** 8', () => {
    expect(mcnemarTest(1, 8)).toBeCloseTo(10 / 256, 15);
    expect(mcnemarTest(0, 1)).toBe(1);
  });

  it.each([
    [-1, 2, 'numOnlyFirst must be an integer of at least 0, got -1'],
    [1, 0.5, 'numOnlySecond must be an integer of at least 0, got 0.5'],
  ])('refuses %d and %d', (onlyFirst, onlySecond, message) => {
    expect(() => mcnemarTest(onlyFirst, onlySecond)).toThrow(new RangeError(`mcnemarTest: ${message}`));
  });
});

describe('pairedDifferenceInterval', () => {
  // Printed by fixtures/generate_paired.py.
  it.each(cases)('is the score interval for $onlyFirst and $onlySecond of $count', (numbers) => {
    const [lower, upper] = pairedDifferenceInterval(numbers.onlyFirst, numbers.onlySecond, numbers.count);
    expect(lower).toBeCloseTo(numbers.lower, 7);
    expect(upper).toBeCloseTo(numbers.upper, 7);
  });

  // By hand, where no sample differs: the score is difference * count / sqrt(count * difference * (1 - difference)).
  it('is +- z * z / (count + z * z) if the classifiers agree on every sample', () => {
    const [lower, upper] = pairedDifferenceInterval(0, 0, 12, { z: 2 });
    expect(lower).toBeCloseTo(-4 / 16, 14);
    expect(upper).toBeCloseTo(4 / 16, 14);
  });

  it('stays within [-1, 1]', () => {
    expect(pairedDifferenceInterval(0, 7, 7)[1]).toBe(1);
    expect(pairedDifferenceInterval(7, 0, 7)[0]).toBe(-1);
  });

  it.each([
    [1.5, 2, 9, 1, 'numOnlyFirst must be an integer of at least 0, got 1.5'],
    [1, -2, 9, 1, 'numOnlySecond must be an integer of at least 0, got -2'],
    [1, 2, 2, 1, 'count must be an integer of at least 3, got 2'],
    [0, 0, 0, 1, 'count must be an integer of at least 1, got 0'],
    [1, 2, 9, 0, 'z must be positive and finite, got 0'],
  ])('refuses %d and %d of %d with z = %d', (onlyFirst, onlySecond, count, z, message) => {
    expect(() => pairedDifferenceInterval(onlyFirst, onlySecond, count, { z })).toThrow(
      new RangeError(`pairedDifferenceInterval: ${message}`),
    );
  });
});
