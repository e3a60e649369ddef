import type { ReadingJson } from '@digits/reader';
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
    write: (answer) => writeRow(rowOf(answer)),
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
  'digit',
  'className',
  'confidence',
  'rejected',
  'reason',
  'error',
];

/** Returns the row of a file; what only a single digit has is empty for several. */
function rowOf(answer: FileAnswer): unknown[] {
  if ('error' in answer) return [answer.file, '', '', '', '', '', '', '', '', answer.error];
  const { file, mode, text, digits, reason } = answer;
  if (mode === 'multiple') return [file, mode, text, digits.length, '', '', '', '', reason, ''];
  const { digit, className, confidence, rejected, probabilities } = answer;
  return [
    file,
    mode,
    text,
    digits.length,
    digit,
    className,
    confidence,
    String(rejected),
    reason,
    '',
    ...probabilities,
  ];
}

/** Describes an answer in one line for people. */
export function describeAnswer(answer: FileAnswer, classNames: readonly string[]): string {
  if ('error' in answer) return `${answer.file}: error: ${answer.error}`;
  if (answer.mode === 'multiple') {
    const parts = answer.digits.map(({ className, confidence }) => `${className ?? '?'} ${percent(confidence)}`);
    return parts.length === 0
      ? `${answer.file}: no digits (${answer.reason ?? ''})`
      : `${answer.file}: ${answer.text} (${parts.join(', ')})`;
  }
  if (answer.reason !== null && answer.reason !== 'notADigit') return `${answer.file}: not a digit (${answer.reason})`;
  const nameOf = (digit: number) => classNames[digit];
  const likeliest = answer.probabilities.indexOf(Math.max(...answer.probabilities));
  return answer.digit === null
    ? `${answer.file}: not a digit (most like ${nameOf(likeliest)})`
    : `${answer.file}: ${nameOf(answer.digit)} (${percent(answer.confidence)}${runnerUp(answer.probabilities, likeliest, nameOf)})`;
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
