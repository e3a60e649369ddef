import { count, groupBy, markdownTable, median, percent, quantile, ratio } from './report.ts';

describe('markdownTable', () => {
  it('pads its columns, the first flush left', () => {
    const rows = [
      ['engine-simd', '21,000'],
      ['PyTorch', '8,000'],
    ];

    expect(markdownTable(['', 'batch 32'], rows)).toBe(
      [
        '|             | batch 32 |',
        '| ----------- | -------: |',
        '| engine-simd |   21,000 |',
        '| PyTorch     |    8,000 |',
      ].join('\n'),
    );
  });
});

describe('count', () => {
  it('sets thousands apart', () => {
    expect(count(12_345.6)).toBe('12,346');
  });
});

describe('ratio', () => {
  it('keeps about two digits', () => {
    expect([0.333, 1.86, 25.4].map(ratio)).toEqual(['0.33', '1.86', '25.4']);
  });
});

describe('percent', () => {
  it('rounds to whole ones', () => {
    expect(percent(1.104)).toBe('110%');
  });
});

describe('groupBy', () => {
  it('keeps groups in the order of their first item', () => {
    expect([...groupBy(['b1', 'a1', 'b2'], (item) => item[0])]).toEqual([
      ['b', ['b1', 'b2']],
      ['a', ['a1']],
    ]);
  });
});

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
