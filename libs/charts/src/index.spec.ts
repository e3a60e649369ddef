import { lineChart } from './index.ts';

describe('the example of the README', () => {
  it('gives an SVG element of the size that it names', () => {
    const svg = lineChart({
      title: 'Loss by epoch',
      series: [
        { name: 'training', values: [0.31, 0.12, 0.08] },
        { name: 'validation', values: [0.15, 0.09, 0.08] },
      ],
    });
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg" width="420" height="260"')).toBe(true);
  });
});
