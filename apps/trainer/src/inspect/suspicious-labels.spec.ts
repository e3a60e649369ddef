import { findSuspiciousLabels } from './suspicious-labels.ts';

describe('findSuspiciousLabels', () => {
  it('names a class that is as probable as it usually is, and puts the surest first', () => {
    const probabilities = Float64Array.of(
      0.9, 0.1, // labelled 0
      0.7, 0.3, // labelled 0
      0.05, 0.95, // labelled 0: 1 is as probable as among those labelled 1
      0.1, 0.9, // labelled 1
      0.8, 0.2, // labelled 1: 0 is more probable than among those labelled 0
      0.2, 0.8, // labelled 1
    ); // prettier-ignore
    expect(findSuspiciousLabels(Uint8Array.of(0, 0, 0, 1, 1, 1), probabilities, 2)).toEqual([
      { index: 2, label: 0, suggestion: 1, labelProbability: 0.05, probability: 0.95 },
      { index: 4, label: 1, suggestion: 0, labelProbability: 0.2, probability: 0.8 },
    ]);
  });

  it('suspects no class without images', () => {
    expect(findSuspiciousLabels(Uint8Array.of(0, 0), Float64Array.of(0.2, 0.8, 0.9, 0.1), 2)).toEqual([]);
  });

  /*
   * cleanlab 2.9.0: rng = numpy.random.default_rng(3); y = rng.integers(0, 3, 40); p = rng.dirichlet(numpy.ones(3) * .6, 40), with .5 added at
   * each label, divided by the sums, rounded to 2 places and divided again;
   * numpy.flatnonzero(cleanlab.filter.find_label_issues(y, p, filter_by='confident_learning', min_examples_per_class=1)).
   */
  it('finds what cleanlab finds', () => {
    const labels = Uint8Array.from('2000022100011100220011211111022220011220', Number);
    const percentages = [
      0,5,95, 55,0,45, 38,9,53, 72,20,7, 66,28,6, 17,39,43, 23,3,74, 21,47,32, 38,11,51, 34,6,61, 37,33,30, 21,61,18, 13,46,41,
      0,50,49, 86,4,10, 40,46,14, 50,12,38, 12,35,54, 82,3,15, 37,62,1, 19,77,4, 41,58,0, 1,65,33, 28,44,27, 39,44,17, 26,74,0,
      21,42,36, 16,59,26, 61,0,39, 50,16,35, 31,1,68, 7,39,53, 50,11,39, 36,2,63, 34,58,7, 30,54,16, 35,59,6, 0,19,81, 23,16,62, 45,1,54,
    ]; // prettier-ignore
    const found = findSuspiciousLabels(labels, normalised(percentages), 3).map(({ index }) => index);
    expect(found.sort((a, b) => a - b)).toEqual([9, 19, 22, 33, 34]);
  });
});

/** Rows of three that sum to 1. */
function normalised(values: readonly number[]): Float64Array {
  return Float64Array.from(values, (value, i) => {
    const row = values.slice(i - (i % 3), i - (i % 3) + 3);
    return value / row.reduce((sum, one) => sum + one, 0);
  });
}
