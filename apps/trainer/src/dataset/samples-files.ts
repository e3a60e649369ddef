import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { jsonObject, parseJson } from '../json.ts';

const digit = v.picklist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'be a digit from 0 to 9');
const number = v.pipe(v.number(), v.finite('be finite'));
const point = v.union(
  [v.strictTuple([number, number]), v.tuple([number, number, number])],
  'be [x, y] or [x, y, pressure]',
);
const drawings = v.array(v.object({ label: digit, strokes: v.array(v.array(point)) }));

const DIGITS_RULE = 'be a string of digits, rows separated by a blank';
const digits = v.pipe(v.string(DIGITS_RULE), v.regex(/^[\d ]+$/, DIGITS_RULE));

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
