import { describeAnswer } from './predictions-output.ts';

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
});
