import type { Kind } from './protocol.ts';
import type { Lane } from './race.ts';

/**
 * How far outcomes may lie apart, relative to the largest: logits differ by rounding only, losses drift apart as Adam
 * divides by tiny gradients in its first steps.
 */
const TOLERANCES: Readonly<Record<Kind, number>> = { predict: 1e-3, train: 2e-2 };

/**
 * Says which contestants did not compute what the first one did: a speed is worth nothing then.
 *
 * @returns a line for each that differs
 */
export function findDisagreements(lanes: readonly Lane[], kind: Kind): readonly string[] {
  const withOutcome = lanes.filter(({ outcome }) => outcome.length > 0);
  if (withOutcome.length === 0) return [];
  const [first, ...others] = withOutcome;
  return others.flatMap(({ contestant, outcome }) => {
    const distance = relativeDistance(outcome, first.outcome);
    if (distance <= TOLERANCES[kind]) return [];
    const [name, firstName] = [contestant.runner.name, first.contestant.runner.name];
    const what = kind === 'train' ? 'losses' : 'logits';
    return [`${name}: its ${what} differ from those of ${firstName} by ${(distance * 100).toFixed(1)}%`];
  });
}

/** max|a - b| / max|b|; infinite for different lengths and for what is not a number. */
export function relativeDistance(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Infinity;
  const largest = Math.max(...b.map(Math.abs));
  const distance = Math.max(...a.map((value, i) => Math.abs(value - b[i]))) / largest;
  return Number.isNaN(distance) ? Infinity : distance;
}
