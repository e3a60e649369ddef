import type { ChannelFigures, Evaluation, PixelFigures } from '@digits/model';
import Table from 'cli-table3';

/** Formats the figures of one split as lines for people. */
export function formatFigures(evaluation: Evaluation): string {
  const { split, count, accuracy, accuracyInterval, macro, perClass } = evaluation;
  const [lower, upper] = accuracyInterval;
  const rows = perClass.map(({ name, precision, recall, f1, support }) => [
    name,
    ...[precision, recall, f1].map((value) => value.toFixed(4)),
    String(support),
  ]);
  return [
    `${split} accuracy ${percent(accuracy)} (95% interval ${percent(lower)} to ${percent(upper)}, ${count} images)`,
    `log loss ${evaluation.logLoss.toFixed(4)}, calibration error ${evaluation.ece.toFixed(4)}, ` +
      `macro precision ${macro.precision.toFixed(4)}, recall ${macro.recall.toFixed(4)}, F1 ${macro.f1.toFixed(4)}`,
    indent(formatTable([['class', 'precision', 'recall', 'F1', 'images'], ...rows])),
  ].join('\n');
}

/** What the two sets of pages that a network for pixels is measured on are called. */
export const PAGE_SETS = [
  ['validation', 'validation pages, with other kinds of paper and writing than in training'],
  ['trainingKinds', 'other pages with the kinds of paper and writing of the training'],
] as const satisfies readonly (readonly [keyof PixelFigures, string])[];

/** Formats the figures of a network for pixels as lines for people. */
export function formatPixelFigures(figures: PixelFigures): string {
  return PAGE_SETS.flatMap(([set, name]) => [
    `${formatCount(figures.count)} ${name}`,
    indent(formatTable([PIXEL_COLUMNS, ...figures[set].map(pixelRow)])),
  ]).join('\n');
}

/** Header of {@link pixelRow}. */
export const PIXEL_COLUMNS = ['channel', 'average precision', 'F1', 'precision', 'recall', 'threshold', 'positive'];

/** One channel's figures as cells of a table. */
export function pixelRow(figures: ChannelFigures): string[] {
  const { channel, averagePrecision, f1, precision, recall, threshold, positiveShare } = figures;
  return [
    channel,
    ...[averagePrecision, f1, precision, recall, threshold].map((value) => value.toFixed(4)),
    percent(positiveShare),
  ];
}

/** Parts of a table that cli-table3 draws lines with. */
const BORDERS = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
] as const;

/**
 * Formats rows as aligned columns without lines or colours, so that other programs can read them too.
 *
 * @param numLeft number of columns, from the first, that are aligned to the left
 * @returns lines without blanks at their ends and without a line break at the end
 */
export function formatTable(rows: readonly (readonly string[])[], numLeft = 0): string {
  const table = new Table({
    chars: { ...Object.fromEntries(BORDERS.map((part) => [part, ''])), middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: (rows.at(0) ?? []).map((_, column) => (column < numLeft ? 'left' : 'right')),
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replaceAll(/ +$/gm, '');
}

/** Indents every line by two blanks. */
export function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

/** Formats a share as `98.76%`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}

/** Formats a count as `12,858`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en');
}

/** Formats a duration as `7 s`, `3 min 20 s` or `1 h 5 min`; as `?` if it is not finite. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
