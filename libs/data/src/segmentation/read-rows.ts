import type { NoImageReason, PreparationStep } from '../pictures/picture.ts';
import { classifyAll, type ClassifyImages } from './classification.ts';
import { chooseSegments, proposeSegments, type Part } from './segmentation.ts';

/** One digit of a picture or a drawing. */
export interface FoundDigit<Place> {
  /** Where it is. */
  readonly box: Place;
  /** Which row of writing it stands in, from 0 at the top. */
  readonly row: number;
  /** `[28, 28]` uint8, white on black. */
  readonly image: Uint8Array;
  /** `[numClasses]` as the classifier gave them; null where none was passed. */
  readonly probabilities: Float32Array | null;
  readonly steps: readonly PreparationStep[];
}

/** The digits of a picture or a drawing as they are read: rows from the top, each from the left. */
export interface FoundDigits<Place> {
  readonly digits: readonly FoundDigit<Place>[];
  /** Why there are none; null where there are some. */
  readonly reason: NoImageReason | null;
  /** What each step saw of the whole. */
  readonly steps: readonly PreparationStep[];
}

/** How digits are told apart. */
export interface DigitsOptions {
  /** Decides where neighbours touch or a digit fell apart. Without it, shapes and gaps decide alone. */
  readonly classify?: ClassifyImages | undefined;
}

/** A row of writing. */
export interface Row<P extends Part> {
  /** From left to right. */
  readonly parts: readonly P[];
  /** Of the row's digits, in the parts' unit. */
  readonly height: number;
}

/** What becomes of some parts of a row if they are one digit. */
export interface Candidate<Place> {
  readonly box: Place;
  /** `[28, 28]` uint8, or null where there is no ink. */
  readonly image: Uint8Array | null;
  readonly steps: readonly PreparationStep[];
}

/**
 * Reads rows of parts: every segment that could be a digit is prepared, all are classified in one call, and each row's
 * likeliest reading is chosen.
 *
 * @param caller what an error names
 * @param prepare makes the 28x28 of some neighbouring parts
 */
export async function readRows<P extends Part, Place>(
  caller: string,
  rows: readonly Row<P>[],
  prepare: (parts: readonly P[]) => Candidate<Place>,
  classify: ClassifyImages | undefined,
): Promise<FoundDigit<Place>[]> {
  const proposals = rows.map((row) => proposeSegments(row.parts, row.height));
  const candidates = rows.map(({ parts }, r) =>
    proposals[r].map(({ first, last }) => prepare(parts.slice(first, last + 1))),
  );
  const images = candidates.flat().map((candidate) => candidate.image);
  const answers = classify ? await classifyAll(caller, images, classify) : null;
  let offset = 0;
  return rows.flatMap(({ parts, height }, row) => {
    const segments = proposals[row];
    const start = offset;
    offset += segments.length;
    const confidences = answers?.confidences.slice(start, offset) ?? null;
    return chooseSegments(parts, height, segments, confidences).flatMap((segment) => {
      const index = segments.indexOf(segment);
      const { box, image, steps } = candidates[row][index];
      if (image === null) return [];
      return [{ box, row, image, probabilities: answers?.probabilities[start + index] ?? null, steps }];
    });
  });
}
