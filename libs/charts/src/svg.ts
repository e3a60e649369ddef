import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, VisualMapComponent } from 'echarts/components';
import { type EChartsCoreOption, init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { FONT_SIZE } from './theme.ts';

/** What every chart takes. */
export interface ChartFrame {
  /** What the chart shows, in a few words: its name for those who hear it instead of seeing it. */
  readonly title: string;
  /** What can be read off the chart, in a sentence; each chart writes one of its own by default. */
  readonly description?: string;
  /** Width of the drawing's own coordinates, 120 to 4000, with text of 12; CSS may scale it. */
  readonly width?: number;
  /** Height of the drawing's own coordinates, 80 to 4000. */
  readonly height?: number;
}

/** A drawing before it is one. */
export interface Drawing {
  readonly caller: string;
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly option: EChartsCoreOption;
  /** Says what a mark stands for, by index of its series and of its datum; shown by browsers where the mark is pointed at. */
  readonly markTitle?: (series: number, datum: number) => string;
}

/**
 * Draws with ECharts, without a DOM, and tidies what it gives: no styles, scripts or classes, so that any content security policy
 * takes it; title and description; identifiers that depend on the content alone.
 */
export function renderSvg({ caller, title, description, width, height, option, markTitle }: Drawing): string {
  checkSize(caller, 'width', width, 120);
  checkSize(caller, 'height', height, 80);
  prepareLibrary();
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit', fontSize: FONT_SIZE }, ...option });
    const body = tidyBody(chart.renderToSVGString(), markTitle);
    const id = `chart-${hash(`${title}\n${description}\n${body}`)}`;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" ` +
      `aria-labelledby="${id}-title ${id}-description" font-family="inherit">\n` +
      `<title id="${id}-title">${escapeXml(title)}</title>\n` +
      `<desc id="${id}-description">${escapeXml(description)}</desc>\n` +
      `${body.replaceAll(/(id="|url\(#)clip(\d+)/g, `$1${id}-clip$2`)}\n</svg>`
    );
  } finally {
    chart.dispose();
  }
}

function checkSize(caller: string, name: string, value: number, min: number): void {
  if (!Number.isFinite(value) || value < min || value > 4000) {
    throw new RangeError(`${caller}: ${name} must be a number from ${min} to 4000, got ${value}`);
  }
}

/** Names the parts of ECharts that are used, so that a bundler leaves out the others. */
function prepareLibrary(): void {
  use([BarChart, HeatmapChart, LineChart, GridComponent, LegendComponent, VisualMapComponent, SVGRenderer]);
  setPlatformAPI({ measureText: estimateText });
}

/** Widths by Helvetica's, in parts of the font size: a page and Node must lay out alike, and only one of them could measure. */
function estimateText(text: string, font?: string): { width: number } {
  const size = Number(/(\d+(?:\.\d+)?)px/.exec(font ?? '')?.[1] ?? FONT_SIZE);
  let width = 0;
  for (const character of text) width += widthOf(character);
  return { width: width * size };
}

function widthOf(character: string): number {
  if (/[ijl.,:;'|!fIt/()[\]-]|\s/.test(character)) return 0.3;
  if (/[mwMW%@]/.test(character)) return 0.86;
  return /[A-Z]/.test(character) ? 0.69 : /[ -~]/.test(character) ? 0.556 : 1;
}

function tidyBody(svg: string, markTitle: Drawing['markTitle']): string {
  return svg
    .replace(/^<svg[^>]*>\s*/, '')
    .replace(/\s*<\/svg>\s*$/, '')
    .replace(/^<rect[^>]*fill="none"><\/rect>\s*/, '')
    .replaceAll(/<style[\s\S]*?<\/style>\s*/g, '')
    .replaceAll(/<defs\s*>/g, '<defs>')
    .replaceAll(/(id="|url\(#)zr\d+-c(\d+)/g, '$1clip$2')
    .replaceAll(/<path [^>]*fill-opacity="0"[^>]*><\/path>\s*/g, '')
    .replaceAll(/ style="([^"]*)"/g, (_, style: string) => fontAttributes(style))
    .replaceAll(MARK, (mark, series: string, datum: string) => {
      const text = mark.includes(LEGEND) ? '' : (markTitle?.(Number(series), Number(datum)) ?? '');
      return text === '' ? mark : `${mark}<title>${escapeXml(text)}</title>`;
    })
    .replaceAll(/ (class|pointer-events|ecmeta_[a-z_]+)="[^"]*"/g, '');
}

/** An element that stands for a datum, as ECharts marks it for scripts that we do not have. */
const MARK = /<path [^>]*ecmeta_series_index="(\d+)" ecmeta_data_index="(\d+)"[^>]*>/g;
const LEGEND = 'ecmeta_ssr_type="legend"';

/** A `style` attribute is refused by a strict content security policy, the same as attributes of their own are not. */
function fontAttributes(style: string): string {
  return style
    .split(';')
    .map((declaration) => declaration.split(':'))
    .filter(([name]) => name === 'font-size' || name === 'font-weight')
    .map(([name, value]) => ` ${name}="${value.replace('px', '')}"`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** FNV-1a: charts beside each other on a page must not share identifiers. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(36);
}
