import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import * as v from 'valibot';
import { jsonObject, parseJson } from '../json.ts';
import { allStored, compareNames, MNIST, openStoredDataset, type StoredSplit } from '@digits/data/node';
import { readPicture } from '@digits/picture-files';
import type { Picture } from '@digits/data';
import { storedPicture } from './prepare-images.ts';

const digit = v.picklist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'be a digit from 0 to 9');
const number = v.pipe(v.number(), v.finite('be finite'));
const point = v.union(
  [v.strictTuple([number, number]), v.tuple([number, number, number])],
  'be [x, y] or [x, y, pressure]',
);
const drawings = v.array(v.object({ label: digit, strokes: v.array(v.array(point)) }));

const DIGITS_RULE = 'be a string of digits, rows separated by a blank';
const digits = v.pipe(v.string(DIGITS_RULE), v.regex(/^[\d ]+$/, DIGITS_RULE));

/** Kinds of labelled samples: drawings of one digit, pictures of one digit, pictures of several, a data set as `train` takes it. */
export type SampleKind = 'strokes' | 'pictures' | 'strings' | 'dataset';

/** A set of labelled samples. */
export interface SampleSet {
  readonly name: string;
  readonly kind: SampleKind;
  /** A strokes file, a folder with `labels.json`, or a data set. */
  readonly path: string;
}

/** One labelled picture file. */
export interface LabelledFile<Label> {
  readonly file: string;
  readonly path: string;
  readonly label: Label;
}

/**
 * Reads a strokes file: `[{label, strokes: [[[x, y], ...], ...]}]`, y down, any unit.
 *
 * @throws Error naming the file and the first value that is wrong
 */
export async function readStrokesFile(path: string): Promise<v.InferOutput<typeof drawings>> {
  return readSamples(path, drawings);
}

/**
 * Reads the `labels.json` of a folder of pictures of one digit each: file to digit.
 *
 * @throws Error naming the folder and the first label that is not a digit
 */
export async function readLabelledPictures(folder: string): Promise<LabelledFile<number>[]> {
  return readLabels(folder, digit);
}

/**
 * Reads the `labels.json` of a folder of pictures of several digits: file to text, rows separated by a blank.
 *
 * @throws Error naming the folder and the first label that is not such a text
 */
export async function readLabelledStrings(folder: string): Promise<LabelledFile<string>[]> {
  return readLabels(folder, digits);
}

/** Images of one digit each. */
export interface DigitImages {
  readonly count: number;
  /** `[count]` */
  readonly labels: readonly number[];
  /** `[count]`: an image's path within the data set, or its file and row. */
  readonly names: readonly string[];
  /** Decodes an image. */
  read(index: number): Promise<Picture>;
}

/**
 * Opens the test split of a data set of digits, or all of it if it has none.
 *
 * @throws Error if it is not a data set, or has classes other than the digits
 */
export async function openDigitImages(source: string): Promise<DigitImages> {
  const stored = await openStoredDataset(source);
  const digitOf = stored.classNames.map((name) => {
    if (!/^\d$/.test(name)) throw new Error(`samples: PATH must have the classes 0 to 9, got ${name} in ${source}`);
    return Number(name);
  });
  const splits: readonly StoredSplit[] = stored.splits.test === undefined ? allStored(stored) : [stored.splits.test];
  const all = splits.flatMap((split) => split.names.map((_, index) => ({ split, index })));
  return {
    count: all.length,
    labels: all.map(({ split, index }) => digitOf[split.labels[index]]),
    names: all.map(({ split, index }) => split.names[index]),
    read: async (place) => {
      const { split, index } = all[place];
      const { images } = split;
      if (images.form === 'pixels') return storedPicture(images, index);
      return (await readPicture(await images.read(index))).picture;
    },
  };
}

/**
 * Finds every set below a folder: a folder with `labels.json` is a set of pictures, of one digit each if its labels are numbers; any
 * other JSON file is a set of drawings. A path without any is a data set in one of the forms that `train` takes.
 *
 * @returns sets named by their paths from the folder, in the order of their names
 * @throws Error if the path cannot be read
 */
export async function findSampleSets(path: string): Promise<SampleSet[]> {
  if (path === MNIST) return [{ name: MNIST, kind: 'dataset', path }];
  let sets: UnnamedSet[];
  try {
    const isFolder = (await stat(path)).isDirectory();
    sets = isFolder ? await setsBelow(path) : path.endsWith('.json') ? [{ kind: 'strokes', path }] : [];
  } catch (cause) {
    throw new Error(`samples: PATH must be a readable file or folder of labelled samples, got ${path}`, { cause });
  }
  if (sets.length === 0) return [{ name: basename(path), kind: 'dataset', path }];
  const nameOf = (set: UnnamedSet) =>
    relative(path, set.path)
      .split(sep)
      .join('/')
      .replace(/\.json$/, '') || basename(path);
  return sets.map((set) => ({ ...set, name: nameOf(set) }));
}

type UnnamedSet = Omit<SampleSet, 'name'>;

async function setsBelow(folder: string): Promise<UnnamedSet[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  if (entries.some(({ name }) => name === 'labels.json')) {
    const labels = await readSamples(
      join(folder, 'labels.json'),
      v.pipe(jsonObject, v.record(v.string(), v.unknown())),
    );
    const kind = Object.values(labels).some((label) => typeof label === 'number') ? 'pictures' : 'strings';
    return [{ kind, path: folder }];
  }
  entries.sort((a, b) => compareNames(a.name, b.name));
  const sets: UnnamedSet[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sets.push(...(await setsBelow(path)));
    else if (entry.name.endsWith('.json')) sets.push({ kind: 'strokes', path });
  }
  return sets;
}

async function readLabels<Label extends string | number>(
  folder: string,
  label: v.GenericSchema<unknown, Label>,
): Promise<LabelledFile<Label>[]> {
  const labels = await readSamples(join(folder, 'labels.json'), v.pipe(jsonObject, v.record(v.string(), label)));
  return Object.entries(labels).map(([file, label]) => ({ file, path: join(folder, file), label }));
}

async function readSamples<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`samples: ${path} must be a readable JSON file`, { cause });
  }
  return parseJson(text, schema, `samples: ${path}`);
}
