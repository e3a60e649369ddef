import type { Stroke } from '@digits/data';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

/** A point of the screen. */
export type ScreenPlace = readonly [x: number, y: number];

/** Where strokes in hundredths of the drawing surface lie on the screen. */
export async function placesOnSurface(page: Page, strokes: readonly Stroke[]): Promise<ScreenPlace[][]> {
  const box = await page.getByTestId('drawing-canvas').boundingBox();
  if (box === null) throw new Error('placesOnSurface: the drawing surface must be shown, got none');
  return strokes.map((stroke) =>
    stroke.map(([x, y]) => [box.x + (x / 100) * box.width, box.y + (y / 100) * box.height] as const),
  );
}

/**
 * Draws on the page's surface with a mouse that moves several times a frame, as real ones do: the browser gathers those moves
 * into one event.
 *
 * @param strokes in hundredths of the surface
 */
export async function drawWithQuickMouse(page: Page, strokes: readonly Stroke[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const sent: Promise<unknown>[] = [];
  const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', [x, y]: ScreenPlace) =>
    sent.push(session.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons: 1, clickCount: 1 }));
  for (const places of await placesOnSurface(page, strokes)) {
    send('mousePressed', places[0]);
    for (const place of places.slice(1)) send('mouseMoved', place);
    send('mouseReleased', places[places.length - 1]);
  }
  await Promise.all(sent);
  await session.detach();
}

/** Strokes of digits in hundredths of the surface. */
export const SEVEN: readonly Stroke[] = [
  [
    [28, 22],
    [70, 20],
    [58, 46],
    [46, 84],
  ],
];
export const ONE: readonly Stroke[] = [
  [
    [50, 15],
    [50, 85],
  ],
];
/** A 4 of two strokes. */
export const FOUR: readonly Stroke[] = [
  [
    [38, 18],
    [26, 56],
    [72, 54],
  ],
  [
    [58, 32],
    [56, 86],
  ],
];
/** A one, a seven and a one, side by side. */
export const ONE_SEVEN_ONE: readonly Stroke[] = [
  [
    [18, 30],
    [18, 70],
  ],
  [
    [38, 30],
    [62, 29],
    [55, 48],
    [48, 70],
  ],
  [
    [84, 30],
    [84, 70],
  ],
];

/** Draws with the mouse as a hand does, from point to point. */
export async function drawWithMouse(page: Page, strokes: readonly Stroke[], movesPerPoint = 5): Promise<void> {
  for (const [first, ...rest] of await placesOnSurface(page, strokes)) {
    await page.mouse.move(...first);
    await page.mouse.down();
    for (const place of rest) await page.mouse.move(...place, { steps: movesPerPoint });
    await page.mouse.up();
  }
}

/** Draws with a finger. */
export async function drawWithFinger(page: Page, strokes: readonly Stroke[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const [first, ...rest] of await placesOnSurface(page, strokes)) {
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: readonly ScreenPlace[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: touchPoints.map(([x, y]) => ({ x, y })) });
    await touch('touchStart', [first]);
    let from = first;
    for (const to of rest) {
      for (const step of between(from, to, 6)) await touch('touchMove', [step]);
      from = to;
    }
    await touch('touchEnd', []);
  }
}

/** Draws with a pen that presses as firmly as it is told. */
export async function drawWithPen(page: Page, strokes: readonly Stroke[], force: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  for (const [first, ...rest] of await placesOnSurface(page, strokes)) {
    const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', [x, y]: ScreenPlace) =>
      session.send('Input.dispatchMouseEvent', {
        type,
        x,
        y,
        button: 'left',
        buttons: type === 'mouseReleased' ? 0 : 1,
        clickCount: 1,
        pointerType: 'pen',
        force: type === 'mouseReleased' ? 0 : force,
      });
    await send('mousePressed', first);
    let from = first;
    for (const to of rest) {
      for (const step of between(from, to, 6)) await send('mouseMoved', step);
      from = to;
    }
    await send('mouseReleased', from);
  }
}

function between(from: ScreenPlace, to: ScreenPlace, count: number): ScreenPlace[] {
  return Array.from({ length: count }, (_, i) => {
    const t = (i + 1) / count;
    return [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])] as const;
  });
}

/** Dark pixels of the surface: how much ink is on it. */
export function inkOnSurface(page: Page): Promise<number> {
  return page.getByTestId('drawing-canvas').evaluate(async (element) => {
    // Ink is drawn with the next frame.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const canvas = element as HTMLCanvasElement;
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    let count = 0;
    for (let i = 3; i < pixels.length; i += 4) if (pixels[i] > 127) count++;
    return count / (canvas.width * canvas.height);
  });
}

/** A drawing by somebody, and the digit that they were asked for. */
export interface LabelledDrawing {
  readonly label: number;
  readonly strokes: readonly Stroke[];
}

/** Real handwriting to measure with: beside the repository, or where `DIGITS_SAMPLES` says. It is never part of it. */
const SAMPLES_FOLDER =
  process.env.DIGITS_SAMPLES ?? fileURLToPath(new URL('../../../../../shared/samples', import.meta.url));

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
