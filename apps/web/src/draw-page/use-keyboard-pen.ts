import type { Stroke, StrokePoint } from '@digits/data';
import { type KeyboardEvent, useRef, useState } from 'react';
import { ERASER_RADIUS, eraseStrokes, SURFACE_SIDE } from './drawing.ts';

interface KeyboardPenOptions {
  readonly tool: 'pen' | 'eraser';
  /** The strokes that are shown now. */
  readonly shown: () => readonly Stroke[];
  readonly sketch: (strokes: readonly Stroke[]) => void;
  readonly onDraw: (strokes: readonly Stroke[]) => void;
  readonly onSample: (digit: number) => void;
  readonly onUndo: () => void;
  readonly onClear: () => void;
}

interface KeyboardPen {
  /** Where the pen is; null until a key moves it. */
  readonly cursor: StrokePoint | null;
  readonly isDown: boolean;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onBlur: () => void;
}

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** How far an arrow key moves the pen, and with Shift. */
const STEP = 25;
const LONG_STEP = 100;

const MIDDLE: StrokePoint = [SURFACE_SIDE / 2, SURFACE_SIDE / 2];

/** A pen that arrow keys move and the space bar puts down and lifts. */
export function useKeyboardPen(options: KeyboardPenOptions): KeyboardPen {
  const [cursor, setCursor] = useState<StrokePoint | null>(null);
  const [isDown, setIsDown] = useState(false);
  const from = useRef<StrokePoint>(MIDDLE);
  const { tool, shown, sketch, onDraw } = options;

  const lift = () => {
    if (!isDown) return;
    setIsDown(false);
    onDraw(shown());
  };
  const putDown = () => {
    setCursor(from.current);
    if (isDown) {
      lift();
      return;
    }
    setIsDown(true);
    sketch(
      tool === 'pen' ? [...shown(), [from.current]] : eraseStrokes(shown(), from.current, from.current, ERASER_RADIUS),
    );
  };
  const move = ([dx, dy]: readonly [number, number], step: number) => {
    const last = from.current;
    const next: StrokePoint = [clamp(last[0] + dx * step), clamp(last[1] + dy * step)];
    from.current = next;
    setCursor(next);
    if (!isDown) return;
    const strokes = shown();
    sketch(
      tool === 'pen'
        ? [...strokes.slice(0, -1), [...(strokes.at(-1) ?? [last]), next]]
        : eraseStrokes(strokes, last, next, ERASER_RADIUS),
    );
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, shiftKey } = event;
    if (Object.hasOwn(DIRECTIONS, key)) move(DIRECTIONS[key], shiftKey ? LONG_STEP : STEP);
    else if (key === ' ') putDown();
    else if (key === 'Escape') lift();
    else if (key === 'Backspace') options.onUndo();
    else if (key === 'Delete') options.onClear();
    else if (/^\d$/.test(key)) options.onSample(Number(key));
    else return;
    event.preventDefault();
  };
  return {
    cursor,
    isDown,
    onKeyDown,
    onBlur: () => {
      lift();
      setCursor(null);
    },
  };
}

function clamp(value: number): number {
  return Math.min(SURFACE_SIDE, Math.max(0, value));
}
