/**
 * Describes what is wrong with a data set, in one line.
 *
 * @param file path of the file, with the row if there is one (`train.csv:17`)
 * @param rule what it must do or have, after "must"
 * @param found what it does or has
 * @param advice what to do about it
 */
export function problem(file: string, rule: string, found: string, advice?: string): RangeError {
  return new RangeError(
    `openStoredDataset: ${file} must ${rule}, got ${found}${advice === undefined ? '' : `; ${advice}`}`,
  );
}

const MAX_SHOWN = 40;

/** Quotes a value of a file for an error, cut if it is long. */
export function quoted(value: string): string {
  return `'${value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}...` : value}'`;
}

const MAX_LISTED = 12;

/** Lists names in one line, at most twelve. */
export function listed(names: readonly string[]): string {
  return names.length > MAX_LISTED ? `${names.slice(0, MAX_LISTED).join(', ')}, ...` : names.join(', ');
}
