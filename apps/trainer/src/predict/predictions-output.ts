import type { NoImageReason } from '@digits/data';
import type { ReadingJson, SingleAnswer } from '@digits/reader';
import { stringify } from 'csv-stringify/sync';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { percent } from '../formats.ts';

/** Reading of one file, or the reason why it could not be read. */
export type FileAnswer = { readonly file: string } & (ReadingJson | { readonly error: string });

/** A CSV file that is written row by row. */
export interface AnswerTable {
  write(answer: FileAnswer): Promise<void>;
  close(): Promise<void>;
}

/**
 * Begins a CSV file of answers.
 *
 * @throws Error if it cannot be written
 */
export async function createAnswerTable(path: string, classNames: readonly string[]): Promise<AnswerTable> {
  const stream = createWriteStream(path);
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw new Error(`predict: --csv must be a file that can be written, got ${path}`, { cause });
  }
  const problem: { error?: Error } = {};
  stream.on('error', (error) => {
    problem.error = error;
  });
  const check = () => {
    if (problem.error !== undefined) {
      throw new Error(`predict: --csv must be a file that can be written, got ${path}`, { cause: problem.error });
    }
  };
  const writeRow = async (row: readonly unknown[]) => {
    check();
    if (!stream.write(stringify([row]))) await drained(stream);
  };
  await writeRow([...COLUMNS, ...classNames.map((name) => `probability of ${name}`)]);
  return {
    write: async (answer) => {
      for (const row of rowsOf(answer)) await writeRow(row);
    },
    close: async () => {
      stream.end();
      if (!stream.closed) await once(stream, 'close');
      check();
    },
  };
}

const COLUMNS = [
  'file',
  'mode',
  'text',
  'numDigits',
  'place',
  'digit',
  'className',
  'confidence',
  'rejected',
  'reason',
  'error',
];

/** Returns a row for each digit of a file, in reading order; one row for a file in which there is none. */
export function rowsOf(answer: FileAnswer): readonly (readonly unknown[])[] {
  if ('error' in answer) return [[answer.file, '', '', '', '', '', '', '', '', '', answer.error]];
  const { file, mode, text, digits, reason } = answer;
  const start = [file, mode, text, digits.length];
  if (mode === 'multiple') {
    if (digits.length === 0) return [[...start, '', '', '', '', '', reason, '']];
    return digits.map((digit, i) => [...start, i + 1, ...answerCells(digit)]);
  }
  return [[...start, digits.length === 0 ? '' : 1, ...answerCells(answer)]];
}

function answerCells({
  digit,
  className,
  confidence,
  rejected,
  reason,
  probabilities,
}: SingleAnswer & Pick<ReadingJson, 'reason'>) {
  return [digit, className, confidence, String(rejected), reason, '', ...probabilities];
}

/** Why nothing was read, in words. */
const NOTHING: Readonly<Record<NoImageReason, string>> = {
  blank: 'no ink was found',
  tooSmall: 'the picture has fewer than 4 pixels a side',
};

/** Describes an answer for people: one line, or one line per row of a table. */
export function describeAnswer(answer: FileAnswer, classNames: readonly string[]): string {
  if ('error' in answer) return `${answer.file}: error: ${answer.error}`;
  if (answer.table !== null) return [`${answer.file}:`, ...answer.table.map(describeRow)].join('\n');
  if (answer.reason !== null && answer.reason !== 'notADigit') {
    return `${answer.file}: no digit, because ${NOTHING[answer.reason]}`;
  }
  if (answer.mode === 'multiple') {
    const parts = answer.digits.map(({ className, confidence }) => `${className ?? '?'} ${percent(confidence)}`);
    return `${answer.file}: ${answer.text} (${parts.join(', ')})`;
  }
  const nameOf = (digit: number) => classNames[digit];
  const likeliest = answer.probabilities.indexOf(Math.max(...answer.probabilities));
  return answer.digit === null
    ? `${answer.file}: not a digit (most like ${nameOf(likeliest)})`
    : `${answer.file}: ${nameOf(answer.digit)} (${percent(answer.confidence)}${runnerUp(answer.probabilities, likeliest, nameOf)})`;
}

/** Returns a row of a table with `.` for an empty cell. */
function describeRow(cells: readonly (string | null)[]): string {
  return cells.map((cell) => cell ?? '.').join(' ');
}

const TURNS = {
  90: 'was turned clockwise by 90 degrees to read it',
  180: 'was turned upside down to read it',
  270: 'was turned counterclockwise by 90 degrees to read it',
} as const;

/** Says what was done to read a file, and what its answer leaves out, one line each. */
export function notesOf(answer: FileAnswer): string[] {
  if ('error' in answer) return [];
  const { file, orientation, notice } = answer;
  return [
    ...(orientation === 0 ? [] : [`${file}: the picture ${TURNS[orientation]}`]),
    ...(notice === null
      ? []
      : [`${file}: the picture seems to show several digits, and one was read; read all with --multiple`]),
  ];
}

/** A second digit less probable than this is not worth naming. */
const LEAST_RUNNER_UP = 0.05;

/** `, else 7 30.12%` where a shape is ambiguous, else nothing. */
function runnerUp(probabilities: readonly number[], likeliest: number, nameOf: (digit: number) => string): string {
  const others = probabilities.map((probability, digit) => (digit === likeliest ? 0 : probability));
  const second = Math.max(...others);
  return second < LEAST_RUNNER_UP ? '' : `, else ${nameOf(others.indexOf(second))} ${percent(second)}`;
}

/** Writes a line to standard output, no faster than it is read. */
export async function writeLine(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await drained(process.stdout);
}

/** Resolves when a stream takes more or never will; what became of it is for the caller to see. */
function drained(stream: Writable): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      stream.off('drain', end).off('close', end).off('error', end);
      done();
    };
    stream.on('drain', end).on('close', end).on('error', end);
    if (stream.destroyed || !stream.writableNeedDrain) end();
  });
}
