import { ParallelChart } from 'echarts/charts';
import { ParallelComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { checkFinite, type NumberFormat, showNumber } from './numbers.ts';
import { type ChartFrame, renderSvg } from './svg.ts';
import { AXIS_STYLE, COLOURS, FONT_SIZE, LEGEND_STYLE, seriesColour } from './theme.ts';

/** One upright axis: numbers, on a logarithmic scale on request, or the names that its values may be. */
export type ParallelAxis =
  | { readonly name: string; readonly scale: 'linear' | 'log'; readonly format?: NumberFormat }
  | { readonly name: string; readonly categories: readonly string[] };

/** One line across all axes. */
export interface ParallelLine {
  /** Name that the legend has for this line and others of its colour. */
  readonly group: string;
  /** One value per axis: a number, or one of its names; null if the line skips the axis. */
  readonly values: readonly (number | string | null)[];
}

/** Input of {@link parallelCoordinatesChart}. */
export interface ParallelCoordinatesFigures extends ChartFrame {
  /** 2 to 20, from left to right. */
  readonly axes: readonly ParallelAxis[];
  /** 1 to 10,000. */
  readonly lines: readonly ParallelLine[];
  /** Every group, in the order of their colours; the lines of a later one are drawn over those of an earlier one. */
  readonly groups: readonly string[];
}

const MAX_AXES = 20;
const MAX_LINES = 10_000;
/** Beyond this, lines are thinner and fainter. */
const MAX_BOLD_LINES = 60;

/**
 * Draws one line per trial of a search across an axis per setting, to show which settings the good trials have in common.
 *
 * @returns an SVG element as text
 * @throws RangeError if there are too few or too many axes or lines, or a value does not belong on its axis
 */
export function parallelCoordinatesChart(figures: ParallelCoordinatesFigures): string {
  checkFigures(figures);
  use([ParallelChart, ParallelComponent]);
  const { title, axes, lines, groups, width = 960, height = 380 } = figures;
  const shown = groups.filter((group) => lines.some((line) => line.group === group));
  const style = lines.length > MAX_BOLD_LINES ? { width: 1, opacity: 0.45 } : { width: 1.5, opacity: 0.75 };
  const svg = renderSvg({
    caller: 'parallelCoordinatesChart',
    title,
    description: figures.description ?? describe(figures),
    width,
    height,
    option: {
      legend: { ...LEGEND_STYLE, data: shown.map((name) => ({ name, icon: 'roundRect' })) },
      parallel: { left: 60, right: 60, top: 64, bottom: 20 },
      parallelAxis: axes.map((axis, dim) => ({
        ...AXIS_STYLE,
        dim,
        name: axis.name,
        nameTextStyle: { color: COLOURS.ink, fontSize: FONT_SIZE },
        nameGap: 14,
        axisLine: { show: true, lineStyle: { color: COLOURS.muted } },
        ...('categories' in axis
          ? { type: 'category', data: axis.categories }
          : {
              type: axis.scale === 'log' ? 'log' : 'value',
              scale: true,
              splitNumber: 4,
              axisLabel: {
                ...AXIS_STYLE.axisLabel,
                formatter: (value: number) => showNumber(value, axis.format ?? 'plain'),
              },
            }),
      })),
      series: shown.map((group) => {
        const color = seriesColour(groups.indexOf(group));
        return {
          type: 'parallel',
          name: group,
          silent: true,
          itemStyle: { color },
          lineStyle: { color, ...style },
          data: lines.filter((line) => line.group === group).map(({ values }) => values.map((value) => value ?? '-')),
        };
      }),
    },
  });
  // ECharts leaves out missing numbers, but not missing names.
  return svg.replaceAll(/NaN NaN ?/g, '');
}

function checkFigures({ axes, lines, groups }: ParallelCoordinatesFigures): void {
  const caller = 'parallelCoordinatesChart';
  if (axes.length < 2 || axes.length > MAX_AXES) {
    throw new RangeError(`${caller}: axes must be 2 to ${MAX_AXES}, got ${axes.length}`);
  }
  if (lines.length < 1 || lines.length > MAX_LINES) {
    throw new RangeError(`${caller}: lines must be 1 to ${MAX_LINES}, got ${lines.length}`);
  }
  lines.forEach(({ group, values }, i) => {
    if (!groups.includes(group))
      throw new RangeError(`${caller}: lines[${i}].group must be one of groups, got "${group}"`);
    if (values.length !== axes.length) {
      throw new RangeError(
        `${caller}: lines[${i}] must have ${axes.length} values, one per axis, got ${values.length}`,
      );
    }
    values.forEach((value, at) => {
      if (value !== null) checkValue(`${caller}: lines[${i}].values[${at}]`, value, axes[at]);
    });
  });
}

function checkValue(where: string, value: number | string, axis: ParallelAxis): void {
  if ('categories' in axis) {
    if (typeof value === 'string' && axis.categories.includes(value)) return;
    throw new RangeError(`${where} must be one of the categories of "${axis.name}", got ${JSON.stringify(value)}`);
  }
  if (typeof value === 'string') throw new RangeError(`${where} must be a number on "${axis.name}", got "${value}"`);
  checkFinite(where, value);
  if (axis.scale === 'log' && value <= 0) {
    throw new RangeError(`${where} must be above 0 on the logarithmic "${axis.name}", got ${value}`);
  }
}

function describe({ axes, lines, groups }: ParallelCoordinatesFigures): string {
  const counts = groups
    .map((group) => ({ group, count: lines.filter((line) => line.group === group).length }))
    .filter(({ count }) => count > 0)
    .map(({ group, count }) => `${group}: ${count}`);
  return `${lines.length} lines across ${axes.map(({ name }) => name).join(', ')}. ${counts.join(', ')}.`;
}
