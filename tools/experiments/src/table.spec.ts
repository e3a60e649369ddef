import { formatTable, percent } from './table.ts';

describe('formatTable', () => {
  it('sets the first column left and the others right', () => {
    const table = formatTable([
      ['kind', 'refused'],
      ['letters', '95%'],
      ['x', '100%'],
    ]);
    expect(table).toBe(
      ['| kind    | refused |', '| ------- | ------: |', '| letters |     95% |', '| x       |    100% |'].join('\n'),
    );
  });
});

describe('percent', () => {
  it('gives two decimals', () => {
    expect(percent(0.99534)).toBe('99.53%');
  });
});
