import { checkFinite, type NumberFormat, showNumber } from './numbers.ts';
import { type ChartFrame, renderSvg } from './svg.ts';
import { AXIS_STYLE, COLOURS, FONT_SIZE, KEEP_LABELS, LEGEND_STYLE, seriesColour } from './theme.ts';

/** One curve. */
export interface LineSeries {
  /** Curves of the same name have the same colour, and one entry in the legend. */
  readonly name: string;
  /** One value for each place on the x axis from its first on; null leaves a gap. */
  readonly values: readonly (number | null)[];
  /** Places of the values on the x axis, in ascending order; default `firstX` and the whole numbers after it. */
  readonly xs?: readonly number[];
}

/** What {@link lineChart} draws. */
export interface LineChartFigures extends ChartFrame {
  /** 1 to 1000 curves of at most 8 names, whose colours follow the order in which they come. */
  readonly series: readonly LineSeries[];
  /** The x axis' name; default `epoch`. */
  readonly xName?: string;
  /** What the first value of each curve belongs to; default 1, the next is one more. */
  readonly firstX?: number;
  readonly format?: NumberFormat;
  /** Marks one place on the x axis, e.g. the epoch whose weights were kept. */
  readonly mark?: { readonly x: number; readonly name: string };
}

/** Beyond this, points would run into one another and the line alone is drawn. */
const MAX_POINTS_WITH_SYMBOL = 30;
/** Beyond this, a bold line would hide how much the values vary. */
const MAX_POINTS_OF_BOLD_LINE = 150;
/** Beyond this, curves are thin. */
const MAX_BOLD_LINES = 8;
const MAX_NAMES = 8;
const MAX_SERIES = 1000;

/**
 * Draws curves over epochs or steps: losses, accuracies, learning rates.
 *
 * @returns an SVG element as text
 * @throws RangeError if there are no curves or no values, one is not finite, or places do not ascend
 */
export function lineChart(figures: LineChartFigures): string {
  checkSeries(figures);
  const { series, xName = 'epoch', firstX = 1, format = 'plain', mark, width = 420, height = 260 } = figures;
  const places = series.map(({ values, xs }) => xs ?? values.map((_, i) => firstX + i));
  const [minX, maxX] = [Math.min(...places.map(([x]) => x)), Math.max(...places.map((xs) => xs[xs.length - 1]))];
  const names = [...new Set(series.map(({ name }) => name))];
  const hasLegend = names.length > 1;
  return renderSvg({
    caller: 'lineChart',
    title: figures.title,
    description: figures.description ?? describe(series, format, places, xName),
    width,
    height,
    markTitle: (index, datum) => {
      const { name, values } = series.at(index) ?? { name: '', values: [] };
      const value = values.at(datum) ?? null;
      return value === null ? '' : `${name}, ${xName} ${places[index][datum]}: ${showNumber(value, format)}`;
    },
    option: {
      grid: { left: 4, right: 16, top: hasLegend ? 34 : 10, bottom: 4, ...KEEP_LABELS },
      ...(hasLegend && {
        legend: { ...LEGEND_STYLE, data: names.map((name) => ({ name, icon: 'roundRect' })) },
      }),
      xAxis: {
        ...AXIS_STYLE,
        type: 'value',
        name: xName,
        nameLocation: 'middle',
        nameGap: 6,
        min: minX === maxX ? minX - 1 : minX,
        max: minX === maxX ? maxX + 1 : maxX,
        minInterval: 1,
        splitLine: { show: false },
      },
      yAxis: {
        ...AXIS_STYLE,
        type: 'value',
        scale: true,
        splitNumber: 4,
        axisLine: { show: false },
        axisLabel: { ...AXIS_STYLE.axisLabel, formatter: (value: number) => showNumber(value, format) },
      },
      series: [
        ...series.map(({ name, values }, i) => ({
          type: 'line',
          name,
          silent: true,
          data: values.map((value, datum) => [places[i][datum], value ?? '-']),
          showSymbol: values.length <= MAX_POINTS_WITH_SYMBOL,
          symbol: 'circle',
          symbolSize: series.length <= MAX_BOLD_LINES ? 5 : 3,
          lineStyle: {
            color: seriesColour(names.indexOf(name)),
            width: values.length <= MAX_POINTS_OF_BOLD_LINE && series.length <= MAX_BOLD_LINES ? 2 : 1,
          },
          itemStyle: { color: seriesColour(names.indexOf(name)) },
        })),
        ...(mark === undefined ? [] : [markSeries(mark, series)]),
      ],
    },
  });
}

/** A dashed line from top to bottom, drawn as a curve of its own: the legend does not name it. */
function markSeries(mark: { readonly x: number; readonly name: string }, series: readonly LineSeries[]) {
  const values = series.flatMap((one) => one.values.filter((value) => value !== null));
  const top = Math.max(...values);
  return {
    type: 'line',
    name: mark.name,
    silent: true,
    data: [
      [mark.x, Math.min(...values)],
      [mark.x, top],
    ],
    showSymbol: true,
    symbolSize: 0,
    lineStyle: { color: COLOURS.muted, width: 1, type: 'dashed' },
    label: {
      show: true,
      position: 'insideTopRight',
      color: COLOURS.muted,
      fontSize: FONT_SIZE - 1,
      formatter: ({ dataIndex }: { dataIndex: number }) => (dataIndex === 1 ? mark.name : ''),
    },
  };
}

function checkSeries({ series }: LineChartFigures): void {
  if (series.length < 1 || series.length > MAX_SERIES) {
    throw new RangeError(`lineChart: series must be 1 to ${MAX_SERIES}, got ${series.length}`);
  }
  const numNames = new Set(series.map(({ name }) => name)).size;
  if (numNames > MAX_NAMES) {
    throw new RangeError(`lineChart: series must have at most ${MAX_NAMES} names, got ${numNames}`);
  }
  for (const { name, values, xs } of series) {
    checkPlaces(name, values, xs);
    if (values.every((value) => value === null)) {
      throw new RangeError(`lineChart: "${name}" must have at least 1 value, got none`);
    }
    values.forEach((value, i) => {
      if (value !== null) checkFinite(`lineChart: "${name}"[${i}]`, value);
    });
  }
}

function checkPlaces(name: string, { length }: LineSeries['values'], xs: LineSeries['xs']): void {
  if (xs === undefined) return;
  if (xs.length !== length) {
    throw new RangeError(`lineChart: "${name}" must have ${length} xs, one per value, got ${xs.length}`);
  }
  xs.forEach((x, i) => {
    checkFinite(`lineChart: "${name}".xs[${i}]`, x);
    if (i > 0 && x <= xs[i - 1]) {
      throw new RangeError(`lineChart: "${name}".xs must ascend, got ${x} after ${xs[i - 1]}`);
    }
  });
}

function describe(
  series: readonly LineSeries[],
  format: NumberFormat,
  places: readonly (readonly number[])[],
  xName: string,
): string {
  return series
    .map(({ name, values }, index) => {
      const given = values.flatMap((value, i) => (value === null ? [] : [{ x: places[index][i], value }]));
      const [first, last] = [given[0], given[given.length - 1]];
      const start = `${name}: ${showNumber(first.value, format)} at ${xName} ${first.x}`;
      return first === last ? `${start}.` : `${start}, ${showNumber(last.value, format)} at ${xName} ${last.x}.`;
    })
    .join(' ');
}
