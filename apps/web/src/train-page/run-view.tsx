import { Button } from '../components/button.tsx';
import { Chart, ConfusionTable, MisreadDigits } from '../components/evaluation.tsx';
import { duration, exactPercent, wholeNumber } from '../components/figures.ts';
import type { RunSnapshot } from '../training/run-watch.ts';
import type { TrainingProgress } from '@digits/model';
import { pauseRun, resumeRun, type RunState, scaleLearningRate, stopRun } from './run-store.ts';
import styles from './run-view.module.css';

const RATES = [
  { factor: 0.1, name: 'a tenth of the plan' },
  { factor: 0.3, name: 'a third of the plan' },
  { factor: 1, name: 'as planned' },
  { factor: 3, name: 'three times the plan' },
  { factor: 10, name: 'ten times the plan' },
] as const;

/** State of the run, and the controls for it. */
export function RunControls({ run }: { readonly run: RunState }) {
  const { phase, request, progress, snapshot } = run;
  const canSteer = phase === 'training' || phase === 'paused';
  return (
    <section className={styles.controls} aria-label="The run">
      <h2>
        {request?.preset}, seed {request?.settings.seed}
      </h2>
      <div className={styles.bar}>
        <progress aria-label="Part of the run that is done" {...barOf(run)} />
        <p>{stageOf(run)}</p>
      </div>
      {progress !== null && <Facts progress={progress} snapshot={snapshot} />}
      <div className={styles.buttons}>
        {phase === 'paused' ? (
          <Button look="main" icon="play" onClick={resumeRun}>
            Go on
          </Button>
        ) : (
          <Button icon="pause" disabled={!canSteer} onClick={pauseRun}>
            Pause
          </Button>
        )}
        <Button icon="stop" disabled={!canSteer} onClick={stopRun}>
          Stop here
        </Button>
      </div>
      <label className={styles.rate}>
        <span>Learning rate</span>
        <select
          value={run.rateFactor}
          disabled={!canSteer}
          onChange={({ currentTarget }) => {
            scaleLearningRate(Number(currentTarget.value));
          }}
        >
          {RATES.map(({ factor, name }) => (
            <option key={factor} value={factor}>
              {name}
            </option>
          ))}
        </select>
        <span className={styles.hint}>
          A changed rate makes a network of its own: its hash is then comparable with no other run’s.
        </span>
      </label>
    </section>
  );
}

interface FactsProps {
  readonly progress: TrainingProgress;
  readonly snapshot: RunSnapshot | null;
}

/** Figures beside the charts; losses and accuracies are the latest values of the curves. */
function Facts({ progress, snapshot }: FactsProps) {
  const { epoch, numEpochs, learningRate, imagesPerSecond, secondsLeft } = progress;
  const facts = [
    ['Epoch', `${epoch} of ${numEpochs}`],
    ['Training loss', snapshot === null ? '–' : snapshot.training.loss.toFixed(4)],
    ['Training accuracy', snapshot === null ? '–' : exactPercent(snapshot.training.accuracy)],
    ['Learning rate', learningRate.toPrecision(2)],
    ['Images a second', wholeNumber(imagesPerSecond)],
    ['Time left', `about ${duration(secondsLeft)}`],
  ] as const;
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function barOf({ phase, loaded, progress }: RunState): { readonly value?: number; readonly max: number } {
  if (phase === 'loading' && loaded.total > 0) return { value: loaded.bytes, max: loaded.total };
  if ((phase === 'training' || phase === 'paused') && progress !== null) {
    return { value: progress.step, max: progress.totalSteps };
  }
  return { max: 1 };
}

function stageOf({ phase, loaded }: RunState): string {
  switch (phase) {
    case 'loading':
      return loaded.total === 0
        ? 'Loading the images'
        : `Loading the images: ${megabytes(loaded.bytes)} of ${megabytes(loaded.total)} MB`;
    case 'preparing':
      return 'Preparing the images';
    case 'training':
      return 'Learning';
    case 'paused':
      return 'Paused';
    case 'testing':
      return 'Testing on 10,000 digits it never saw';
    case 'idle':
    case 'done':
    case 'failed':
      return '';
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** What a run shows while it learns: curves, and how it answers images that it does not train on. */
export function RunView({ run }: { readonly run: RunState }) {
  const { snapshot, epochs } = run;
  return (
    <div className={styles.view}>
      <section className={styles.curves} aria-label="Curves">
        <figure>
          <figcaption>Loss: how wrong it is, lower is better</figcaption>
          {snapshot === null ? <div className={styles.waiting} /> : <Chart svg={snapshot.curves.loss} />}
        </figure>
        <figure>
          <figcaption>Accuracy: the share it gets right</figcaption>
          {snapshot === null ? <div className={styles.waiting} /> : <Chart svg={snapshot.curves.accuracy} />}
        </figure>
      </section>
      {snapshot !== null && <Answers snapshot={snapshot} />}
      {epochs.length > 0 && (
        <section className={styles.part} aria-label="Epochs">
          <h2>After each epoch</h2>
          <div className={styles.scroll} tabIndex={0} role="group" aria-label="Table of epochs">
            <table className={styles.epochs}>
              <thead>
                <tr>
                  <th scope="col">Epoch</th>
                  <th scope="col">Training loss</th>
                  <th scope="col">Validation loss</th>
                  <th scope="col">Validation accuracy</th>
                </tr>
              </thead>
              <tbody>
                {epochs.map(({ epoch, trainLoss, validationLoss, validationAccuracy }) => (
                  <tr key={epoch}>
                    <th scope="row">{epoch}</th>
                    <td>{trainLoss.toFixed(4)}</td>
                    <td>{validationLoss.toFixed(4)}</td>
                    <td>{exactPercent(validationAccuracy)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </div>
  );
}

function Answers({ snapshot: { step, answers } }: { readonly snapshot: RunSnapshot }) {
  const { classNames, confusionMatrix, numAnswered, numRight, mistakes } = answers;
  return (
    <section className={styles.answers} aria-label="Answers to validation images">
      <div className={styles.part}>
        <h2>What it takes for what</h2>
        <ConfusionTable
          caption={`After step ${wholeNumber(step)}, ${exactPercent(numRight / numAnswered)} of ${wholeNumber(numAnswered)} validation images are read right`}
          classNames={classNames}
          counts={confusionMatrix}
        />
      </div>
      <div className={styles.part}>
        <h2>Its surest mistakes</h2>
        {mistakes.length === 0 ? <p className={styles.none}>None so far.</p> : <MisreadDigits digits={mistakes} />}
      </div>
    </section>
  );
}
