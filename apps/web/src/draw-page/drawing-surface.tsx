import type { Stroke, StrokePoint } from '@digits/data';
import { type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { drawInk, ERASER_RADIUS, eraseStrokes, SURFACE_SIDE } from './drawing.ts';
import styles from './paper.module.css';
import { useKeyboardPen } from './use-keyboard-pen.ts';

/** What the pointer does to the paper. */
export type Tool = 'pen' | 'eraser';

interface DrawingSurfaceProps {
  readonly strokes: readonly Stroke[];
  readonly tool: Tool;
  /** Whether the surface gives way to something else. */
  readonly hidden: boolean;
  /** Called while a stroke is drawn, with everything on the surface. */
  readonly onSketch: (strokes: readonly Stroke[]) => void;
  /** Called when the pen is lifted. */
  readonly onDraw: (strokes: readonly Stroke[]) => void;
  /** Called for a digit's key. */
  readonly onSample: (digit: number) => void;
  readonly onUndo: () => void;
  readonly onClear: () => void;
}

/** Which pointer draws, with what, and what the surface looks like meanwhile. */
interface Gesture {
  readonly pointerId: number;
  readonly isErasing: boolean;
  readonly before: readonly Stroke[];
  last: StrokePoint;
}

/** The paper: draws with mouse, touch, pen and keys. */
export function DrawingSurface(props: DrawingSurfaceProps) {
  const { strokes, tool, hidden, onSketch, onDraw } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const gesture = useRef<Gesture | null>(null);
  const [isSketching, setIsSketching] = useState(false);
  const { show, shown } = useInkCanvas(canvas, strokes);
  const sketch = useCallback(
    (next: readonly Stroke[]) => {
      show(next);
      onSketch(next);
    },
    [show, onSketch],
  );
  const pen = useKeyboardPen({ ...props, shown, sketch });

  const start = (event: PointerEvent<HTMLCanvasElement>) => {
    const isEraserEnd = event.button === 5;
    if (gesture.current !== null || (event.button !== 0 && !isEraserEnd)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const point = pointOf(event.nativeEvent, event.currentTarget);
    const before = strokes;
    gesture.current = { pointerId: event.pointerId, isErasing: isEraserEnd || tool === 'eraser', before, last: point };
    setIsSketching(true);
    sketch(gesture.current.isErasing ? eraseStrokes(before, point, point, ERASER_RADIUS) : [...before, [point]]);
  };
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    const current = gesture.current;
    if (current?.pointerId !== event.pointerId) return;
    const points = pointsOf(event.nativeEvent, event.currentTarget);
    sketch(points.reduce((next, point) => extend(next, current, point), shown()));
  };
  const end = (event: PointerEvent<HTMLCanvasElement>) => {
    if (gesture.current?.pointerId !== event.pointerId) return;
    gesture.current = null;
    setIsSketching(false);
    onDraw(shown());
  };

  useEffect(() => {
    if (hidden) gesture.current = null;
  }, [hidden]);

  const isEmpty = strokes.length === 0 && !isSketching && !pen.isDown;
  return (
    <div className={styles.frame} hidden={hidden}>
      <canvas
        ref={canvas}
        className={`${styles.canvas} ${tool === 'eraser' ? styles.erasing : ''}`}
        data-testid="drawing-canvas"
        tabIndex={0}
        role="application"
        aria-label="Drawing surface"
        aria-roledescription="drawing surface"
        aria-describedby="drawing-keys"
        onPointerDown={start}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
        onKeyDown={pen.onKeyDown}
        onBlur={pen.onBlur}
        onContextMenu={(event) => {
          event.preventDefault();
        }}
      />
      <p className={styles.hint} data-shown={isEmpty} aria-hidden="true">
        Draw a digit here
      </p>
      {pen.cursor !== null && (
        <svg className={styles.cursor} viewBox={`0 0 ${SURFACE_SIDE} ${SURFACE_SIDE}`} aria-hidden="true">
          <circle cx={pen.cursor[0]} cy={pen.cursor[1]} r={28} data-down={pen.isDown} />
        </svg>
      )}
    </div>
  );
}

function extend(strokes: readonly Stroke[], gesture: Gesture, point: StrokePoint): readonly Stroke[] {
  const { last, isErasing } = gesture;
  gesture.last = point;
  if (isErasing) return eraseStrokes(strokes, last, point, ERASER_RADIUS);
  const current = strokes[strokes.length - 1];
  return [...strokes.slice(0, -1), [...current, point]];
}

/** Browsers gather the moves of a frame into one event. */
function pointsOf(event: globalThis.PointerEvent, canvas: HTMLCanvasElement): StrokePoint[] {
  const coalesced = typeof event.getCoalescedEvents === 'function' ? event.getCoalescedEvents() : [];
  return (coalesced.length > 0 ? coalesced : [event]).map((each) => pointOf(each, canvas));
}

/** A mouse tells a pressure that means nothing, a finger mostly too. */
function pointOf(event: globalThis.PointerEvent, canvas: HTMLCanvasElement): StrokePoint {
  const { left, top, width } = canvas.getBoundingClientRect();
  const unit = (pixels: number): number => Math.round((pixels * SURFACE_SIDE * 10) / width) / 10;
  const place = [unit(event.clientX - left), unit(event.clientY - top)] as const;
  return event.pointerType === 'pen' ? [...place, event.pressure] : place;
}

interface InkCanvas {
  /** Shows other strokes than those given, until others are given. */
  readonly show: (strokes: readonly Stroke[]) => void;
  /** The strokes that are shown now. */
  readonly shown: () => readonly Stroke[];
}

/** Keeps a canvas showing strokes, sharp at any size and in the colour of its text. */
function useInkCanvas(canvas: RefObject<HTMLCanvasElement | null>, strokes: readonly Stroke[]): InkCanvas {
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
