import { expectedCalibrationError } from './calibration.ts';
import fixture from './fixtures/sklearn.json' with { type: 'json' };

/** Printed by fixtures/generate_sklearn.py: scikit-learn's calibration_curve of the top label. */
const cases = fixture.probabilityCases.flatMap(({ calibration, name, yTrue, probabilities, numClasses }) =>
  calibration.map((expected) => ({
    name,
    yTrue,
    probabilities: Float64Array.from(probabilities),
    numClasses,
    ...expected,
  })),
);

describe('expectedCalibrationError', () => {
  it.each(cases)("is scikit-learn's curve for $name, $numBins bins", ({ yTrue, probabilities, ...expected }) => {
    const { numClasses, numBins } = expected;
    const { ece, bins } = expectedCalibrationError(yTrue, probabilities, numClasses, { numBins });
    expect(bins.map(({ count }) => count)).toEqual(expected.counts);
    const filled = bins.filter(({ count }) => count > 0);
    filled.forEach(({ accuracy, meanConfidence }, i) => {
      expect(accuracy).toBeCloseTo(expected.accuracy[i], 14);
      expect(meanConfidence).toBeCloseTo(expected.meanConfidence[i], 14);
    });
    expect(filled).toHaveLength(expected.accuracy.length);
    expect(ece).toBeCloseTo(expected.ece, 14);
  });

  it('has 15 bins by default', () => {
    const { bins } = expectedCalibrationError([0], Float64Array.of(1, 0), 2);
    expect(bins).toHaveLength(15);
    expect(bins[0]).toEqual({ lower: 0, upper: 1 / 15, count: 0, meanConfidence: null, accuracy: null });
    expect(bins[14]).toEqual({ lower: 14 / 15, upper: 1, count: 1, meanConfidence: 1, accuracy: 1 });
  });

  it.each([7, 10, 15, 49, 100])('puts a confidence on an edge into the bin below it, of %d', (numBins) => {
    for (let edge = Math.ceil(numBins / 2); edge <= numBins; edge++) {
      const confidence = edge / numBins;
      const { bins } = expectedCalibrationError([0], Float64Array.of(confidence, 1 - confidence), 2, { numBins });
      expect(bins.findIndex(({ count }) => count === 1)).toBe(edge - 1);
    }
  });

  it.each([7, 10, 15, 49, 100])('puts a confidence just above an edge into the bin above it, of %d', (numBins) => {
    for (let edge = Math.ceil(numBins / 2); edge < numBins; edge++) {
      const confidence = edge / numBins + Number.EPSILON / 2;
      const { bins } = expectedCalibrationError([0], Float64Array.of(confidence, 1 - confidence), 2, { numBins });
      expect(bins.findIndex(({ count }) => count === 1)).toBe(edge);
    }
  });

  it('takes the first of equally probable classes as the answer', () => {
    expect(expectedCalibrationError([0], Float64Array.of(0.5, 0.5), 2, { numBins: 1 }).bins[0].accuracy).toBe(1);
    expect(expectedCalibrationError([1], Float64Array.of(0.5, 0.5), 2, { numBins: 1 }).bins[0].accuracy).toBe(0);
  });

  it.each([0, 2.5, 10_001, NaN])('refuses %d bins', (numBins) => {
    expect(() => expectedCalibrationError([0], Float64Array.of(1, 0), 2, { numBins })).toThrow(
      new RangeError(`expectedCalibrationError: numBins must be an integer in [1, 10000], got ${numBins}`),
    );
  });

  it('refuses probabilities above 1', () => {
    expect(() => expectedCalibrationError([0], Float64Array.of(1.5, -0.5), 2)).toThrow(
      new RangeError(
        'expectedCalibrationError: probabilities must be in [0, 1], got 1.5 for sample 0, class 0; ' +
          'turn logits into probabilities first (softmax)',
      ),
    );
  });
});
