import { placesOnSurface, type ScreenPlace as Place } from '@digits/browser';
import type { Stroke } from '@digits/data';
import type { Page } from 'playwright-core';

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
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: readonly Place[]) =>
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
    const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', [x, y]: Place) =>
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

function between(from: Place, to: Place, count: number): Place[] {
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
