import type { ModelFiles } from '@digits/model';
import Link from 'next/link';
import { useState } from 'react';
import { Button, buttonClass, Icon } from '../components/button.tsx';
import { duration, exactPercent, wholeNumber } from '../components/figures.ts';
import { keepOwnModel } from '../own-model.ts';
import type { TrainingOutcome, PageRequest } from '../training/training-run.ts';
import styles from './run-view.module.css';

interface OutcomeViewProps {
  readonly request: PageRequest;
  readonly outcome: TrainingOutcome;
}

/** What a run left: its figures, its hash, and what can be done with the network. */
export function OutcomeView({ request, outcome }: OutcomeViewProps) {
  const { test, seconds, stopped, parameters } = outcome;
  const [lower, upper] = test.accuracyInterval;
  return (
    <section className={styles.outcome} aria-labelledby="outcome-title" data-testid="outcome">
      <div className={styles.figure}>
        <p className={styles.accuracy}>{exactPercent(test.accuracy)}</p>
        <div>
          <h2 id="outcome-title">of {wholeNumber(test.count)} test digits read right</h2>
          <p className={styles.detail}>
            95% interval {exactPercent(lower)} to {exactPercent(upper)}; {wholeNumber(parameters)} weights trained in{' '}
            {duration(seconds)}
            {stopped === 'aborted' ? ', stopped by hand' : ''}
          </p>
        </div>
      </div>
      <Hash request={request} outcome={outcome} />
      <ModelActions request={request} outcome={outcome} />
    </section>
  );
}

function Hash({ request, outcome: { weightsSha256, isComparable } }: OutcomeViewProps) {
  return (
    <div className={styles.hash}>
      <p>
        <strong>Hash of the weights</strong>{' '}
        <code data-testid="weights-hash" data-comparable={isComparable}>
          {weightsSha256}
        </code>
      </p>
      {isComparable ? (
        <p className={styles.detail}>
          The command line gets the same, to the last bit, on any machine:{' '}
          <code>
            npm run train -- --preset {request.preset} --seed {request.settings.seed} --epochs {request.settings.epochs}
          </code>
        </p>
      ) : (
        <p className={styles.detail}>
          Not comparable: the run was stopped or steered by hand, so that no other run has this hash.
        </p>
      )}
    </div>
  );
}

function ModelActions({ request, outcome }: OutcomeViewProps) {
  const [isKept, setIsKept] = useState(false);
  const [problem, setProblem] = useState('');
  const { preset, settings } = request;
  const keep = () => {
    void keepOwnModel({ name: `${preset}, seed ${settings.seed}, trained here`, files: outcome.files }).then(
      () => {
        setIsKept(true);
      },
      (error: unknown) => {
        setProblem(error instanceof Error ? error.message : String(error));
      },
    );
  };
  return (
    <div className={styles.actions}>
      {isKept ? (
        <p className={styles.kept}>
          It now answers on the Draw page.{' '}
          <Link className={buttonClass('main')} href="/" prefetch={false}>
            Draw with it
          </Link>
        </p>
      ) : (
        <Button look="main" icon="pen" onClick={keep}>
          Use on the Draw page
        </Button>
      )}
      <Downloads files={outcome.files} />
      {problem !== '' && !isKept && <p role="alert">{problem}</p>}
    </div>
  );
}

function Downloads({ files: { modelJson, weightsBin } }: { readonly files: ModelFiles }) {
  return (
    <>
      <DownloadButton name="model.json" content={modelJson} type="application/json" />
      <DownloadButton
        name="weights.bin"
        content={weightsBin as Uint8Array<ArrayBuffer>}
        type="application/octet-stream"
      />
    </>
  );
}

interface DownloadButtonProps {
  readonly name: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
  readonly type: string;
}

function DownloadButton({ name, content, type }: DownloadButtonProps) {
  const download = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    // The browser needs the address until it has begun to save.
    setTimeout(() => {
      URL.revokeObjectURL(link.href);
    }, 60_000);
  };
  return (
    <button type="button" className={buttonClass()} onClick={download}>
      <Icon name="download" />
      {name}
    </button>
  );
}
