/**
 * Colours as CSS custom properties, each with a fallback that can be read on white and on black. Set the property on the SVG
 * or around it, one value a theme, and the same SVG serves both:
 *
 * - `--chart-ink` text, `--chart-muted` axis labels, `--chart-grid` lines behind the figures
 * - `--chart-1` to `--chart-4` series; `--chart-1` also stands for what is right, `--chart-2` for what is wrong
 * - `--chart-on-fill` text on a cell that is filled with a series' colour
 */
export const COLOURS = {
  ink: 'var(--chart-ink, currentColor)',
  muted: 'var(--chart-muted, #7a7f87)',
  grid: 'var(--chart-grid, #8080804d)',
  onFill: 'var(--chart-on-fill, #ffffff)',
  series: ['var(--chart-1, #2f6fe0)', 'var(--chart-2, #c8500f)', 'var(--chart-3, #16875d)', 'var(--chart-4, #9256d9)'],
} as const;

/** Size of all text but titles of axes, in units of the drawing; 1 unit is a pixel where it is shown as wide as it was made. */
export const FONT_SIZE = 12;

/** How an axis looks in every chart. */
export const AXIS_STYLE = {
  axisLine: { show: true, lineStyle: { color: COLOURS.grid } },
  axisTick: { show: false },
  splitLine: { show: true, lineStyle: { color: COLOURS.grid } },
  axisLabel: { color: COLOURS.muted, fontSize: FONT_SIZE },
  nameTextStyle: { color: COLOURS.muted, fontSize: FONT_SIZE },
} as const;

/** The colour of the series with that index; they repeat after the last. */
export function seriesColour(index: number): string {
  return COLOURS.series[index % COLOURS.series.length];
}

/** Makes a grid's rectangle hold the labels and names of its axes too. */
export const KEEP_LABELS = { outerBoundsMode: 'same', outerBoundsContain: 'all' } as const;

/** A row of names above the drawing, each with a dash of its series' colour. */
export const LEGEND_STYLE = {
  top: 4,
  left: 4,
  itemWidth: 16,
  itemHeight: 3,
  textStyle: { color: COLOURS.ink, fontSize: FONT_SIZE },
  selectedMode: false,
} as const;
