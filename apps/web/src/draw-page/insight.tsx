'use client';

import type { PreparationStep } from '@digits/data';
import type { Activation, Explanation, ModelFiles } from '@digits/model';
import { paintExplanation, type Reading } from '@digits/reader';
import { useEffect, useMemo, useState } from 'react';
import { PixelImage } from '../components/pixel-image.tsx';
import type { InsightCalls } from '../workers/insight-worker.ts';
import { type StartedWorker, startWorker } from '../workers/start-worker.ts';
import styles from './insight.module.css';
import { paintActivation } from './paint-activation.ts';

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
export function Insight(props: InsightProps) {
  const { files, reading, selected } = useSettled(props);
  const digit = reading.digits.at(selected) ?? null;
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
        steps={[...reading.steps, ...digit.steps]}
        lead="Size, place and thickness of the pen must not matter: every digit is brought to the same 28 by 28 pixels, as the ones that the network learnt from."
      />
      {workings !== null && (
        <>
          <Evidence workings={workings} classNames={reading.classNames} rejected={digit.rejected} />
          <Activations activations={workings.activations} />
        </>
      )}
    </div>
  );
}

/** The workings take longer than an answer: they wait until the pen rests. */
const SETTLE_MS = 300;

function useSettled({ files, reading, selected }: InsightProps): InsightProps {
  const [settled, setSettled] = useState({ files, reading, selected });
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled({ files, reading, selected });
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [files, reading, selected]);
  return settled;
}

