import {
  averagePrecisionOfCounts,
  averagePrecisionScore,
  bestF1OfCounts,
  f1OfCounts,
  type ScoreCounts,
} from './average-precision.ts';
import fixture from './fixtures/sklearn.json' with { type: 'json' };

/** Printed by fixtures/generate_sklearn.py. */
const { averagePrecisionCases } = fixture;

/** One bin for each distinct score. */
function countsOf(yTrue: readonly number[], yScore: readonly number[]): ScoreCounts & { readonly edges: number[] } {
  const edges = [...new Set(yScore)].sort((a, b) => a - b);
  const count = (label: number) =>
    edges.map((edge) => yScore.filter((score, i) => score === edge && yTrue[i] === label).length);
  return { edges, positives: count(1), negatives: count(0) };
}

describe('averagePrecisionScore', () => {
  it.each(averagePrecisionCases)("is scikit-learn's for $name", ({ yTrue, yScore, averagePrecision }) => {
    expect(averagePrecisionScore(yTrue, yScore)).toBeCloseTo(averagePrecision, 14);
  });

  it('is 0 without positive samples, as in scikit-learn', () => {
    // average_precision_score([0, 0], [0.5, 0.7]) gives 0 and a warning.
    expect(averagePrecisionScore([0, 0], [0.5, 0.7])).toBe(0);
  });

  it.each([
    [[], [], 'yTrue must hold at least 1 label, got 0'],
    [[0, 2], [0.5, 0.5], 'yTrue must be 0 or 1, got 2 at index 1'],
    [[0, 1], [0.5, NaN], 'yScore must be finite, got NaN at index 1'],
    [[0, 1], [0.5], 'yScore must have as many scores as yTrue has labels (2), got 1'],
  ])('refuses yTrue %j with scores %j', (yTrue, yScore, message) => {
    expect(() => averagePrecisionScore(yTrue, yScore)).toThrow(new RangeError(`averagePrecisionScore: ${message}`));
  });
});

describe('averagePrecisionOfCounts', () => {
  it.each(averagePrecisionCases)("is scikit-learn's if each score has a bin: $name", (expected) => {
    const counts = countsOf(expected.yTrue, expected.yScore);
    expect(averagePrecisionOfCounts(counts)).toBeCloseTo(expected.averagePrecision, 14);
  });

  it('is between the scores of the two extreme orders within each bin', () => {
    const [yTrue, yScore] = noisyScores(4000);
    for (const numBins of [4, 32, 256]) {
      const counts = binnedCounts(yTrue, yScore, numBins);
      const binned = averagePrecisionOfCounts(counts);
      const [least, most] = [averagePrecisionScore(...spread(counts, 1)), averagePrecisionScore(...spread(counts, -1))];
      const exact = averagePrecisionScore(yTrue, yScore);
      expect(binned).toBeGreaterThanOrEqual(least);
      expect(binned).toBeLessThanOrEqual(most);
      expect(exact).toBeGreaterThanOrEqual(least);
      expect(exact).toBeLessThanOrEqual(most);
      expect(Math.abs(binned - exact)).toBeLessThanOrEqual(most - least);
    }
  });

  it('differs by less than a thousandth with 4096 bins', () => {
    const [yTrue, yScore] = noisyScores(4000);
    const binned = averagePrecisionOfCounts(binnedCounts(yTrue, yScore, 4096));
    expect(Math.abs(binned - averagePrecisionScore(yTrue, yScore))).toBeLessThan(0.001);
  });

  it.each([
    [[], [], 'counts must have at least 1 bin, got 0'],
    [[1], [1, 2], 'negatives must have as many bins as positives (1), got 2'],
  ])('refuses counts %j and %j', (positives, negatives, message) => {
    expect(() => averagePrecisionOfCounts({ positives, negatives })).toThrow(
      new RangeError(`averagePrecisionOfCounts: ${message}`),
    );
  });

  /** Scores in [0, 1): a quarter are positive and higher on average. */
  function noisyScores(count: number): [number[], number[]] {
    let word = 7;
    const random = () => (word = (word * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
    const yTrue = Array.from({ length: count }, () => Number(random() < 0.25));
    return [yTrue, yTrue.map((label) => (random() + random() + label) / 3)];
  }

  function binnedCounts(yTrue: readonly number[], yScore: readonly number[], numBins: number): ScoreCounts {
    const counts = { positives: new Array<number>(numBins).fill(0), negatives: new Array<number>(numBins).fill(0) };
    yScore.forEach((score, i) => {
      const bin = Math.floor(score * numBins);
      if (yTrue[i] === 1) counts.positives[bin]++;
      else counts.negatives[bin]++;
    });
    return counts;
  }

  /** Distinct scores that give these counts: in each bin, `sign` is that of the negatives' advantage. */
  function spread({ positives, negatives }: ScoreCounts, sign: 1 | -1): [number[], number[]] {
    const [yTrue, yScore]: [number[], number[]] = [[], []];
    Array.from(positives).forEach((numPositive, bin) => {
      for (let i = 0; i < numPositive + negatives[bin]; i++) {
        const isPositive = i < numPositive;
        yTrue.push(Number(isPositive));
        yScore.push(bin + (isPositive ? 0 : 0.4 * sign) + i * 1e-6);
      }
    });
    return [yTrue, yScore];
  }
});

describe('bestF1OfCounts', () => {
  it.each(averagePrecisionCases)("finds the threshold with scikit-learn's highest F1: $name", (expected) => {
    const counts = countsOf(expected.yTrue, expected.yScore);
    const { bin, f1, precision, recall } = bestF1OfCounts(counts);
    expect(f1).toBeCloseTo(expected.bestF1.f1, 14);
    expect(precision).toBeCloseTo(expected.bestF1.precision, 14);
    expect(recall).toBeCloseTo(expected.bestF1.recall, 14);
    expect(counts.edges[bin]).toBe(expected.bestF1.threshold);
  });

  it('is 0 without positive samples', () => {
    expect(bestF1OfCounts({ positives: [0, 0], negatives: [3, 4] })).toEqual({
      bin: 1,
      precision: 0,
      recall: 0,
      f1: 0,
    });
  });
});

describe('f1OfCounts', () => {
  it('gives precision, recall and F1 at a threshold, by hand', () => {
    // From bin 1 on: 5 of 7 are positive, out of 6 positive ones.
    expect(f1OfCounts({ positives: [1, 2, 3], negatives: [9, 2, 0] }, 1)).toEqual({
      bin: 1,
      precision: 5 / 7,
      recall: 5 / 6,
      f1: 10 / 13,
    });
  });

  it('refuses a bin that is none', () => {
    expect(() => f1OfCounts({ positives: [1], negatives: [1] }, 1)).toThrow(
      new RangeError('f1OfCounts: bin must be a whole number in [0, 1), got 1'),
    );
  });
});
