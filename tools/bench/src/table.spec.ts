import { count, groupBy, markdownTable, percent, ratio } from './table.ts';

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