/** Asks a worker of its own, so that answers to the drawing never wait for it. */
function useWorkings(files: ModelFiles, image: Uint8Array | null): Workings | null {
  const [source, setSource] = useState<StartedWorker<InsightCalls> | null>(null);
  const [workings, setWorkings] = useState<Workings | null>(null);
  useEffect(() => {
    const started = startWorker<InsightCalls>('insight-worker');
    let isWanted = true;
    started
      .call((worker) => worker.load(files))
      .then(() => {
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
    source
      .call((worker) => Promise.all([worker.explain(image), worker.activations(image)]))
      .then(([explanation, activations]) => {
        if (isWanted) setWorkings({ image, explanation, activations });
      }, reportError);
    return () => {
      isWanted = false;
    };
  }, [source, image]);
  return workings;
}

/** What each step of the preparation is called, and what it does. */
const STEPS: Readonly<Record<string, readonly [title: string, text: string]>> = {
  drawing: ['Strokes', 'smoothed, and scaled to fit'],
  ink: ['Ink', 'what a second network takes for pen strokes'],
  kept: ['Digit', 'the ink that belongs to it'],
  digit: ['Stroke', "brought to the training digits' thickness"],
  image: ['28 × 28', 'centred by its weight: this is all the network gets'],
};

interface PreparationStepsProps {
  readonly steps: readonly PreparationStep[];
  readonly lead: string;
}

/** Each step on the way to the network's input as a small picture. */
function PreparationSteps({ steps, lead }: PreparationStepsProps) {
  return (
    <section className={`${styles.part} ${steps.length > 3 ? styles.wide : ''}`} aria-labelledby="steps-title">
      <h3 id="steps-title">The way to 28 × 28</h3>
      <p className={styles.lead}>{lead}</p>
      <ol className={styles.steps} data-testid="steps">
        {steps.map(({ name, width, height, pixels }, i) => {
          const [title, text] = Object.hasOwn(STEPS, name) ? STEPS[name] : [name, ''];
          return (
            <li key={i} data-step={name}>
              <div className={styles.step}>
                <PixelImage pixels={pixels} width={width} height={height} label={`${title}: ${text}`} />
              </div>
              <p>
                <strong>{title}</strong> {text}
              </p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

interface EvidenceProps {
  readonly workings: Workings;
  readonly classNames: readonly string[];
  readonly rejected: boolean;
}

/** Which pixels spoke for the answer, and which against the runner-up. */
function Evidence({ workings: { image, explanation }, classNames, rejected }: EvidenceProps) {
  const { digit, runnerUp, evidenceFor, evidenceAgainst, width, height } = explanation;
  const painted = useMemo(() => paintExplanation(image, explanation), [image, explanation]);
  const name = classNames[digit];
  const maps = [
    {
      title: rejected ? `Why ${name} most of all` : `Why a ${name}`,
      evidence: evidenceFor,
      pixels: painted.evidenceFor,
    },
    { title: `Why no ${classNames[runnerUp]}`, evidence: evidenceAgainst, pixels: painted.evidenceAgainst },
  ];
  return (
    <section className={styles.part} aria-labelledby="evidence-title">
      <h3 id="evidence-title">What spoke for it</h3>
      <p className={styles.lead}>
        A small square is hidden at one place after the other. Where the answer suffers, the ink there{' '}
        <span className={styles.for}>spoke for it</span>; where it gains, the ink{' '}
        <span className={styles.against}>spoke against it</span>.
      </p>
      <div className={styles.maps} data-testid="evidence" data-for={digit} data-against={runnerUp}>
        {maps.map(({ title, evidence, pixels }, i) => (
          <figure key={i}>
            <PixelImage
              pixels={pixels}
              width={width}
              height={height}
              label={`${title}: ${describe(evidence, width, height)}`}
            />
            <figcaption>{title}</figcaption>
          </figure>
        ))}
      </div>
    </section>
  );
}

const ROWS = ['top', 'middle', 'bottom'] as const;
const COLUMNS = ['left', 'centre', 'right'] as const;

/** Describes where the strongest evidence is, for people who cannot see it. */
function describe(evidence: Float32Array, width: number, height: number): string {
  const at = evidence.reduce((best, value, i) => (value > evidence[best] ? i : best), 0);
  if (!(evidence[at] > 0)) return 'no place stands out';
  const row = ROWS[Math.min(2, Math.floor((3 * Math.floor(at / width)) / height))];
  const column = COLUMNS[Math.min(2, Math.floor((3 * (at % width)) / width))];
  return `the strongest evidence lies at the ${row}, ${column}`;
}

/** What every layer gave, one layer at a time. */
function Activations({ activations }: { readonly activations: readonly Activation[] }) {
  const [chosen, setChosen] = useState(0);
  const index = Math.min(chosen, activations.length - 1);
  const { layer, shape, values } = activations[index];
  const mosaic = useMemo(() => paintActivation(shape, values), [shape, values]);
  return (
    <section className={`${styles.part} ${styles.wide}`} aria-labelledby="layers-title">
      <h3 id="layers-title">Layer by layer</h3>
      <p className={styles.lead}>
        Each layer looks for patterns in what the one before it gave. Every square is one pattern: bright where it was
        found, <span className={styles.against}>blue</span> where its opposite was.
      </p>
      <div className={styles.browser}>
        <ol className={styles.layers} aria-label="Layers">
          {activations.map((activation, i) => (
            <li key={activation.layer}>
              <button
                type="button"
                aria-pressed={i === index}
                onClick={() => {
                  setChosen(i);
                }}
              >
                <span>{activation.layer}</span> <span>{activation.shape.join(' × ')}</span>
              </button>
            </li>
          ))}
        </ol>
        <figure className={styles.mosaic} data-testid="activation" data-layer={layer}>
          <PixelImage {...mosaic} label={`What layer ${layer} gave: ${describeShape(shape)}`} />
          <figcaption>
            <strong>{layer}</strong>: {describeShape(shape)}
          </figcaption>
        </figure>
      </div>
    </section>
  );
}

function describeShape(shape: readonly number[]): string {
  if (shape.length === 3) return `${shape[2]} patterns at ${shape[0]} × ${shape[1]} places`;
  return `${shape[0]} values`;
}
