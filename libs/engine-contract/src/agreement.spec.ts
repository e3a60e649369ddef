import { expectClose, expectCloseTensors, relativeDifference } from './agreement.ts';

describe('relativeDifference', () => {
  it.each([
    ['the same values', [1, -2], [1, -2], 0],
    ['the largest gap over the largest value', [1.5, -2], [1, -4], 0.5],
    ['the gap itself where all must be 0', [0.25, 0], [0, 0], 0.25],
    ['a NaN', [1, NaN], [1, 1], Infinity],
    ['two NaN', [NaN], [NaN], Infinity],
    ['fewer values', [1], [1, 1], Infinity],
    ['nothing', [], [], 0],
  ])('measures %s', (_, actual, expected, difference) => {
    expect(relativeDifference(actual, expected)).toBe(difference);
  });
});

describe('expectClose', () => {
  it('passes at the tolerance, and fails beyond it with what differed', () => {
    expect(() => {
      expectClose('losses', [1.25], [1], 0.25);
    }).not.toThrow();
    expect(() => {
      expectClose('losses', [1.5], [1], 0.25);
    }).toThrow(/"difference": 0\.5[^]*"what": "losses"/);
  });
});

describe('expectCloseTensors', () => {
  const kernel = { name: 'kernel', shape: [2], values: Float32Array.of(1, 2) };

  it('fails for another value, another shape, another name, and one tensor less', () => {
    const compare = (...tensors: (typeof kernel)[]) => {
      expectCloseTensors(tensors, [kernel], 1e-3);
    };
    expect(() => {
      compare(kernel);
    }).not.toThrow();
    expect(() => {
      compare({ ...kernel, values: Float32Array.of(1, 2.5) });
    }).toThrow('"difference": 0.25');
    expect(() => {
      compare({ ...kernel, shape: [1, 2] });
    }).toThrow('shape');
    expect(() => {
      compare({ ...kernel, name: 'bias' });
    }).toThrow('"name": "bias"');
    expect(() => {
      compare();
    }).toThrow('"name": "kernel"');
  });
});
