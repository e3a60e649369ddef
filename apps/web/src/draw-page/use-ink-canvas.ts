import type { Stroke } from '@digits/data';
import { type RefObject, useCallback, useEffect, useRef } from 'react';
import { drawInk, SURFACE_SIDE } from '../drawing/ink.ts';

interface InkCanvas {
  /** Shows other strokes than those given, until others are given. */
  readonly show: (strokes: readonly Stroke[]) => void;
  /** The strokes that are shown now. */
  readonly shown: () => readonly Stroke[];
}

/** Keeps a canvas showing strokes, sharp at any size and in the colour of its text. */
export function useInkCanvas(canvas: RefObject<HTMLCanvasElement | null>, strokes: readonly Stroke[]): InkCanvas {
  const current = useRef(strokes);
  const frame = useRef(0);
  const paint = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      if (canvas.current !== null) paintInk(canvas.current, current.current);
    });
  }, [canvas]);
  const show = useCallback(
    (next: readonly Stroke[]) => {
      current.current = next;
      paint();
    },
    [paint],
  );
  const shown = useCallback(() => current.current, []);

  useEffect(() => {
    show(strokes);
  }, [show, strokes]);

  useEffect(() => {
    if (canvas.current === null) return;
    const resizes = new ResizeObserver(paint);
    resizes.observe(canvas.current);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', paint);
    return () => {
      resizes.disconnect();
      scheme.removeEventListener('change', paint);
      cancelAnimationFrame(frame.current);
    };
  }, [canvas, paint]);
  return { show, shown };
}

function paintInk(canvas: HTMLCanvasElement, strokes: readonly Stroke[]): void {
  const side = Math.round(canvas.clientWidth * devicePixelRatio);
  if (side === 0) return;
  if (canvas.width !== side) {
    canvas.width = side;
    canvas.height = side;
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, side, side);
  context.scale(side / SURFACE_SIDE, side / SURFACE_SIDE);
  context.strokeStyle = getComputedStyle(canvas).color;
  drawInk(context, strokes);
}
