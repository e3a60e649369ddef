import type { Box, FoundDigits, NoImageReason, PreparationStep, QuarterTurn } from '@digits/data';
import type { Explanation } from '@digits/model';

/** The digits of a picture, and how they were read. */
export interface PictureDigits extends FoundDigits {
  readonly mode: 'single' | 'multiple';
  readonly notice: 'severalDigits' | null;
  readonly orientation: QuarterTurn;
  /** `[rows][columns]`: index into `digits` of the digit in each cell of a grid, null if the cell is empty. */
  readonly cells?: readonly (readonly (number | null)[])[];
}

/** How many digits to look for: `single`, `multiple`, or `auto`, which decides from what the input shows. */
export type ReadingMode = 'auto' | 'single' | 'multiple';

/**
 * Why no digit was read: no image could be prepared ({@link NoImageReason}), or the model rejects everything that was found
 * (`notADigit`).
 */
export type RejectionReason = NoImageReason | 'notADigit';

/** One digit that was found, and the model's answer. */
export interface ReadDigit {
  /** Index of the most probable class, or null if the model rejects the image as not a digit. */
  readonly digit: number | null;
  /** Name of that class, or null if rejected. */
  readonly className: string | null;
  /** Index of the second most probable class. */
  readonly runnerUp: number;
  /** Calibrated probability of the most probable class, rejected or not. */
  readonly confidence: number;
  /** `[numClasses]`, summing to 1: the calibrated probability of each class, given that it is a digit. */
  readonly probabilities: readonly number[];
  /** Whether the model rejects the image as not a digit. */
  readonly rejected: boolean;
  /** Position in the input: pixels of the image, or the unit of the strokes (their points, without the pen's width). */
  readonly box: Box;
  /** Row of writing, counted from 0 at the top. */
  readonly row: number;
  /** `[28, 28]` uint8, white on black: the network's input. */
  readonly image: Uint8Array;
  /** Whether the image shows the ink of digits that touch this one, too. */
  readonly isTouching: boolean;
  /** Intermediate images of this digit alone, after those of the whole input in {@link Reading.steps}. */
  readonly steps: readonly PreparationStep[];
  /** Evidence of each pixel, or null if `explain` was off. */
  readonly explanation: Explanation | null;
}

/** The digits read in an image or a drawing. Plain values that can be posted between threads. */
export interface Reading {
  /** How the input was read: as one digit, or as any number of digits. */
  readonly mode: Exclude<ReadingMode, 'auto'>;
  /** Class names in reading order, rows separated by a blank, `?` for a rejected digit. Empty if nothing was found. */
  readonly text: string;
  /** In reading order: rows from the top, each from the left. */
  readonly digits: readonly ReadDigit[];
  /** Why no digit was read; null if at least one was. */
  readonly reason: RejectionReason | null;
  /** What the reading leaves out: `severalDigits` if an image that was read as one digit shows several. */
  readonly notice: 'severalDigits' | null;
  /** How far the image must be turned clockwise to be upright, in degrees. Boxes count in the image as it came. */
  readonly orientation: QuarterTurn;
  /**
   * `[rows][columns]` if `grid` was asked for: the class name in each cell, `?` for a rejected digit, null for an empty cell.
   * Otherwise null.
   */
  readonly table: readonly (readonly (string | null)[])[] | null;
  /** Names of the model's classes, in the order of `probabilities`. */
  readonly classNames: readonly string[];
  /** Intermediate images of the whole input. If `digits` is empty, they show how far the preprocessing got. */
  readonly steps: readonly PreparationStep[];
}

/** One digit of a {@link ReadingJson}. */
export type DigitJson = Omit<ReadDigit, 'image' | 'isTouching' | 'steps' | 'explanation' | 'row'> & {
  /** `notADigit` if rejected, else null. */
  readonly reason: 'notADigit' | null;
};

/** A reading without its images, as the command line prints it and the service answers. */
export type ReadingJson = Pick<Reading, 'text' | 'reason' | 'notice' | 'orientation' | 'table'> & {
  readonly digits: readonly DigitJson[];
} & ({ readonly mode: 'multiple' } | ({ readonly mode: 'single' } & SingleAnswer));

/** The answer to a whole input that was read as one digit. */
export interface SingleAnswer {
  /** Index of the class, or null if there is no digit. */
  readonly digit: number | null;
  /** Name of the class, or null if there is no digit. */
  readonly className: string | null;
  /** Index of the second most probable class, or null if no image could be prepared. */
  readonly runnerUp: number | null;
  /** Calibrated probability of the most probable class. */
  readonly confidence: number;
  /** `[numClasses]`, summing to 1; uniform if no image could be prepared. */
  readonly probabilities: readonly number[];
  /** Whether there is no digit. */
  readonly rejected: boolean;
}

/**
 * Returns a reading as plain JSON, without images, steps and explanations. In mode `single`, the answer's fields are at the top
 * level too.
 */
export function readingToJson(reading: Reading): ReadingJson {
  const { mode, text, reason, notice, orientation, table, digits, classNames } = reading;
  const plain = digits.map(({ digit, className, runnerUp, confidence, probabilities, rejected, box }): DigitJson => ({
    digit,
    className,
    runnerUp,
    confidence,
    probabilities,
    rejected,
    reason: rejected ? 'notADigit' : null,
    box,
  }));
  if (mode === 'multiple') return { mode, text, reason, notice, orientation, table, digits: plain };
  const answer = singleAnswer(digits.at(0), classNames.length);
  return { mode, text, reason, notice, orientation, table, ...answer, digits: plain };
}

function singleAnswer(found: ReadDigit | undefined, numClasses: number): SingleAnswer {
  if (found !== undefined) {
    const { digit, className, runnerUp, confidence, probabilities, rejected } = found;
    return { digit, className, runnerUp, confidence, probabilities, rejected };
  }
  const confidence = 1 / numClasses;
  const probabilities = Array.from({ length: numClasses }, () => confidence);
  return { digit: null, className: null, runnerUp: null, confidence, probabilities, rejected: true };
}

/** Returns the classes of a row of probabilities, the most probable first; of equal ones the lower index. */
export function rankClasses(probabilities: readonly number[]): number[] {
  return probabilities.map((_, label) => label).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
}
