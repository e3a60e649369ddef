import { barChart } from './bar-chart.ts';
import { confusionMatrixChart } from './confusion-matrix-chart.ts';
import { lineChart } from './line-chart.ts';
import { parallelCoordinatesChart } from './parallel-coordinates-chart.ts';
import { parseSvg } from './parsed-svg.fixture.ts';
import { reliabilityDiagram } from './reliability-diagram.ts';

describe('lineChart', () => {
  const losses = [
    { name: 'training', values: [0.5, 0.25, 0.125] },
    { name: 'validation', values: [0.4, null, 0.2] },
  ];

  it('names its curves and says the value of each point', () => {
    const { texts, markTitles } = parseSvg(lineChart({ title: 'Loss', series: losses }));
    expect(texts).toEqual(expect.arrayContaining(['training', 'validation', 'epoch', '1', '3']));
    expect(markTitles).toEqual([
      'training, epoch 1: 0.5',
      'training, epoch 2: 0.25',
      'training, epoch 3: 0.125',
      'validation, epoch 1: 0.4',
      'validation, epoch 3: 0.2',
    ]);
  });

  it('puts lower values further down, evenly along the x axis', () => {
    const svg = lineChart({ title: 'Loss', series: [{ name: 'loss', values: [3, 2, 1] }] });
    const curve = /<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(svg);
    const [x1, y1, x2, y2, x3, y3] = (curve ?? []).slice(1).map(Number);
    expect(x2 - x1).toBeCloseTo(x3 - x2, 0);
    expect(y2 - y1).toBeCloseTo(y3 - y2, 0);
    expect(y3).toBeGreaterThan(y1);
  });

  it('draws one epoch alone, and a thousand', () => {
    expect(parseSvg(lineChart({ title: 'One', series: [{ name: 'a', values: [1] }] })).markTitles).toEqual([
      'a, epoch 1: 1',
    ]);
    const many = Array.from({ length: 1000 }, (_, i) => i);
    expect(parseSvg(lineChart({ title: 'Many', series: [{ name: 'a', values: many }] })).markTitles).toEqual([]);
  });

  it('writes shares in percent and small numbers with an exponent', () => {
    const series = [{ name: 'a', values: [0.9876, 0.0012] }];
    expect(parseSvg(lineChart({ title: 'A', series, format: 'percent' })).description).toBe(
      'a: 98.76% at epoch 1, 0.12% at epoch 2.',
    );
    expect(parseSvg(lineChart({ title: 'A', series, format: 'exponent' })).description).toBe(
      'a: 0.988 at epoch 1, 1.2e-3 at epoch 2.',
    );
  });

  it('draws curves whose values belong to places of their own', () => {
    const series = [
      { name: 'training', values: [4, 3, 2], xs: [1, 5, 9] },
      { name: 'validation', values: [2.5, 2], xs: [5, 10] },
    ];
    const { markTitles, texts } = parseSvg(lineChart({ title: 'Loss', series, xName: 'step' }));
    expect(markTitles).toEqual([
      'training, step 1: 4',
      'training, step 5: 3',
      'training, step 9: 2',
      'validation, step 5: 2.5',
      'validation, step 10: 2',
    ]);
    expect(texts).toEqual(expect.arrayContaining(['1', '10']));
  });

  it.each([
    [[1], 'lineChart: "a" must have 2 xs, one per value, got 1'],
    [[2, 2], 'lineChart: "a".xs must ascend, got 2 after 2'],
    [[1, NaN], 'lineChart: "a".xs[1] must be a finite number, got NaN'],
  ])('refuses the places %j', (xs, message) => {
    expect(() => lineChart({ title: 'Bad', series: [{ name: 'a', values: [1, 2], xs }] })).toThrow(message);
  });

  it('gives curves of one name one colour and one entry in the legend', () => {
    const series = ['kept', 'stopped', 'stopped'].map((name, i) => ({ name, values: [i, i + 1] }));
    const { texts, attributes } = parseSvg(lineChart({ title: 'A', series }));
    expect(texts.filter((text) => text === 'stopped')).toHaveLength(1);
    const strokes = attributes('stroke').filter((colour) => colour.startsWith('var(--chart-2'));
    expect(strokes.length).toBeGreaterThanOrEqual(2);
    expect(attributes('stroke').filter((colour) => colour.startsWith('var(--chart-3'))).toEqual([]);
  });

  it('marks a place on the x axis', () => {
    const { texts } = parseSvg(lineChart({ title: 'Loss', series: losses, mark: { x: 2, name: 'best epoch' } }));
    expect(texts).toContain('best epoch');
  });

  it.each([
    [[], 'lineChart: series must be 1 to 1000, got 0'],
    [[{ name: 'a', values: [] }], 'lineChart: "a" must have at least 1 value, got none'],
    [[{ name: 'a', values: [1, NaN] }], 'lineChart: "a"[1] must be a finite number, got NaN'],
  ])('refuses %j', (series, message) => {
    expect(() => lineChart({ title: 'Bad', series })).toThrow(message);
  });
});

