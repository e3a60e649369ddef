import type { CSSProperties } from 'react';
import styles from './evaluation.module.css';
import { percent } from './figures.ts';
import { PixelImage } from './pixel-image.tsx';

/** A chart of `@digits/charts` in the page's colours. */
export function Chart({ svg }: { readonly svg: string }) {
  return <div className={styles.chart} dangerouslySetInnerHTML={{ __html: svg }} />;
}

interface ConfusionTableProps {
  /** What was counted, e.g. `Answers to 5,000 validation images`. */
  readonly caption: string;
  readonly classNames: readonly string[];
  /** `[numClasses][numClasses]`: rows are the true class. */
  readonly counts: readonly (readonly number[])[];
  /** Makes the cells of mistakes buttons. */
  readonly onSelect?: (label: number, answer: number) => void;
  readonly selected?: { readonly label: number; readonly answer: number } | null;
}

/** How often each class was answered as each other one. */
export function ConfusionTable({ caption, classNames, counts, onSelect, selected = null }: ConfusionTableProps) {
  const worst = Math.max(1, ...counts.flatMap((row, label) => row.filter((_, answer) => answer !== label)));
  return (
    <table className={styles.table}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <td className={styles.corner}>true ↓ read →</td>
          {classNames.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {counts.map((row, label) => (
          <tr key={classNames[label]}>
            <th scope="row">{classNames[label]}</th>
            {row.map((count, answer) => {
              const isRight = label === answer;
              const isSelected = selected?.label === label && selected.answer === answer;
              return (
                <td
                  key={answer}
                  className={isRight ? styles.right : styles.wrong}
                  style={{ '--strength': strengthOf(count, isRight, row, worst) } as CSSProperties}
                >
                  {onSelect !== undefined && !isRight && count > 0 ? (
                    <button
                      type="button"
                      aria-pressed={isSelected}
                      aria-label={`${count} times ${classNames[label]} read as ${classNames[answer]}`}
                      onClick={() => {
                        onSelect(label, answer);
                      }}
                    >
                      {count}
                    </button>
                  ) : (
                    <span data-none={count === 0}>{count}</span>
                  )}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** In [0, 1]: right answers by their share of the class, mistakes by the most frequent one, or few would show among many. */
function strengthOf(count: number, isRight: boolean, row: readonly number[], worst: number): number {
  if (count === 0) return 0;
  const total = row.reduce((sum, value) => sum + value, 0);
  return isRight ? count / total : 0.2 + 0.8 * Math.sqrt(count / worst);
}

interface MisreadDigit {
  /** `[28, 28]` uint8. */
  readonly image: Uint8Array;
  readonly label: string;
  readonly answer: string;
  readonly confidence: number;
}

/** Digits that were read wrongly, and as what. */
export function MisreadDigits({ digits }: { readonly digits: readonly MisreadDigit[] }) {
  return (
    <ul className={styles.digits}>
      {digits.map(({ image, label, answer, confidence }, i) => (
        <li key={i}>
          <PixelImage pixels={image} width={28} height={28} label={`A ${label}, read as ${answer}`} />
          <span aria-hidden="true">
            {label} <span className={styles.as}>read as</span> {answer}
          </span>
          <span className={styles.as}>{percent(confidence)} sure</span>
        </li>
      ))}
    </ul>
  );
}
