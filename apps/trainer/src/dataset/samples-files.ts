import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import * as v from 'valibot';
import { jsonObject, parseJson } from '../json.ts';
import { compareNames } from '@digits/data/node';

const digit = v.picklist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'be a digit from 0 to 9');
const number = v.pipe(v.number(), v.finite('be finite'));
const point = v.union(
  [v.strictTuple([number, number]), v.tuple([number, number, number])],
  'be [x, y] or [x, y, pressure]',
);
const drawings = v.array(v.object({ label: digit, strokes: v.array(v.array(point)) }));

const DIGITS_RULE = 'be a string of digits, rows separated by a blank';
const digits = v.pipe(v.string(DIGITS_RULE), v.regex(/^[\d ]+$/, DIGITS_RULE));

/** Kinds of labelled samples: drawings of one digit, pictures of one digit, pictures of several. */
export type SampleKind = 'strokes' | 'pictures' | 'strings';

/** A set of labelled samples. */
export interface SampleSet {
  readonly name: string;
  readonly kind: SampleKind;
  /** A strokes file, or a folder with `labels.json`. */
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

/**
 * Finds every set below a folder: a folder with `labels.json` is a set of pictures, of one digit each if its labels are numbers; any
 * other JSON file is a set of drawings.
 *
 * @returns sets named by their paths from the folder, in the order of their names
 * @throws Error if the folder cannot be read or holds no set
 */
export async function findSampleSets(folder: string): Promise<SampleSet[]> {
  let sets: UnnamedSet[];
  try {
    sets = await setsBelow(folder);
  } catch (cause) {
    throw new Error(`samples: FOLDER must be a readable folder of labelled samples, got ${folder}`, { cause });
  }
  if (sets.length === 0) {
    throw new Error(`samples: FOLDER must hold labels.json files or drawings as JSON, got none in ${folder}`);
  }
  return sets.map((set) => ({
    ...set,
    name:
      relative(folder, set.path)
        .split(sep)
        .join('/')
        .replace(/\.json$/, '') || '.',
  }));
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
