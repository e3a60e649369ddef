import { barChart } from './bar-chart.ts';
import { confusionMatrixChart } from './confusion-matrix-chart.ts';
import { lineChart } from './line-chart.ts';
import { parseSvg } from './parsed-svg.fixture.ts';
import { reliabilityDiagram } from './reliability-diagram.ts';

const charts = [
  ['lineChart', (title: string) => lineChart({ title, series: [{ name: 'loss', values: [1, 0.5] }] })],
  ['confusionMatrixChart', (title: string) => confusionMatrixChart({ title, counts: [[1, 0], [2, 3]], classNames: ['a', 'b'] })], // prettier-ignore
  ['reliabilityDiagram', (title: string) => reliabilityDiagram({ title, bins: [{ lower: 0, upper: 1, count: 2, meanConfidence: 0.9, accuracy: 0.5 }] })], // prettier-ignore
  ['barChart', (title: string) => barChart({ title, bars: [{ name: 'seven', value: 0.9, highlighted: true }] })],
] as const;

describe.each(charts)('%s', (_, draw) => {
  const svg = draw('Figures of <run> & "more"');

  it('is one well-formed image with a name and a description for those who cannot see it', () => {
    const { root, title, description } = parseSvg(svg);
    expect(root.tagName).toBe('svg');
    expect(root.getAttribute('role')).toBe('img');
    expect(title).toBe('Figures of <run> & "more"');
    expect(description).toMatch(/\.$/);
    const names = (root.getAttribute('aria-labelledby') ?? '').split(' ');
    expect(parseSvg(svg).attributes('id')).toEqual(expect.arrayContaining(names));
    expect(names).toHaveLength(2);
  });

  it('takes every colour from CSS, so that it serves light and dark', () => {
    const { attributes } = parseSvg(svg);
    const colours = [...attributes('fill'), ...attributes('stroke')];
    expect(
      colours.filter((colour) => !/^(none|var\(--chart-[a-z\d-]+, (#[\da-f]{6,8}|currentColor)\))$/.test(colour)),
    ).toEqual(
      // The shape of a clip path is never seen.
      colours.filter((colour) => colour === '#000'),
    );
  });

  it('holds nothing that a strict content security policy refuses', () => {
    expect(svg).not.toMatch(/<style|<script| style=| class=| on[a-z]+=|CDATA/);
  });

  it('is the same text for the same figures, with other identifiers for other figures', () => {
    expect(draw('Figures of <run> & "more"')).toBe(svg);
    const ids = new Set(parseSvg(svg).attributes('id'));
    expect(
      parseSvg(draw('Another'))
        .attributes('id')
        .filter((id) => ids.has(id)),
    ).toEqual([]);
  });
});

describe('the size of a chart', () => {
  const bars = [{ name: 'a', value: 1 }];

  it('is that of its coordinates', () => {
    const { root } = parseSvg(barChart({ title: 'Bars', bars, width: 300, height: 200 }));
    expect(['width', 'height', 'viewBox'].map((name) => root.getAttribute(name))).toEqual([
      '300',
      '200',
      '0 0 300 200',
    ]);
  });

  it.each([
    [{ width: 10 }, 'barChart: width must be a number from 120 to 4000, got 10'],
    [{ height: NaN }, 'barChart: height must be a number from 80 to 4000, got NaN'],
  ])('is refused as %j', (size, message) => {
    expect(() => barChart({ title: 'Bars', bars, ...size })).toThrow(message);
  });
});
