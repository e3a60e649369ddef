import type { NoImageReason } from '@digits/data';
import { rankClasses, type ReadDigit, type Reading, readingToJson } from '@digits/reader';
import { type CSSProperties, useEffect, useState } from 'react';
import { percent } from '../components/figures.ts';
import { PixelImage } from '../components/pixel-image.tsx';
import styles from './answer.module.css';
import type { RecogniserState } from './use-reading.ts';

interface AnswerProps {
  readonly recogniser: RecogniserState;
  /** Null where nothing was drawn or opened. */
  readonly reading: Reading | null;
  /** Which digit of the reading is looked at. */
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}

/** The answer: the digit or the number, how sure it is, what came next, and every class's probability. */
export function Answer({ recogniser, reading, selected, onSelect }: AnswerProps) {
  const digit = reading?.digits.at(selected) ?? null;
  const only = reading?.digits.length === 1 ? reading.digits[0] : null;
  const words = describe(recogniser, reading);
  const said = useSettled(reading === null ? '' : `${only?.className ?? ''} ${words.title}. ${words.detail}`.trim());
  return (
    <section
      className={styles.answer}
      aria-label="Answer"
      data-testid="prediction"
      data-ready={recogniser.status === 'ready'}
      data-reading={reading === null ? undefined : JSON.stringify(readingToJson(reading))}
    >
      <div className={styles.top}>
        <Hero reading={reading} selected={selected} onSelect={onSelect} />
        <div className={styles.words}>
          <p className={styles.title}>{words.title}</p>
          <p className={styles.detail}>{words.detail}</p>
        </div>
        <div className={styles.seen}>
          {digit === null ? (
            <div className={styles.unseen} />
          ) : (
            <PixelImage pixels={digit.image} width={28} height={28} label="The 28 by 28 pixels the network is shown" />
          )}
          <p>what it sees</p>
        </div>
      </div>
      <ProbabilityBars
        digit={digit}
        classNames={recogniser.status === 'ready' ? recogniser.facts.classNames : DIGITS}
      />
      <p role="status" className="visually-hidden">
        {said}
      </p>
    </section>
  );
}

function Hero({ reading, selected, onSelect }: Omit<AnswerProps, 'recogniser'>) {
  if (reading === null || reading.digits.length === 0) {
    return (
      <p className={styles.hero} data-empty="true" aria-hidden="true">
        {reading === null ? '–' : '?'}
      </p>
    );
  }
  if (reading.digits.length === 1) {
    const [{ className }] = reading.digits;
    return (
      <p className={styles.hero} data-empty={className === null}>
        {className ?? '?'}
      </p>
    );
  }
  return (
    <div className={styles.number} role="group" aria-label="Digits read; choose one to look at">
      {reading.digits.map(({ className, row }, i) => (
        <button
          key={i}
          type="button"
          aria-pressed={i === selected}
          data-new-row={i > 0 && row !== reading.digits[i - 1].row}
          onClick={() => {
            onSelect(i);
          }}
        >
          {className ?? '?'}
        </button>
      ))}
    </div>
  );
}

/** Class names until the model is loaded. */
const DIGITS = Array.from({ length: 10 }, (_, label) => String(label));

interface ProbabilityBarsProps {
  readonly digit: ReadDigit | null;
  readonly classNames: readonly string[];
}

/** Probability of every class as a bar; the bars are empty if there is no answer. */
function ProbabilityBars({ digit, classNames }: ProbabilityBarsProps) {
  return (
    <ol className={styles.bars} aria-label="Probability of each digit">
      {classNames.map((name, label) => {
        const probability = digit?.probabilities.at(label) ?? null;
        return (
          <li key={label} data-label={label} data-chosen={digit?.digit === label} data-probability={probability}>
            <span className={styles.label}>{name}</span>
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

interface Words {
  readonly title: string;
  readonly detail: string;
}

const NO_IMAGE: Readonly<Record<NoImageReason, Words>> = {
  blank: {
    title: 'No ink found',
    detail: 'Nothing stands out from the paper. Try a darker pen, better light, or a picture of the digit alone.',
  },
  tooSmall: { title: 'Too small', detail: 'This has fewer than 4 pixels a side. Try a larger picture.' },
};

function describe(recogniser: RecogniserState, reading: Reading | null): Words {
  if (recogniser.status === 'failed') {
    return { title: 'The network did not load', detail: `${recogniser.message}. Reload the page to try again.` };
  }
  if (reading === null) {
    const detail = recogniser.status === 'ready' ? 'Draw, and the answer follows the pen.' : 'Loading the network.';
    return { title: 'Nothing drawn yet', detail };
  }
  if (reading.reason !== null && reading.reason !== 'notADigit') return NO_IMAGE[reading.reason];
  if (reading.digits.length === 1) {
    const knowsNonDigits = recogniser.status === 'ready' && recogniser.facts.knowsNonDigits;
    return describeDigit(reading.digits[0], reading.classNames, knowsNonDigits);
  }
  return describeNumber(reading);
}

function describeDigit(
  { rejected, runnerUp, confidence, probabilities }: ReadDigit,
  classNames: Reading['classNames'],
  knowsNonDigits: boolean,
): Words {
  if (rejected) {
    const [first] = rankClasses(probabilities);
    return {
      title: 'Not a digit',
      detail: `Most like a ${classNames[first]}. Try one digit, larger, in plain strokes.`,
    };
  }
  const next = `Next guess: ${classNames[runnerUp]}, at ${percent(probabilities[runnerUp]).replace('<', 'under ')}`;
  return {
    title: `${percent(confidence).replace('>', 'Over ')} sure`,
    detail: knowsNonDigits ? next : `${next}. This network can’t tell whether it is a digit.`,
  };
}

function describeNumber(reading: Reading): Words {
  const numRejected = reading.digits.filter(({ rejected }) => rejected).length;
  const title = `Read as ${reading.text}`;
  if (numRejected > 0) {
    const those = numRejected === 1 ? 'One part is no digit' : `${numRejected} parts are no digits`;
    return { title, detail: `${those}: try with more space between, or larger.` };
  }
  const least = reading.digits.reduce((a, b) => (b.confidence < a.confidence ? b : a));
  const name = `${reading.digits.length} digits`;
  return { title, detail: `${name}; least sure: ${String(least.className)}, at ${percent(least.confidence)}` };
}

/** Readers of the screen would be talked over while the pen moves. */
const SETTLE_MS = 500;

/** @returns the text once it has stayed the same for a moment */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(text);
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return settled;
}
