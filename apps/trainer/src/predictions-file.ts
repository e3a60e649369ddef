import { mostProbableClasses } from '@digits/model';
import { writeFileSafely } from '@digits/model/node';
import { stringify } from 'csv-stringify/sync';
import { readFile } from 'node:fs/promises';

/** Name of the file in a run folder. */
export const PREDICTIONS_FILE = 'predictions.csv';

/** Answers to a labelled split, in its order. */
export interface Predictions {
  /** `[n]` the true classes. */
  readonly labels: Uint8Array;
  /** `[n, numClasses]` calibrated, 8 significant digits. */
  readonly probabilities: Float64Array;
}

const FIRST_COLUMNS = ['index', 'label', 'answer', 'confidence'];

/**
 * Writes answers as CSV: `index,label,answer,confidence` and a column of probabilities for each class, by the class's name.
 *
 * @throws Error of the file system
 */
export async function writePredictions(
  path: string,
  { labels, probabilities }: Predictions,
  classNames: readonly string[],
): Promise<void> {
  const numClasses = classNames.length;
  const answers = mostProbableClasses(probabilities, numClasses);
  const rows = Array.from(labels, (label, i) => {
    const row = probabilities.subarray(i * numClasses, (i + 1) * numClasses);
    return [i, label, answers[i], shorten(row[answers[i]]), ...Array.from(row, shorten)];
  });
  const header = [...FIRST_COLUMNS, ...classNames.map((name) => `probability of ${name}`)];
  await writeFileSafely(path, stringify([header, ...rows]));
}

const shorten = (value: number) => Number(value.toPrecision(8));

/**
 * Reads what {@link writePredictions} wrote.
 *
 * @returns null where there is no such file
 * @throws Error naming the line that is not as it must be
 */
export async function readPredictions(path: string, numClasses: number): Promise<Predictions | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const lines = text.trimEnd().split('\n').slice(1);
  const labels = new Uint8Array(lines.length);
  const probabilities = new Float64Array(lines.length * numClasses);
  lines.forEach((line, i) => {
    const values = line.split(',').map(Number);
    if (values.length !== FIRST_COLUMNS.length + numClasses || values.some((value) => !Number.isFinite(value))) {
      throw new Error(
        `${path}: line ${i + 2} must hold ${FIRST_COLUMNS.length + numClasses} numbers, got ${line.slice(0, 60)}`,
      );
    }
    labels[i] = values[1];
    probabilities.set(values.slice(FIRST_COLUMNS.length), i * numClasses);
  });
  return { labels, probabilities };
}
