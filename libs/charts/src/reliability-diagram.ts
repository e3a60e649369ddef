import { checkFinite, showNumber } from './numbers.ts';
import { type ChartFrame, renderSvg } from './svg.ts';
import { AXIS_STYLE, COLOURS, LEGEND_STYLE } from './theme.ts';

/** The answers whose confidence lies in one interval. */
export interface ReliabilityDiagramBin {
  /** In [0, 1]. */
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  /** In [0, 1]; null in an empty bin. */
  readonly meanConfidence: number | null;
  /** In [0, 1]; null in an empty bin. */
  readonly accuracy: number | null;
}

/** What {@link reliabilityDiagram} draws. */
export interface ReliabilityDiagramFigures extends ChartFrame {
  /** From low confidence to high, of equal width, 1 to 50. */
  readonly bins: readonly ReliabilityDiagramBin[];
}

interface FilledBin extends ReliabilityDiagramBin {
  readonly meanConfidence: number;
  readonly accuracy: number;
}

const ACCURACY = 'accuracy';
const CONFIDENCE = 'mean confidence';

/**
 * Draws how often answers of each confidence are right, above how many answers there are. Bars on the diagonal are
 * honest; below it the model claims too much, above it too little.
 *
 * @returns an SVG element as text
 * @throws RangeError where there are no bins or one has figures outside [0, 1]
 * @see https://arxiv.org/abs/1706.04599
 */
export function reliabilityDiagram(figures: ReliabilityDiagramFigures): string {
  const { bins, width = 420, height = 380 } = figures;
  checkBins(bins);
  const filled = bins.map((bin) => (isFilled(bin) ? bin : null));
  const names = bins.map(({ lower, upper }) => showNumber((lower + upper) / 2, 'percent'));
  const category = { ...AXIS_STYLE, type: 'category', data: names, splitLine: { show: false } };
  const share = { ...AXIS_STYLE, type: 'value', axisLine: { show: false }, splitNumber: 5 };
  const label = { ...AXIS_STYLE.axisLabel, formatter: (value: number) => showNumber(value, 'percent') };
  const split = height * 0.68;
  const left = 62;
  return renderSvg({
    caller: 'reliabilityDiagram',
    title: figures.title,
    description: figures.description ?? describe(bins),
    width,
    height,
    markTitle: (series, datum) => (series === 2 ? '' : describeBin(bins[datum])),
    option: {
      legend: { ...LEGEND_STYLE, data: [ACCURACY, CONFIDENCE].map((name) => ({ name, icon: 'roundRect' })) },
      grid: [
        { left, right: 12, top: 38, height: split - 50, outerBoundsMode: 'none' },
        { left, right: 12, top: split + 14, bottom: 42, outerBoundsMode: 'none' },
      ],
      xAxis: [
        { ...category, gridIndex: 0, axisLabel: { show: false } },
        {
          ...category,
          gridIndex: 1,
          name: 'confidence',
          nameLocation: 'middle',
          nameGap: 24,
          axisLabel: {
            ...AXIS_STYLE.axisLabel,
            interval: 0,
            formatter: (_: string, i: number) => tickText(bins, i),
          },
        },
      ],
      yAxis: [
        {
          ...share,
          gridIndex: 0,
          min: 0,
          max: 1,
          axisLabel: label,
          name: 'accuracy',
          nameLocation: 'middle',
          nameGap: 44,
          nameMoveOverlap: false,
        },
        {
          ...share,
          gridIndex: 1,
          splitNumber: 2,
          name: 'answers',
          nameLocation: 'middle',
          nameGap: 44,
          nameMoveOverlap: false,
          axisLabel: { ...AXIS_STYLE.axisLabel, formatter: shortCount },
        },
      ],
      series: [
        barSeries(
          0,
          ACCURACY,
          filled.map((bin) => bin?.accuracy ?? '-'),
          COLOURS.series[0],
        ),
        barSeries(
          1,
          'answers',
          bins.map(({ count }) => count),
          COLOURS.muted,
        ),
        {
          type: 'line',
          name: CONFIDENCE,
          silent: true,
          xAxisIndex: 0,
          yAxisIndex: 0,
          data: bins.map((bin) => bin.meanConfidence ?? (bin.lower + bin.upper) / 2),
          showSymbol: true,
          symbol: 'circle',
          symbolSize: 5,
          itemStyle: { color: COLOURS.series[1] },
          lineStyle: { color: COLOURS.series[1], width: 2, type: 'dashed' },
        },
      ],
    },
  });
}

function barSeries(axis: number, name: string, data: readonly (number | string)[], color: string) {
  return {
    name,
    type: 'bar',
    silent: true,
    xAxisIndex: axis,
    yAxisIndex: axis,
    data,
    barCategoryGap: '8%',
    itemStyle: { color, opacity: 0.85, borderRadius: [2, 2, 0, 0] },
  };
}

/** Both ends and the middle are enough to read the axis by. */
function tickText(bins: readonly ReliabilityDiagramBin[], index: number): string {
  const isTick = index === 0 || index === bins.length - 1 || index * 2 === bins.length - 1;
  return isTick ? showNumber(Number(((bins[index].lower + bins[index].upper) / 2).toFixed(2)), 'percent') : '';
}

function shortCount(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toFixed(1))}k` : String(value);
}

function isFilled(bin: ReliabilityDiagramBin): bin is FilledBin {
  return bin.meanConfidence !== null && bin.accuracy !== null && bin.count > 0;
}

function checkBins(bins: readonly ReliabilityDiagramBin[]): void {
  if (bins.length < 1 || bins.length > 50) {
    throw new RangeError(`reliabilityDiagram: bins must be 1 to 50, got ${bins.length}`);
  }
  bins.forEach((bin, i) => {
    for (const key of ['lower', 'upper', 'meanConfidence', 'accuracy'] as const) {
      const value = bin[key];
      if (value === null) continue;
      checkFinite(`reliabilityDiagram: bins[${i}].${key}`, value);
      if (value < 0 || value > 1) {
        throw new RangeError(`reliabilityDiagram: bins[${i}].${key} must be in [0, 1], got ${value}`);
      }
    }
  });
}

function describeBin(bin: ReliabilityDiagramBin): string {
  const range = `${showNumber(bin.lower, 'percent')} to ${showNumber(bin.upper, 'percent')}`;
  if (!isFilled(bin)) return `confidence ${range}: no answers`;
  const { count, accuracy, meanConfidence } = bin;
  return (
    `confidence ${range}: ${count} answers, ${showNumber(accuracy, 'percent')} right, ` +
    `mean confidence ${showNumber(meanConfidence, 'percent')}`
  );
}

function describe(bins: readonly ReliabilityDiagramBin[]): string {
  const filled = bins.filter(isFilled);
  if (filled.length === 0) return 'No answers.';
  const last = filled[filled.length - 1];
  return `${bins.reduce((sum, { count }) => sum + count, 0)} answers. Of the most confident ones, ${describeBin(last)}.`;
}
