import type { Stroke } from '@digits/data';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A drawing by somebody, and the digit that they were asked for. */
export interface LabelledDrawing {
  readonly label: number;
  readonly strokes: readonly Stroke[];
}

/** Real handwriting to measure with: beside the repository, or where `DIGITS_SAMPLES` says. It is never part of it. */
export const SAMPLES_FOLDER =
  process.env.DIGITS_SAMPLES ?? fileURLToPath(new URL('../../../../shared/samples', import.meta.url));

/** @returns null where there are none, with a line that says so */
export function readDrawings(): readonly LabelledDrawing[] | null {
  const file = join(SAMPLES_FOLDER, 'strokes', 'strokes.json');
  if (!existsSync(file)) {
    process.stderr.write(
      `skipped: drawings of real people must lie at ${file}, got none; DIGITS_SAMPLES names their folder\n`,
    );
    return null;
  }
  return JSON.parse(readFileSync(file, 'utf8')) as LabelledDrawing[];
}

/**
 * Moves a drawing to the middle of the surface.
 *
 * @returns strokes in hundredths of the surface, 62 on their longer side
 */
export function centred(strokes: readonly Stroke[]): Stroke[] {
  const xs = strokes.flatMap((stroke) => stroke.map(([x]) => x));
  const ys = strokes.flatMap((stroke) => stroke.map(([, y]) => y));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = 62 / Math.max(right - left, bottom - top, 1e-6);
  return strokes.map((stroke) =>
    stroke.map(([x, y]) => [50 + (x - (left + right) / 2) * scale, 50 + (y - (top + bottom) / 2) * scale] as const),
  );
}
