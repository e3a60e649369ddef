import { compareNames } from '../picture-listing.ts';
import type { StoredSplitName } from '../stored-dataset.ts';
import { listed, problem, quoted } from './problem.ts';

/** Maximum number of classes: labels are stored as bytes. */
const MAX_CLASSES = 256;

/** A label as a file has it: a number, or the name of a class. */
export type LabelValue = number | string;

/** The labels of one split. */
export interface SplitLabels {
  readonly name: StoredSplitName;
  /** Path of the file, for errors. */
  readonly file: string;
  readonly values: readonly LabelValue[];
  /** Returns the file and row of a label, for errors. */
  readonly whereIs: (index: number) => string;
}

/** Labels as bytes, and the classes that they count. */
export interface EncodedLabels {
  readonly classNames: readonly string[];
  /** `[count]` each, in the order of the splits. */
  readonly labels: readonly Uint8Array[];
}

/**
 * Turns the labels of a data set into class indices. Whole numbers from 0 to 255 are indices already, and the classes are named by them.
 * Other numbers, and names, are classes in their order. Text that holds a number counts as that number.
 *
 * @param knownNames names of the classes that whole numbers count from 0, as a file declares them
 * @throws RangeError if a label is missing or not whole, if there are more than 256 classes, or if a class has no training image
 */
export function encodeLabels(splits: readonly SplitLabels[], knownNames?: readonly string[]): EncodedLabels {
  const parsed = splits.map((split) => ({ ...split, values: parseValues(split) }));
  const encoded = parsed.every(({ values }) => values.every((value) => typeof value === 'number'))
    ? encodeNumbers(parsed as readonly NumberLabels[], knownNames)
    : encodeNames(parsed, knownNames);
  if (encoded.classNames.length > MAX_CLASSES) throw tooMany(splits, encoded.classNames);
  requireTrained(splits, encoded);
  return encoded;
}

interface NumberLabels extends SplitLabels {
  readonly values: readonly number[];
}

/** A number in text is one only if all labels are. */
function parseValues(split: SplitLabels): readonly LabelValue[] {
  const trimmed = split.values.map((value) => (typeof value === 'string' ? value.trim() : value));
  trimmed.forEach((value, i) => {
    if (value === '' || Number.isNaN(value)) {
      throw problem(split.whereIs(i), 'have a label', 'none', 'fill it in or remove the row');
    }
  });
  const numbers = trimmed.map(Number);
  if (numbers.some((value) => !Number.isFinite(value))) return trimmed.map(String);
  numbers.forEach((value, i) => {
    if (!Number.isSafeInteger(value)) {
      throw problem(split.whereIs(i), 'have a whole number or a name as its label', String(value));
    }
  });
  return numbers;
}

function encodeNumbers(splits: readonly NumberLabels[], knownNames?: readonly string[]): EncodedLabels {
  const distinct = [...new Set(splits.flatMap(({ values }) => [...new Set(values)]))].sort((a, b) => a - b);
  if (knownNames !== undefined) {
    splits.forEach(({ values, whereIs }) => {
      const outside = values.findIndex((value) => value < 0 || value >= knownNames.length);
      if (outside !== -1) {
        throw problem(
          whereIs(outside),
          `have a label in [0, ${knownNames.length}), as there are ${knownNames.length} class names`,
          String(values[outside]),
        );
      }
    });
    return { classNames: knownNames, labels: splits.map(({ values }) => Uint8Array.from(values)) };
  }
  const areIndices = distinct.every((value) => value >= 0 && value < MAX_CLASSES);
  if (areIndices) {
    const numClasses = (distinct.at(-1) ?? -1) + 1;
    return {
      classNames: Array.from({ length: numClasses }, (_, label) => String(label)),
      labels: splits.map(({ values }) => Uint8Array.from(values)),
    };
  }
  return encodeInOrder(splits, distinct);
}

function encodeNames(splits: readonly SplitLabels[], knownNames?: readonly string[]): EncodedLabels {
  const names = splits.map((split) => ({ ...split, values: split.values.map(String) }));
  const distinct = [...new Set(names.flatMap(({ values }) => [...new Set(values)]))].sort(compareNames);
  if (knownNames === undefined) return encodeInOrder(names, distinct);
  const strange = distinct.find((name) => !knownNames.includes(name));
  if (strange === undefined) return encodeInOrder(names, knownNames);
  const split = names.find(({ values }) => values.includes(strange)) ?? names[0];
  throw problem(
    split.whereIs(split.values.indexOf(strange)),
    `have one of the class names (${listed(knownNames)}) as its label`,
    quoted(strange),
  );
}

function encodeInOrder<Value extends LabelValue>(
  splits: readonly (Omit<SplitLabels, 'values'> & { readonly values: readonly Value[] })[],
  classes: readonly Value[],
): EncodedLabels {
  const indices = new Map(classes.map((value, index) => [value, index]));
  return {
    classNames: classes.map(String),
    labels: splits.map(({ values }) => Uint8Array.from(values, (value) => indices.get(value) ?? 0)),
  };
}

function tooMany(splits: readonly SplitLabels[], classNames: readonly string[]): RangeError {
  return problem(
    splits[0].file,
    `have at most ${MAX_CLASSES} classes`,
    `${classNames.length} different labels (${listed(classNames)})`,
    'is this the label column?',
  );
}

/** A class without training images cannot be learnt, so its test images would all be wrong. */
function requireTrained(splits: readonly SplitLabels[], { classNames, labels }: EncodedLabels): void {
  const train = splits.findIndex(({ name }) => name === 'train');
  if (train === -1) return;
  const trained = new Set(labels[train]);
  splits.forEach(({ whereIs }, split) => {
    const index = labels[split].findIndex((label) => !trained.has(label));
    if (index !== -1) {
      throw problem(
        whereIs(index),
        'have a label that training images have too',
        quoted(classNames[labels[split][index]]),
        'add training images of this class, or remove it here',
      );
    }
  });
}
