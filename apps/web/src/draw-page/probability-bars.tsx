import type { CSSProperties } from 'react';
import { percent } from '../components/percent.ts';
import type { ReadDigit } from '../recognition/reading.ts';
import styles from './probability-bars.module.css';

const LABELS = Array.from({ length: 10 }, (_, label) => label);

/** Every class's probability as a bar; empty ones where there is no answer. */
export function ProbabilityBars({ digit }: { readonly digit: ReadDigit | null }) {
  return (
    <ol className={styles.bars} aria-label="Probability of each digit">
      {LABELS.map((label) => {
        const probability = digit?.probabilities.at(label) ?? null;
        return (
          <li key={label} data-label={label} data-chosen={digit?.digit === label} data-probability={probability}>
            <span className={styles.label}>{label}</span>
            <span className={styles.track}>
              <span
                className={styles.bar}
                {...(probability === null ? {} : { style: { '--share': probability } as CSSProperties })}
              />
            </span>
            <span className={styles.value}>{probability === null ? '' : percent(probability)}</span>
          </li>
        );
      })}
    </ol>
  );
}
