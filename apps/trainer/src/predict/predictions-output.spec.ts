import { describeAnswer, notesOf } from './predictions-output.ts';

const NAMES = Array.from({ length: 10 }, (_, digit) => String(digit));

/** An answer that gives these digits these probabilities. */
function answerOf(given: Readonly<Record<number, number>>, rejected = false) {
  const probabilities = NAMES.map((_, digit) => given[digit] ?? 0);
  const confidence = Math.max(...probabilities);
  const digit = rejected ? null : probabilities.indexOf(confidence);
  const className = digit === null ? null : String(digit);
  return {
    file: 'a.png',
    mode: 'single' as const,
    text: className ?? '?',
    digit,
    className,
    runnerUp: null,
    confidence,
    probabilities,
    rejected,
    reason: rejected ? ('notADigit' as const) : null,
    notice: null,
    orientation: 0 as const,
    table: null,
    digits: [],
  };
}

/** An answer of several digits in which none was found. */
const NO_DIGITS = {
  file: 'a.png',
  mode: 'multiple',
  text: '',
  reason: 'blank',
  notice: null,
  orientation: 0,
  table: null,
  digits: [],
} as const;

describe('describeAnswer', () => {
  it('gives the digit and how sure it is', () => {
    expect(describeAnswer(answerOf({ 7: 0.96, 1: 0.04 }), NAMES)).toBe('a.png: 7 (96.00%)');
  });

  it('names the second digit where the shape is ambiguous', () => {
    expect(describeAnswer(answerOf({ 1: 0.6, 7: 0.3, 2: 0.1 }), NAMES)).toBe('a.png: 1 (60.00%, else 7 30.00%)');
  });

  it('says what a refused picture is most like', () => {
    expect(describeAnswer(answerOf({ 4: 0.9, 9: 0.1 }, true), NAMES)).toBe('a.png: not a digit (most like 4)');
  });

  it('says why there is nothing to read', () => {
    expect(describeAnswer(NO_DIGITS, NAMES)).toBe('a.png: no digit, because no ink was found');
    const tiny = { ...answerOf({ 1: 1 }, true), reason: 'tooSmall' as const };
    expect(describeAnswer(tiny, NAMES)).toBe('a.png: no digit, because the picture has fewer than 4 pixels a side');
  });

  it('gives a table row by row, with points for empty cells', () => {
    const table = [
      ['5', null, '?'],
      [null, null, '1'],
    ];
    expect(describeAnswer({ ...NO_DIGITS, reason: null, table }, NAMES)).toBe('a.png:\n5 . ?\n. . 1');
  });
});

describe('notesOf', () => {
  it('has nothing to say of a file that was read as it is, or not at all', () => {
    expect(notesOf(answerOf({ 7: 1 }))).toEqual([]);
    expect(notesOf({ file: 'a.png', error: 'broken' })).toEqual([]);
  });

  it('says how the picture was turned', () => {
    const turned = [90, 180, 270] as const;
    expect(turned.map((orientation) => notesOf({ ...answerOf({ 7: 1 }), orientation }))).toEqual([
      ['a.png: the picture was turned clockwise by 90 degrees to read it'],
      ['a.png: the picture was turned upside down to read it'],
      ['a.png: the picture was turned counterclockwise by 90 degrees to read it'],
    ]);
  });

  it('says that one digit of several was read', () => {
    expect(notesOf({ ...answerOf({ 7: 1 }), notice: 'severalDigits' })).toEqual([
      'a.png: the picture seems to show several digits, and one was read; read all with --multiple',
    ]);
  });
});
