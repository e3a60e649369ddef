'use client';

import { useEffect, useState } from 'react';
import { ConfusionTable, MisreadDigits } from '../components/evaluation.tsx';
import { wholeNumber } from '../components/figures.ts';
import { siteUrl } from '../site-files.ts';
import type { ModelFigures } from './model-figures.ts';
import styles from './model-page.module.css';

const IMAGE_SIZE = 784;

interface Cell {
  readonly label: number;
  readonly answer: number;
}

type MistakeExplorerProps = Pick<ModelFigures, 'classNames' | 'mistakes'> & {
  /** `[numClasses][numClasses]`: rows are the true class. */
  readonly counts: readonly (readonly number[])[];
  readonly count: number;
};

/** The confusion matrix; each count of mistakes opens the digits behind it. */
export function MistakeExplorer({ classNames, mistakes, counts, count }: MistakeExplorerProps) {
  const [cell, setCell] = useState<Cell | null>(() => mostFrequent(counts));
  const images = useMisreadImages();
  const shown =
    cell === null || images === null
      ? []
      : mistakes.flatMap(({ label, answer, confidence }, i) =>
          label === cell.label && answer === cell.answer
            ? [
                {
                  image: images.subarray(i * IMAGE_SIZE, (i + 1) * IMAGE_SIZE),
                  label: classNames[label],
                  answer: classNames[answer],
                  confidence,
                },
              ]
            : [],
        );
  return (
    <div className={styles.explorer}>
      <ConfusionTable
        caption={`Answers to ${wholeNumber(count)} test digits; choose a mistake to see it`}
        classNames={classNames}
        counts={counts}
        selected={cell}
        onSelect={(label, answer) => {
          setCell({ label, answer });
        }}
      />
      {cell !== null && (
        <div className={styles.shown}>
          <div role="status">
            <h3>
              {classNames[cell.label]} read as {classNames[cell.answer]}
            </h3>
          </div>
          <MisreadDigits digits={shown} />
        </div>
      )}
    </div>
  );
}

function mostFrequent(counts: readonly (readonly number[])[]): Cell | null {
  const cells = counts.flatMap((row, label) => row.map((count, answer) => ({ label, answer, count })));
  const mistakes = cells.filter(({ label, answer, count }) => label !== answer && count > 0);
  return mistakes.length === 0 ? null : mistakes.reduce((a, b) => (b.count > a.count ? b : a));
}

/** @returns `[mistakes, 28, 28]` uint8, null until they are there */
function useMisreadImages(): Uint8Array | null {
  const [images, setImages] = useState<Uint8Array | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    void fetch(siteUrl('/figures/misread.bin'), { signal: abort.signal })
      .then(async (response) => {
        if (response.ok) setImages(new Uint8Array(await response.arrayBuffer()));
      })
      .catch(() => {
        // The counts are worth seeing without the pictures, too.
      });
    return () => {
      abort.abort();
    };
  }, []);
  return images;
}
