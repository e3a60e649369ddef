import type { Stroke } from '@digits/data';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One labelled drawing. */
export interface LabelledStrokes {
  readonly label: number;
  readonly strokes: readonly Stroke[];
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
 * @throws Error naming the file and the first entry that is not so
 */
export async function readStrokesFile(path: string): Promise<LabelledStrokes[]> {
  const entries = await readJson(path);
  if (!Array.isArray(entries)) throw new Error(`samples: ${path} must hold an array, got ${typeof entries}`);
  return entries.map((entry: unknown, i): LabelledStrokes => {
    const { label, strokes } = (entry ?? {}) as Record<string, unknown>;
    if (!isDigit(label) || !isStrokes(strokes)) {
      throw new Error(
        `samples: ${path}: entry ${i} must be {label: 0..9, strokes: [[[x, y], ...], ...]}, got ${shorten(entry)}`,
      );
    }
    return { label, strokes };
  });
}

/**
 * Reads the `labels.json` of a folder of pictures of one digit each: file to digit.
 *
 * @throws Error naming the folder and the first label that is no digit
 */
export async function readLabelledPictures(folder: string): Promise<LabelledFile<number>[]> {
  return readLabels(folder, 'a digit', isDigit);
}

/**
 * Reads the `labels.json` of a folder of pictures of several digits: file to text, rows separated by a blank.
 *
 * @throws Error naming the folder and the first label that is no such text
 */
export async function readLabelledStrings(folder: string): Promise<LabelledFile<string>[]> {
  return readLabels(
    folder,
    'a text of digits',
    (label): label is string => typeof label === 'string' && /^[\d ]+$/.test(label),
  );
}

async function readLabels<Label>(
  folder: string,
  rule: string,
  isLabel: (label: unknown) => label is Label,
): Promise<LabelledFile<Label>[]> {
  const labels = await readJson(join(folder, 'labels.json'));
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    throw new Error(
      `samples: ${join(folder, 'labels.json')} must hold an object, file to label, got ${shorten(labels)}`,
    );
  }
  return Object.entries(labels).map(([file, label]: [string, unknown]) => {
    if (!isLabel(label)) {
      throw new Error(
        `samples: ${join(folder, 'labels.json')}: ${file} must have ${rule} as its label, got ${shorten(label)}`,
      );
    }
    return { file, path: join(folder, file), label };
  });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new Error(`samples: ${path} must be a readable JSON file`, { cause });
  }
}

function isDigit(label: unknown): label is number {
  return typeof label === 'number' && Number.isInteger(label) && label >= 0 && label <= 9;
}

function isStrokes(strokes: unknown): strokes is [number, number][][] {
  const isPoint = (point: unknown) =>
    Array.isArray(point) && point.length >= 2 && Number.isFinite(point[0]) && Number.isFinite(point[1]);
  return Array.isArray(strokes) && strokes.every((stroke: unknown) => Array.isArray(stroke) && stroke.every(isPoint));
}

function shorten(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
}
