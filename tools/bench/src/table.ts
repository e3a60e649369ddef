/**
 * Lays out rows as a Markdown table, padded so that it reads well as text too.
 *
 * @param head one title a column; the first column is flush left, the others flush right
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, 3, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Thousands apart: `12,345`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Two digits behind the point below ten, one above: `0.61`, `1.86`, `25.3`. */
export function ratio(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

/** `61%`. */
export function percent(fraction: number): string {
  return `${Math.round(fraction * 100)}%`;
}

/** Items of the same key together, groups and items in the order of their first and own appearance. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
