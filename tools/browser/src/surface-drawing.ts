import type { Stroke } from '@digits/data';
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
