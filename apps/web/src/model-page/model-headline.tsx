import type { Evaluation } from '@digits/model';
import { exactPercent, wholeNumber } from '../components/figures.ts';
import styles from './model-page.module.css';

interface ModelHeadlineProps {
  /** Null if the model was not tested. */
  readonly evaluation: Evaluation | null;
  readonly facts: {
    readonly preset: string | null;
    readonly seed: number | null;
    readonly weightsSha256: string;
    /** Number of trainable weights. */
    readonly parameters: number;
    /** Size of both files together. */
    readonly fileBytes: number;
  };
  /** More facts, by name. */
  readonly more?: readonly (readonly [name: string, value: string])[];
}

/** A model's accuracy and its facts. */
export function ModelHeadline({ evaluation, facts, more = [] }: ModelHeadlineProps) {
  const rows = [
    ...(evaluation === null ? [] : figuresOf(evaluation)),
    ...more,
    ['Weights', wholeNumber(facts.parameters)],
    ['Both files', `${Math.round(facts.fileBytes / 1000)} kB`],
    ['Recipe', `${facts.preset ?? 'custom'}${facts.seed === null ? '' : `, seed ${facts.seed}`}`],
  ] as const;
  return (
    <section className={styles.headline} aria-label="Figures">
      <div>
        <p className={styles.accuracy} data-testid="test-accuracy">
          {evaluation === null ? '–' : exactPercent(evaluation.accuracy)}
        </p>
        <p>{evaluation === null ? 'not tested here' : 'of the test digits are read right'}</p>
      </div>
      <dl className={styles.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.hash}>
        SHA-256 of the weights as trained: <code>{facts.weightsSha256}</code>
      </p>
    </section>
  );
}

function figuresOf({ accuracyInterval: [lower, upper], logLoss, ece }: Evaluation) {
  return [
    ['95% interval', `${exactPercent(lower)} to ${exactPercent(upper)}`],
    ['Log loss', logLoss.toFixed(4)],
    ['Calibration error', ece.toFixed(4)],
  ] as const;
}
