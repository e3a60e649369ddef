import { describeAnswer, notesOf, rowsOf } from './predictions-output.ts';

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

describe('rowsOf', () => {
  it('gives each of several digits a row with its probabilities', () => {
    const box = { x: 0, y: 0, width: 1, height: 1 };
    const digits = [answerOf({ 3: 1 }), answerOf({ 5: 0.75, 6: 0.25 }, true)].map((answer) => ({
      ...answer,
      runnerUp: 0,
      box,
    }));
    const rows = rowsOf({ ...NO_DIGITS, text: '3?', reason: null, digits });
    expect(rows).toEqual([
      ['a.png', 'multiple', '3?', 2, 1, 3, '3', 1, 'false', null, '', ...NAMES.map((name) => (name === '3' ? 1 : 0))],
      ['a.png', 'multiple', '3?', 2, 2, null, null, 0.75, 'true', 'notADigit', '', 0, 0, 0, 0, 0, 0.75, 0.25, 0, 0, 0],
    ]);
  });

  it('gives a file without digits, and one that cannot be read, a row too', () => {
    expect(rowsOf(NO_DIGITS)).toEqual([['a.png', 'multiple', '', 0, '', '', '', '', '', 'blank', '']]);
    expect(rowsOf({ file: 'a.png', error: 'broken' })).toEqual([['a.png', ...Array<string>(9).fill(''), 'broken']]);
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
