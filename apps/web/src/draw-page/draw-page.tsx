'use client';

import type { Stroke } from '@digits/data';
import type { Reading } from '@digits/reader';
import Link from 'next/link';
import { lazy, Suspense, useCallback, useReducer, useRef, useState } from 'react';
import { Button } from '../components/button.tsx';
import { Page } from '../components/page.tsx';
import { CANNOT_REJECT, forgetOwnModel } from '../own-model.ts';
import { Answer } from './answer.tsx';
import styles from './draw-page.module.css';
import { EMPTY_HISTORY, reduceDrawing } from './drawing.ts';
import { DrawingSurface, type Tool } from './drawing-surface.tsx';
import { KeyboardHelp, PictureInput, Samples, Toolbar, useDroppedFiles, useUndoKeys } from './inputs.tsx';
import paper from './paper.module.css';
import { type ReadyRecogniser, useDrawingReading, usePicture, useRecogniser } from './use-reading.ts';

// Not needed for the first answer to a drawing.
const PictureView = lazy(async () => ({ default: (await import('./picture-view.tsx')).PictureView }));
const Insight = lazy(async () => ({ default: (await import('./insight.tsx')).Insight }));

/** Draw a digit or open a picture, and see what the network makes of it. */
export function DrawPage() {
  const recogniser = useRecogniser();
  const [history, dispatch] = useReducer(reduceDrawing, EMPTY_HISTORY);
  const { strokes } = history;
  const [tool, setTool] = useState<Tool>('pen');
  const drawing = useDrawingReading(recogniser, strokes);
  const { picture, mode, open, readAs } = usePicture(recogniser);

  const draw = useCallback((next: readonly Stroke[]) => {
    dispatch({ type: 'draw', strokes: next });
  }, []);
  const undo = () => {
    dispatch({ type: 'undo' });
  };
  const redo = () => {
    dispatch({ type: 'redo' });
  };
  const clear = () => {
    draw([]);
  };
  useUndoKeys(undo, redo);
  const sample = useSamples(draw, () => {
    open(null);
  });
  const isOver = useDroppedFiles(open);

  const reading = picture === null ? drawing.reading : (picture.found?.reading ?? null);
  const [selected, setSelected] = useSelection(reading);

  return (
    <Page
      title="Draw a digit"
      intro="A neural network reads along as you write. It runs on your device, and nothing you draw leaves it."
      isStage
      className={isOver ? `${styles.page} ${styles.over}` : styles.page}
    >
      <div className={styles.stage}>
        <div className={styles.paper}>
          <DrawingSurface
            strokes={strokes}
            tool={tool}
            hidden={picture !== null}
            onSketch={drawing.sketch}
            onDraw={draw}
            onSample={sample}
            onUndo={undo}
            onClear={clear}
          />
          {picture !== null && (
            <Suspense fallback={<div className={paper.view} />}>
              <PictureView
                picture={picture}
                mode={mode}
                onMode={readAs}
                selected={selected}
                onSelect={setSelected}
                onClose={() => {
                  open(null);
                }}
              />
            </Suspense>
          )}
          {picture === null && (
            <Toolbar
              tool={tool}
              onTool={setTool}
              canUndo={history.past.length > 0}
              canRedo={history.future.length > 0}
              canClear={strokes.length > 0}
              onUndo={undo}
              onRedo={redo}
              onClear={clear}
            />
          )}
        </div>
        <div className={styles.side}>
          <Answer recogniser={recogniser} reading={reading} selected={selected} onSelect={setSelected} />
          {recogniser.status === 'ready' ? <ModelNote {...recogniser} /> : <p className={styles.note}>&nbsp;</p>}
        </div>
        <div className={styles.ways}>
          <Samples onSample={sample} />
          <PictureInput onFile={open} />
          <KeyboardHelp />
        </div>
      </div>
      <section className={styles.insight} aria-labelledby="insight-title">
        <h2 id="insight-title">What the network saw</h2>
        {recogniser.status === 'ready' && reading !== null ? (
          <Suspense fallback={<p className={styles.waiting}>Loading the picture of it.</p>}>
            <Insight files={recogniser.files} reading={reading} selected={selected} />
          </Suspense>
        ) : (
          <p className={styles.waiting}>
            Draw something, and its way to the answer appears here: each step of the preparation, the strokes that spoke
            for the answer, and what every layer made of it.
          </p>
        )}
      </section>
    </Page>
  );
}

/** Which digit of a reading is looked at; the first one again whenever there are others. */
function useSelection(reading: Reading | null): readonly [number, (index: number) => void] {
  const count = reading?.digits.length ?? 0;
  const [{ index, of }, setSelection] = useState({ index: 0, of: 0 });
  const select = (next: number) => {
    setSelection({ index: next, of: count });
  };
  return [of === count ? index : 0, select];
}

/** Writes sample digits, each by another hand than the one before. */
function useSamples(draw: (strokes: readonly Stroke[]) => void, onSample: () => void): (digit: number) => void {
  const count = useRef(0);
  return (digit) => {
    onSample();
    // The hands are loaded when they are asked for.
    void import('./sample-strokes.ts').then(({ sampleStrokes }) => {
      draw(sampleStrokes(digit, count.current++));
    });
  };
}

/** Says which network answers, and what it cannot do. */
function ModelNote({ ownModelName, facts }: Pick<ReadyRecogniser, 'ownModelName' | 'facts'>) {
  const limit = facts.knowsNonDigits ? '' : ` ${CANNOT_REJECT}`;
  if (ownModelName === null) {
    return (
      <p className={styles.note} data-testid="answering-model">
        Read by the{' '}
        <Link href="/model/" prefetch={false}>
          bundled network
        </Link>
        .{limit}
      </p>
    );
  }
  return (
    <p className={styles.own} data-testid="own-model">
      Read by your own network: {ownModelName}.{limit}{' '}
      <Link href="/model/" prefetch={false}>
        About it
      </Link>{' '}
      <Button
        look="quiet"
        onClick={() => {
          void forgetOwnModel().then(() => {
            location.reload();
          });
        }}
      >
        Use the bundled one
      </Button>
    </p>
  );
}