describe('confusionMatrixChart', () => {
  const counts = [
    [980, 0],
    [3, 990],
  ];

  it('writes every count but zeros, with the true class down and the answer across', () => {
    const { texts, markTitles } = parseSvg(confusionMatrixChart({ title: 'Matrix', counts, classNames: ['0', '1'] }));
    expect(texts.filter((text) => /\d{3}|^3$/.test(text))).toEqual(['980', '3', '990']);
    expect(markTitles).toContain('3 of true class 1 answered as 0');
    expect(markTitles).toHaveLength(4);
  });

  it('says how many answers are right and where the mistakes are', () => {
    expect(parseSvg(confusionMatrixChart({ title: 'Matrix', counts, classNames: ['0', '1'] })).description).toBe(
      '1970 of 1973 answers are right. Most frequent mistakes: 1 answered as 0 (3).',
    );
  });

  it('says so where no answer is wrong', () => {
    const right = [[7, 0], [0, 5]]; // prettier-ignore
    expect(parseSvg(confusionMatrixChart({ title: 'Matrix', counts: right, classNames: ['0', '1'] })).description).toBe(
      '12 of 12 answers are right.',
    );
  });

  it.each([
    [16, 420, 16],
    [47, 900, 47],
    [256, 1130, 86],
  ])('gives %i classes a drawing of about %i, with %i names at each side', (numClasses, side, numNames) => {
    const counts = Array.from({ length: numClasses }, (_, y) =>
      Array.from({ length: numClasses }, (_, x) => (x === y ? 5 : 0)),
    );
    const svg = confusionMatrixChart({ title: 'Matrix', counts, classNames: counts.map((_, i) => `c${i}`) });
    expect(Number(/ width="(\d+)"/.exec(svg)?.[1])).toBeCloseTo(side, -2);
    const names = parseSvg(svg).texts.filter((text) => text.startsWith('c'));
    expect(names).toHaveLength(2 * numNames);
    expect(names).toEqual(expect.arrayContaining(['c0', `c${numClasses - 1}`]));
  });

  it('leaves room between the names of rows', () => {
    const counts = Array.from({ length: 47 }, (_, y) => Array.from({ length: 47 }, (_, x) => (x === y ? 5 : 0)));
    const svg = confusionMatrixChart({ title: 'Matrix', counts, classNames: counts.map((_, i) => `c${i}`) });
    const labels = [...svg.matchAll(/<text [^>]*text-anchor="end"[^>]*y?[^>]*>c\d+<\/text>/g)].map(([label]) => label);
    const sizes = labels.map((label) => Number(/font-size="(\d+)"/.exec(label)?.[1]));
    const places = labels.map((label) => Number(/translate\([\d.]+ ([\d.]+)\)/.exec(label)?.[1]));
    const rows = places.filter((place, i) => i < 47 && Number.isFinite(place));
    expect(rows.length).toBe(47);
    rows.slice(1).forEach((place, i) => {
      expect(place - rows[i]).toBeGreaterThanOrEqual(sizes[i]);
    });
  });

  it('shortens long names', () => {
    const { texts, markTitles } = parseSvg(
      confusionMatrixChart({ title: 'Matrix', counts, classNames: ['a name of many characters', 'b'] }),
    );
    expect(texts).toContain('a name of many …');
    expect(markTitles).toContain('3 of true class b answered as a name of many characters');
  });

  it('makes the largest mistake as strong as a class without mistakes', () => {
    const svg = confusionMatrixChart({ title: 'Matrix', counts: [[10, 0], [1, 9]], classNames: ['a', 'b'] }); // prettier-ignore
    const fills = [...svg.matchAll(/<path [^>]*fill="var\(--chart-([12]), [^"]*"(?: fill-opacity="([\d.]+)")?/g)];
    expect(fills.map(([, series, opacity]) => [series, opacity])).toEqual([
      ['1', undefined],
      ['2', undefined],
      ['1', '0.912'],
    ]);
  });

  it('takes an answer that is no class', () => {
    const { markTitles } = parseSvg(
      confusionMatrixChart({
        title: 'Matrix',
        counts: [[8, 1, 1], [0, 9, 1]], // prettier-ignore
        classNames: ['0', '1'],
        answerNames: ['0', '1', 'rejected'],
      }),
    );
    expect(markTitles).toContain('1 of true class 1 answered as rejected');
  });

  it.each([
    [[[1]], ['a'], 'confusionMatrixChart: classNames must be 2 to 256, got 1'],
    [[[1, 2]], ['a', 'b'], 'confusionMatrixChart: counts must have 2 rows, one a class name, got 1'],
    [[[1, 2], [3]], ['a', 'b'], 'confusionMatrixChart: counts[1] must have 2 columns, got 1'], // prettier-ignore
    [[[1, 2], [3, 0.5]], ['a', 'b'], 'confusionMatrixChart: counts[1][1] must be a whole number of at least 0, got 0.5'], // prettier-ignore
  ])('refuses %j', (bad, classNames, message) => {
    expect(() => confusionMatrixChart({ title: 'Bad', counts: bad, classNames })).toThrow(message);
  });
});

describe('reliabilityDiagram', () => {
  const bins = [
    { lower: 0, upper: 0.5, count: 0, meanConfidence: null, accuracy: null },
    { lower: 0.5, upper: 1, count: 40, meanConfidence: 0.9, accuracy: 0.85 },
  ];

  it('says of each bin how many answers it has and how many of them are right', () => {
    const { markTitles, description, texts } = parseSvg(reliabilityDiagram({ title: 'Reliability', bins }));
    expect(markTitles).toContain('confidence 50% to 100%: 40 answers, 85% right, mean confidence 90%');
    expect(description).toBe(
      '40 answers. Of the most confident ones, confidence 50% to 100%: 40 answers, 85% right, mean confidence 90%.',
    );
    expect(texts).toEqual(expect.arrayContaining(['accuracy', 'mean confidence', 'answers', 'confidence']));
  });

  it('counts answers in thousands where there are so many', () => {
    const svg = reliabilityDiagram({ title: 'Reliability', bins: [{ ...bins[1], count: 12_500 }] });
    expect(parseSvg(svg).texts.filter((text) => text.endsWith('k')).length).toBeGreaterThan(0);
    expect(parseSvg(svg).texts).not.toContain('10000');
    expect(parseSvg(svg).description).toContain('12500 answers.');
  });

  it('draws a set without answers', () => {
    expect(parseSvg(reliabilityDiagram({ title: 'None', bins: [bins[0]] })).description).toBe('No answers.');
  });

  it('refuses a share above 1', () => {
    expect(() => reliabilityDiagram({ title: 'Bad', bins: [{ ...bins[1], accuracy: 85 }] })).toThrow(
      'reliabilityDiagram: bins[0].accuracy must be in [0, 1], got 85',
    );
  });

  it('refuses no bins', () => {
    expect(() => reliabilityDiagram({ title: 'Bad', bins: [] })).toThrow(
      'reliabilityDiagram: bins must be 1 to 50, got 0',
    );
  });
});

describe('barChart', () => {
  const bars = [
    { name: 'three', value: 0.25 },
    { name: 'eight', value: 0.75, highlighted: true },
  ];

  it('writes names and values from top to bottom', () => {
    const { texts, description } = parseSvg(barChart({ title: 'Probabilities', bars, format: 'percent' }));
    expect(texts).toEqual(['three', 'eight', '25%', '75%']);
    expect(description).toBe('three: 25%, eight: 75%.');
  });

  it('makes bars as long as their values, and highlights in the second colour', () => {
    const svg = barChart({ title: 'Probabilities', bars, max: 1 });
    const lengths = [...svg.matchAll(/<path d="M([\d.]+) [\d.]+L([\d.]+) [\d.]+A3 3[^>]*fill="var\(--chart-(\d)/g)];
    expect(lengths.map(([, , , colour]) => colour)).toEqual(['1', '2']);
    const radius = 3;
    const [short, long] = lengths.map(([, start, end]) => Number(end) - Number(start) + radius);
    expect(long / short).toBeCloseTo(3, 1);
  });

  it('draws 256 bars', () => {
    const many = Array.from({ length: 256 }, (_, i) => ({ name: `c${i}`, value: i }));
    expect(parseSvg(barChart({ title: 'Classes', bars: many })).texts).toHaveLength(512);
  });

  it('refuses no bars and values that are no numbers', () => {
    expect(() => barChart({ title: 'Bad', bars: [] })).toThrow('barChart: bars must be 1 to 256, got 0');
    expect(() => barChart({ title: 'Bad', bars: [{ name: 'a', value: Infinity }] })).toThrow(
      'barChart: "a" must be a finite number, got Infinity',
    );
  });
});

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

describe('parallelCoordinatesChart', () => {
  const axes = [
    { name: 'rate', scale: 'log' },
    { name: 'type', categories: ['sgd', 'adam'] },
    { name: 'accuracy', scale: 'linear', format: 'percent' },
  ] as const;
  const lines = [
    { group: 'others', values: [0.001, 'sgd', 0.9] },
    { group: 'others', values: [0.1, 'adam', 0.95] },
    { group: 'best', values: [0.01, 'adam', 1] },
  ];
  const groups = ['others', 'best'];

  it('names its axes and groups, and says how many lines each group has', () => {
    const { texts, description } = parseSvg(parallelCoordinatesChart({ title: 'Trials', axes, lines, groups }));
    expect(texts).toEqual(
      expect.arrayContaining(['rate', 'type', 'accuracy', 'others', 'best', 'sgd', 'adam', '100%']),
    );
    expect(description).toBe('3 lines across rate, type, accuracy. others: 2, best: 1.');
  });

  it('has a line per trial through its places, on a logarithmic axis too', () => {
    const svg = parallelCoordinatesChart({ title: 'Trials', axes, lines, groups, width: 600, height: 300 });
    const lineOf = /<polyline points="([^"]*)" fill="none" stroke="var\(--chart-(\d)/g;
    const found = [...svg.matchAll(lineOf)].map(([, points, colour]) => ({
      points: points.split(' ').map(Number),
      colour,
    }));
    expect(found.map(({ colour }) => colour)).toEqual(['1', '1', '2']);
    const places = found.map(({ points }) => points);
    const [low, high, middle] = places.map((place) => place[1]);
    expect(middle).toBeCloseTo((low + high) / 2, 0);
    // Higher values are further up.
    expect(high).toBeLessThan(low);
    expect(places.map((place) => [place[0], place[4]])).toEqual([[60, 540], [60, 540], [60, 540]]); // prettier-ignore
  });

  it('leaves out an axis on which a line has no value', () => {
    const svg = parallelCoordinatesChart({
      title: 'Trials',
      axes,
      groups,
      lines: [{ group: 'best', values: [0.1, null, 0.9] }],
    });
    expect(svg).toMatch(/<polyline points="60 [\d.]+ 900 [\d.]+" fill="none" stroke="var\(--chart-2/);
  });

  it.each([
    [{ lines: [] }, 'lines must be 1 to 10000, got 0'],
    [{ axes: axes.slice(0, 1) }, 'axes must be 2 to 20, got 1'],
    [{ lines: [{ group: 'x', values: [1, 'sgd', 1] }] }, 'lines[0].group must be one of groups, got "x"'],
    [{ lines: [{ group: 'best', values: [1, 'sgd'] }] }, 'lines[0] must have 3 values, one per axis, got 2'],
    [
      { lines: [{ group: 'best', values: [0, 'sgd', 1] }] },
      'values[0] must be above 0 on the logarithmic "rate", got 0',
    ],
    [
      { lines: [{ group: 'best', values: [1, 'rmsprop', 1] }] },
      'values[1] must be one of the categories of "type", got "rmsprop"',
    ],
    [{ lines: [{ group: 'best', values: [1, 'sgd', NaN] }] }, 'values[2] must be a finite number, got NaN'],
  ])('refuses %j', (change, message) => {
    expect(() => parallelCoordinatesChart({ title: 'Bad', axes, lines, groups, ...change })).toThrow(message);
  });
});
