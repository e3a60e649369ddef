import { checkFinite, type NumberFormat, showNumber } from './numbers.ts';
import { type ChartFrame, renderSvg } from './svg.ts';
import { AXIS_STYLE, COLOURS, FONT_SIZE, KEEP_LABELS } from './theme.ts';

/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Drawn in the colour for what stands out, e.g. the answer among the probabilities. */
  readonly highlighted?: boolean;
}

/** What {@link barChart} draws. */
export interface BarChartFigures extends ChartFrame {
  /** 1 to 256, from top to bottom. */
  readonly bars: readonly Bar[];
  readonly format?: NumberFormat;
  /** Where the axis begins; default 0. */
  readonly min?: number;
  /** Where the axis ends; default a round number beyond the largest value. */
  readonly max?: number;
}

const MAX_BARS = 256;
const BAR_HEIGHT = 24;
/** Beyond this, bars get no more room than their text needs. */
const MAX_ROOMY_BARS = 100;
const DENSE_BAR_HEIGHT = 15;

/**
 * Draws horizontal bars, each with its name and its value: probabilities, figures per class, times side by side.
 *
 * @returns an SVG element as text; higher the more bars there are, unless `height` is given
 * @throws RangeError where there are no bars or a value is not finite
 */
export function barChart(figures: BarChartFigures): string {
  const { bars, format = 'plain', min = 0, max, width = 420 } = figures;
  if (bars.length < 1 || bars.length > MAX_BARS)
    throw new RangeError(`barChart: bars must be 1 to ${MAX_BARS}, got ${bars.length}`);
  bars.forEach(({ name, value }) => {
    checkFinite(`barChart: "${name}"`, value);
  });
  const barHeight = bars.length > MAX_ROOMY_BARS ? DENSE_BAR_HEIGHT : BAR_HEIGHT;
  const longest = Math.max(...bars.map(({ value }) => showNumber(value, format).length));
  return renderSvg({
    caller: 'barChart',
    title: figures.title,
    description: figures.description ?? describe(bars, format),
    width,
    height: figures.height ?? Math.max(80, barHeight * bars.length + 16),
    markTitle: (_, datum) => `${bars[datum].name}: ${showNumber(bars[datum].value, format)}`,
    option: {
      grid: { left: 8, right: 16 + longest * FONT_SIZE * 0.6, top: 8, bottom: 8, ...KEEP_LABELS },
      xAxis: {
        ...AXIS_STYLE,
        type: 'value',
        min,
        ...(max !== undefined && { max }),
        axisLabel: { show: false },
        axisLine: { show: false },
        splitLine: { show: false },
      },
      yAxis: {
        ...AXIS_STYLE,
        type: 'category',
        inverse: true,
        splitLine: { show: false },
        data: bars.map(({ name }) => name),
        axisLabel: { ...AXIS_STYLE.axisLabel, color: COLOURS.ink, interval: 0 },
      },
      series: [
        {
          type: 'bar',
          silent: true,
          barCategoryGap: '30%',
          data: bars.map(({ value, highlighted = false }) => ({
            value,
            itemStyle: { color: COLOURS.series[highlighted ? 1 : 0], borderRadius: [0, 3, 3, 0] },
          })),
          label: {
            show: true,
            position: 'right',
            color: COLOURS.ink,
            fontSize: FONT_SIZE,
            formatter: ({ dataIndex }: { dataIndex: number }) => showNumber(bars[dataIndex].value, format),
          },
        },
      ],
    },
  });
}

function describe(bars: readonly Bar[], format: NumberFormat): string {
  return `${bars.map(({ name, value }) => `${name}: ${showNumber(value, format)}`).join(', ')}.`;
}
