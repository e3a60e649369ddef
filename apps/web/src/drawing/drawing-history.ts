import type { Stroke } from '@digits/data';

type Strokes = readonly Stroke[];

/** A drawing and the way there and back. */
export interface DrawingHistory {
  readonly strokes: Strokes;
  /** Earlier drawings, the latest last. */
  readonly past: readonly Strokes[];
  /** Drawings that were undone, the next last. */
  readonly future: readonly Strokes[];
}

export type DrawingAction =
  { readonly type: 'draw'; readonly strokes: Strokes } | { readonly type: 'undo' } | { readonly type: 'redo' };

export const EMPTY_HISTORY: DrawingHistory = { strokes: [], past: [], future: [] };

/** More steps than this are not remembered. */
const MAX_STEPS = 200;

/** Gives the history after an action; the same one where there is nothing to do. */
export function reduceDrawing(history: DrawingHistory, action: DrawingAction): DrawingHistory {
  const { strokes, past, future } = history;
  switch (action.type) {
    case 'draw':
      if (action.strokes === strokes || (action.strokes.length === 0 && strokes.length === 0)) return history;
      return { strokes: action.strokes, past: [...past, strokes].slice(-MAX_STEPS), future: [] };
    case 'undo': {
      const previous = past.at(-1);
      if (previous === undefined) return history;
      return { strokes: previous, past: past.slice(0, -1), future: [...future, strokes] };
    }
    case 'redo': {
      const next = future.at(-1);
      if (next === undefined) return history;
      return { strokes: next, past: [...past, strokes], future: future.slice(0, -1) };
    }
  }
}
