import type { Stroke } from '@digits/data';
import { useCallback, useEffect, useRef, useState } from 'react';
import { PEN_WIDTH } from '../drawing/ink.ts';
import type { Reading } from '../recognition/reading.ts';
import { createLatestReader, type LatestReader } from './latest-reader.ts';
import type { RecogniserState } from './use-recogniser.ts';

interface DrawingReading {
  /** Null where nothing is drawn. */
  readonly reading: Reading | null;
  /** Reads what is on the surface while a stroke is drawn. */
  readonly sketch: (strokes: readonly Stroke[]) => void;
}

/** Keeps reading a drawing while it changes. */
export function useDrawingReading(recogniser: RecogniserState, strokes: readonly Stroke[]): DrawingReading {
  const [reading, setReading] = useState<Reading | null>(null);
  const reader = useRef<LatestReader<readonly Stroke[]> | null>(null);
  const latest = useRef(strokes);

  const sketch = useCallback((next: readonly Stroke[]) => {
    if (next === latest.current) return;
    latest.current = next;
    if (next.length > 0) {
      reader.current?.read(next);
      return;
    }
    reader.current?.forget();
    setReading(null);
  }, []);

  useEffect(() => {
    if (recogniser.status !== 'ready') return;
    reader.current = createLatestReader(
      (next: readonly Stroke[]) => recogniser.recogniser.call('drawing', { strokes: next, penWidth: PEN_WIDTH }),
      setReading,
      reportError,
    );
    // What was drawn before the network was there.
    if (latest.current.length > 0) reader.current.read(latest.current);
    return () => reader.current?.forget();
  }, [recogniser]);

  useEffect(() => {
    sketch(strokes);
  }, [sketch, strokes]);
  return { reading, sketch };
}
