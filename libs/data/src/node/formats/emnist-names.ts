import { problem } from './problem.ts';

/** One of EMNIST's sets: which classes its labels count. */
export interface EmnistSet {
  /** Name of the set: `letters`. */
  readonly name: string;
  /** The label of the first class. */
  readonly firstLabel: number;
  readonly classNames: readonly string[];
}

const DIGITS = Array.from('0123456789');
const UPPER = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const LOWER = Array.from('abcdefghijklmnopqrstuvwxyz');
/** The lower-case letters that do not look like upper-case ones. */
const MERGED = [...DIGITS, ...UPPER, ...Array.from('abdefghnqrt')];

/** EMNIST's sets with the classes of their mapping files. */
const SETS: readonly EmnistSet[] = [
  { name: 'balanced', firstLabel: 0, classNames: MERGED },
  { name: 'bymerge', firstLabel: 0, classNames: MERGED },
  { name: 'byclass', firstLabel: 0, classNames: [...DIGITS, ...UPPER, ...LOWER] },
  { name: 'digits', firstLabel: 0, classNames: DIGITS },
  { name: 'letters', firstLabel: 1, classNames: UPPER },
  { name: 'mnist', firstLabel: 0, classNames: DIGITS },
];

/**
 * Returns the set of EMNIST that a file belongs to by its name (`emnist-letters-train.csv`), or null.
 *
 * @see Cohen, Afshar, Tapson, van Schaik, "EMNIST: an extension of MNIST to handwritten letters", 2017, arXiv:1702.05373
 */
export function emnistSetOf(fileName: string): EmnistSet | null {
  const name = /^emnist-([a-z]+)-(train|test)\b/i.exec(fileName)?.[1].toLowerCase();
  return SETS.find((set) => set.name === name) ?? null;
}

/**
 * Counts EMNIST's labels from 0.
 *
 * @param whereIs returns the file and row of a label, for errors
 * @throws RangeError if a label is not one of the set's
 */
export function emnistLabels(
  { name, firstLabel, classNames }: EmnistSet,
  labels: ArrayLike<string | number>,
  whereIs: (index: number) => string,
): number[] {
  return Array.from(labels, (text, i) => {
    const label = Number(text) - firstLabel;
    if (text === '' || !Number.isInteger(label) || label < 0 || label >= classNames.length) {
      throw problem(
        whereIs(i),
        `have a label from ${firstLabel} to ${firstLabel + classNames.length - 1} as EMNIST ${name} has`,
        String(text),
      );
    }
    return label;
  });
}

/** Mirrors square images at their diagonal, as EMNIST stores them: rows become columns. */
export function transposed(pixels: Uint8Array, side: number): Uint8Array {
  const size = side * side;
  const result = new Uint8Array(pixels.length);
  for (let start = 0; start < pixels.length; start += size) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) result[start + y * side + x] = pixels[start + x * side + y];
    }
  }
  return result;
}
