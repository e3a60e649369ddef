import { mostProbableClasses } from '@digits/model';
import { stringify } from 'csv-stringify/sync';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';

/** Name of the predictions in a run folder. */
export const PREDICTIONS_FILE = 'predictions.csv';

/** Answers to a labelled split, in its order. */
export interface Predictions {
  /** `[n]` names of the images: paths within the data set, or file and row; null in runs of earlier versions. */
  readonly names: readonly string[] | null;
  /** `[n]` the true classes. */
  readonly labels: Uint8Array;
  /** `[n, numClasses]` calibrated, 8 significant digits. */
  readonly probabilities: Float64Array;
}

const FIRST_COLUMNS = ['index', 'file', 'label', 'labelName', 'answer', 'answerName', 'confidence'];

/** Opens the name of a column of probabilities, before that of the class. */
const PROBABILITY = 'probability of ';

/**
 * Formats answers as CSV: place in the split, file, true class and answer as number and by name, confidence, and a column of
 * probabilities for each class, by the class's name.
 */
export function predictionsCsv({ names, labels, probabilities }: Predictions, classNames: readonly string[]): string {
  const numClasses = classNames.length;
  const answers = mostProbableClasses(probabilities, numClasses);
  const rows = Array.from(labels, (label, i) => {
    const row = probabilities.subarray(i * numClasses, (i + 1) * numClasses);
    const answer = answers[i];
    return [
      i,
      names?.[i] ?? '',
      label,
      classNames[label],
      answer,
      classNames[answer],
      shorten(row[answer]),
      ...Array.from(row, shorten),
    ];
  });
  const header = [...FIRST_COLUMNS, ...classNames.map((name) => `${PROBABILITY}${name}`)];
  return stringify([header, ...rows]);
}

const shorten = (value: number) => Number(value.toPrecision(8));

/**
 * Reads the CSV of {@link predictionsCsv}, that of earlier versions without file names too.
 *
 * @returns null if there is no such file
 * @throws Error naming the line that is not as it must be
 */
export async function readPredictions(path: string, numClasses: number): Promise<Predictions | null> {
  if (!existsSync(path)) return null;
  const text = await readFile(path, 'utf8');
  const [header = [], ...rows] = Papa.parse<string[]>(text, { skipEmptyLines: true }).data;
  const fileColumn = header.indexOf('file');
  const labelColumn = header.indexOf('label');
  const firstProbability = header.findIndex((name) => name.startsWith(PROBABILITY));
  if (labelColumn === -1 || firstProbability === -1 || header.length !== firstProbability + numClasses) {
    throw new Error(
      `${path}: line 1 must name label and ${numClasses} columns of probabilities, got ${header.join(',').slice(0, 60)}`,
    );
  }
  const labels = new Uint8Array(rows.length);
  const probabilities = new Float64Array(rows.length * numClasses);
  rows.forEach((row, i) => {
    const numbers = [row[labelColumn], ...row.slice(firstProbability)].map((cell) =>
      cell === '' ? NaN : Number(cell),
    );
    if (row.length !== header.length || numbers.some((value) => !Number.isFinite(value))) {
      throw new Error(
        `${path}: line ${i + 2} must hold ${header.length} values, the label and probabilities as numbers, got ${row.join(',').slice(0, 60)}`,
      );
    }
    labels[i] = numbers[0];
    probabilities.set(numbers.slice(1), i * numClasses);
  });
  return { names: fileColumn === -1 ? null : rows.map((row) => row[fileColumn]), labels, probabilities };
}
