import { mostProbableClasses, softmax } from './softmax.ts';

describe('softmax', () => {
  it('gives the probabilities of each row', () => {
    const probabilities = softmax(Float32Array.of(0, Math.log(3), 5, 5), 2);
    [0.25, 0.75, 0.5, 0.5].forEach((expected, i) => {
      expect(probabilities[i]).toBeCloseTo(expected, 7);
    });
  });

  it('divides by the temperature first', () => {
    expect(softmax(Float32Array.of(0, 2 * Math.log(3)), 2, 2)[1]).toBeCloseTo(0.75, 7);
  });

  it('takes logits of any size', () => {
    expect([...softmax(Float32Array.of(1e30, -1e30, 1e30, 0), 4)]).toEqual([0.5, 0, 0.5, 0]);
  });

  it('gives NaN where there is no answer, and nothing for no rows', () => {
    expect([...softmax(Float32Array.of(NaN, 1), 2)]).toEqual([NaN, NaN]);
    expect([...softmax(Float32Array.of(Infinity, 1), 2)][0]).toBeNaN();
    expect(softmax(new Float32Array(0), 10)).toHaveLength(0);
  });

  it('refuses a part of a row', () => {
    expect(() => softmax(new Float32Array(3), 2)).toThrow(
      new RangeError('softmax: logits must have a multiple of 2 values, got 3'),
    );
  });
});

describe('mostProbableClasses', () => {
  it('gives the first of the largest in each row', () => {
    expect([...mostProbableClasses(Float32Array.of(1, 3, 3, -1, -2, -3, 0, 0, 9), 3)]).toEqual([1, 0, 2]);
  });
});
