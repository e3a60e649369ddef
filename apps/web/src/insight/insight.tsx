'use client';

import type { Activation, Explanation, ModelFiles } from '@digits/model';
import { useEffect, useState } from 'react';
import type { ReadDigit, Reading } from '../recognition/reading.ts';
import { type InsightSource, startInsightSource } from '../workers/recogniser.ts';
import { Activations } from './activations.tsx';
import { Evidence } from './evidence.tsx';
import styles from './insight.module.css';
import { PreparationSteps } from './preparation-steps.tsx';

interface InsightProps {
  readonly files: ModelFiles;
  readonly reading: Reading;
  /** Which digit of the reading is looked at. */
  readonly selected: number;
}

/** What the network made of one image. */
interface Workings {
  readonly image: Uint8Array;
  readonly explanation: Explanation;
  readonly activations: readonly Activation[];
}

/** What the network saw on the way to its answer, and why it gave that. */
export function Insight({ files, reading, selected }: InsightProps) {
  const digit = useSettledDigit(reading.digits.at(selected) ?? null);
  const workings = useWorkings(files, digit?.image ?? null);
  if (digit === null) {
    return (
      <PreparationSteps
        steps={reading.steps}
        lead="The preparation ended here, before there was anything to show to the network."
      />
    );
  }
  return (
    <div className={styles.insight} data-testid="insight" data-settled={workings?.image === digit.image}>
      <PreparationSteps
        steps={digit.steps}
        lead="Size, place and thickness of the pen must not matter: every digit is brought to the same 28 by 28 pixels, as the ones that the network learnt from."
      />
      {workings !== null && (
        <>
          <Evidence image={workings.image} explanation={workings.explanation} rejected={digit.digit === null} />
          <Activations activations={workings.activations} />
        </>
      )}
    </div>
  );
}

/** The workings take longer than an answer: they wait until the pen rests. */
const SETTLE_MS = 300;

function useSettledDigit(digit: ReadDigit | null): ReadDigit | null {
  const [settled, setSettled] = useState(digit);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(digit);
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [digit]);
  return settled;
}

/** Asks a worker of its own, so that answers to the drawing never wait for it. */
function useWorkings(files: ModelFiles, image: Uint8Array | null): Workings | null {
  const [source, setSource] = useState<InsightSource | null>(null);
  const [workings, setWorkings] = useState<Workings | null>(null);
  useEffect(() => {
    const started = startInsightSource();
    let isWanted = true;
    started.call('load', files).then(() => {
      if (isWanted) setSource(started);
    }, reportError);
    return () => {
      isWanted = false;
      started.terminate();
    };
  }, [files]);
  useEffect(() => {
    if (source === null || image === null) return;
    let isWanted = true;
    Promise.all([source.call('explain', image), source.call('activations', image)]).then(
      ([explanation, activations]) => {
        if (isWanted) setWorkings({ image, explanation, activations });
      },
      reportError,
    );
    return () => {
      isWanted = false;
    };
  }, [source, image]);
  return workings;
}
