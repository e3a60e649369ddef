import type { Stroke } from '../drawing/stroke.ts';
import { drawStrokes } from '../drawing/rendering.ts';
import type { Picture } from '../picture.ts';

/** What a painted test picture looks like; colours are RGB in [0, 255], lengths in pixels. */
export interface Scene {
  readonly width?: number;
  readonly height?: number;
  /** Upper left corner of the digit's box. */
  readonly x?: number;
  readonly y?: number;
  /** How long 1 of the strokes' unit is. */
  readonly size?: number;
  readonly penWidth?: number;
  readonly paper?: readonly [number, number, number];
  readonly ink?: readonly [number, number, number];
  /** Share of the light that is lost in the darkest corner. */
  readonly shadow?: number;
  /** Share of the light that is left behind a straight edge across the picture. */
  readonly hardShadow?: number;
  /** Standard deviation in grey levels. */
  readonly noise?: number;
  /** Distance of level lines. */
  readonly ruled?: number;
  /** Distance of level and upright lines. */
  readonly squared?: number;
}

/** @returns a grey picture as RGBA, each pixel what the function says */
export function paintPicture(width: number, height: number, shade: (x: number, y: number) => number): Picture {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const value = shade(i % width, Math.floor(i / width));
    data.fill(value, i * 4, i * 4 + 3);
    data[i * 4 + 3] = 255;
  }
  return { data, width, height, channels: 4 };
}

/**
 * Paints strokes on paper, for tests: by default 100 pixels high, black on white, with a pen of 12 in 160x160.
 *
 * @param strokes in [0, 1]
 */
export function paintStrokes(strokes: readonly Stroke[], scene: Scene): Picture {
  const { width = 160, height = 160, x = 40, y = 30, size = 100, penWidth = 12 } = scene;
  const { paper = [255, 255, 255], ink = [0, 0, 0], noise = 0 } = scene;
  const placed = strokes.map((stroke) =>
    stroke.map(
      ([px, py]) => [x + penWidth / 2 + px * (size - penWidth), y + penWidth / 2 + py * (size - penWidth)] as const,
    ),
  );
  const coverage = drawStrokes(placed, width, height, () => penWidth / 2);
  const data = new Uint8ClampedArray(width * height * 4);
  let state = 1;
  const { imul } = Math;
  const random = (): number => (state = (imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  for (let i = 0; i < width * height; i++) {
    const column = i % width;
    const row = (i - column) / width;
    const share = coverage[i] / 255;
    for (let colour = 0; colour < 3; colour++) {
      const surface = isLine(scene, column, row) ? Math.min(paper[colour], [170, 190, 225][colour]) : paper[colour];
      const value = (surface * (1 - share) + ink[colour] * share) * lightAt(scene, column / width, row / height);
      // Three uniform numbers: nearly normal, with a variance of a quarter.
      data[i * 4 + colour] = value + (random() + random() + random() - 1.5) * 2 * noise;
    }
    data[i * 4 + 3] = 255;
  }
  return { data, width, height, channels: 4 };
}

function isLine({ ruled, squared }: Scene, column: number, row: number): boolean {
  if (ruled !== undefined && row % ruled === 0) return true;
  return squared !== undefined && (row % squared === 0 || column % squared === 0);
}

function lightAt({ shadow = 0, hardShadow = 1 }: Scene, x: number, y: number): number {
  return (1 - (shadow * (x + y)) / 2) * (x + 0.3 * y > 0.75 ? hardShadow : 1);
}
