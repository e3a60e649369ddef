import type { Evaluation } from '@digits/model';

/** Figures of one split as lines for people. */
export function formatFigures(evaluation: Evaluation): string {
  const { split, count, accuracy, accuracyInterval, macro, perClass } = evaluation;
  const [lower, upper] = accuracyInterval;
  const width = Math.max(...perClass.map(({ name }) => name.length), 'class'.length);
  const rows = perClass.map(
    ({ name, precision, recall, f1, support }) =>
      `  ${name.padStart(width)}  ${[precision, recall, f1].map((value) => value.toFixed(4)).join('     ')}  ${String(support).padStart(7)}`,
  );
  return [
    `${split} accuracy ${percent(accuracy)} (95% interval ${percent(lower)} to ${percent(upper)}, ${count} images)`,
    `log loss ${evaluation.logLoss.toFixed(4)}, calibration error ${evaluation.ece.toFixed(4)}, ` +
      `macro precision ${macro.precision.toFixed(4)}, recall ${macro.recall.toFixed(4)}, F1 ${macro.f1.toFixed(4)}`,
    `  ${'class'.padStart(width)}  precision  recall     F1         images`,
    ...rows,
  ].join('\n');
}

/** `98.76%` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}
