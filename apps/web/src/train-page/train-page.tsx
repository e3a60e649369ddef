'use client';

import { MAX_THREADS } from '@digits/engine-simd';
import { useEffect, useSyncExternalStore } from 'react';
import { Button } from '../components/button.tsx';
import { exactPercent } from '../components/figures.ts';
import { Page } from '../components/page.tsx';
import { OutcomeView } from './outcome-view.tsx';
import { OwnModelSection } from './own-model-section.tsx';
import { currentRun, isUnderWay, noRun, type RunState, startRun, subscribeToRun } from './run-store.ts';
import { RunControls, RunView } from './run-view.tsx';
import styles from './train-page.module.css';
import { type PresetFacts, TrainingForm } from './training-form.tsx';

/** Train a network and watch it learn. */
export function TrainPage({ presets }: { readonly presets: readonly PresetFacts[] }) {
  const run = useSyncExternalStore(subscribeToRun, currentRun, noRun);
  const underWay = isUnderWay(run);
  useLeaveWarning(underWay);
  return (
    <Page
      title="Train a network"
      intro="Watch one learn to read, from random numbers to its test, on this device. Nothing leaves it, and the result is the command line’s to the last bit."
    >
      <div className={styles.stage} data-testid="run" data-phase={run.phase}>
        <div className={styles.panel}>
          {underWay ? (
            <RunControls run={run} />
          ) : (
            <TrainingForm presets={presets} latest={run.request} onStart={startRun} />
          )}
          <ThreadsNote />
        </div>
        <div className={styles.live}>
          {run.phase === 'failed' && (
            <p className={styles.failure} role="alert">
              {run.message}
            </p>
          )}
          {run.outcome !== null && run.request !== null && <OutcomeView request={run.request} outcome={run.outcome} />}
          {run.request === null ? <WhatToExpect /> : <RunView run={run} />}
        </div>
      </div>
      <OwnModelSection />
      <p role="status" className="visually-hidden">
        {announcement(run)}
      </p>
    </Page>
  );
}

const STEPS = [
  [
    'It loads',
    '60,000 handwritten digits of MNIST from this site, 10 MB, and sets some of them aside to check itself with.',
  ],
  ['It guesses and corrects', 'a batch of images at a time. The curves show how wrong it still is.'],
  [
    'It is asked',
    'about the digits set aside, all along: a table shows what it takes for what, and which ones fool it.',
  ],
  ['It is tested', 'once, at the end, on 10,000 digits it never saw. Then draw with it, or keep it as two files.'],
] as const;

function WhatToExpect() {
  return (
    <ol className={styles.steps}>
      {STEPS.map(([title, text]) => (
        <li key={title}>
          <h2>{title}</h2>
          <p>{text}</p>
        </li>
      ))}
    </ol>
  );
}

/** How many threads training has here, and how it could have more. */
function ThreadsNote() {
  const threads = useThreads();
  if (threads === null) return <p className={styles.note}>&nbsp;</p>;
  const { now, afterReload } = threads;
  return (
    <div className={styles.note} data-testid="threads" data-threads={now}>
      <p>
        Trains on {now === 1 ? '1 thread' : `${now} threads`} of this device.
        {now < afterReload && ` After a reload it can use ${afterReload}.`}
      </p>
      {now < afterReload && (
        <Button
          onClick={() => {
            location.reload();
          }}
        >
          Reload for {afterReload} threads
        </Button>
      )}
    </div>
  );
}

/** How many threads training can have here. */
interface Threads {
  readonly now: number;
  /** After a reload, where the service worker then sends what isolation needs; otherwise the same. */
  readonly afterReload: number;
}

/** @returns null in the exported page, which does not know yet */
function useThreads(): Threads | null {
  const now = useSyncExternalStore(never, countThreads, unknown);
  const afterReload = useSyncExternalStore(never, countThreadsAfterReload, unknown);
  return now === null || afterReload === null ? null : { now, afterReload };
}

function countThreads(): number {
  return crossOriginIsolated ? countCores() : 1;
}

function countThreadsAfterReload(): number {
  const worker = (navigator as { readonly serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  return worker?.controller ? countCores() : countThreads();
}

function countCores(): number {
  return Math.min(MAX_THREADS, navigator.hardwareConcurrency);
}

function never(): () => void {
  return () => {};
}

function unknown(): null {
  return null;
}

/** Browsers ask before a page is left whose run would be lost. */
function useLeaveWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return;
    const warn = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => {
      removeEventListener('beforeunload', warn);
    };
  }, [isNeeded]);
}

function announcement({ phase, epochs, outcome }: RunState): string {
  if (phase === 'done' && outcome !== null)
    return `Done: ${exactPercent(outcome.test.accuracy)} of the test digits right.`;
  if (phase === 'paused') return 'Training is paused.';
  if (phase === 'loading') return 'Training starts.';
  const last = epochs.at(-1);
  if (last === undefined) return '';
  return `Epoch ${last.epoch} done: ${exactPercent(last.validationAccuracy)} of the validation images right.`;
}
