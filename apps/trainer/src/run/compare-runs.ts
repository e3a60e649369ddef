import { mcnemarTest, pairedDifferenceInterval } from '@digits/metrics';
import { mostProbableClasses } from '@digits/model';
import { join } from 'node:path';
import { indent, percent } from '../formats.ts';
import { type Predictions, PREDICTIONS_FILE, readPredictions } from './predictions.ts';
import type { ClassRunRecord, RunRecord } from './run-record.ts';

/** A test image that only one of two runs answers correctly. */
interface ContestedImage {
  /** Path within the data set, or file and row; place in the test split if the runs have no names. */
  readonly file: string;
  /** Name of the true class. */
  readonly label: string;
  /** What the other run answers. */
  readonly wrongAnswer: string;
}

/** Two runs on the same test images. */
export interface RunComparison {
  readonly runs: readonly [string, string];
  readonly count: number;
  /** Test accuracy of each run. */
  readonly accuracies: readonly [number, number];
  /** The second accuracy minus the first. */
  readonly difference: number;
  /** 95% score interval of the difference. */
  readonly differenceInterval: readonly [number, number];
  /** McNemar's exact test, two-sided. */
  readonly pValue: number;
  /** Images that only the first run answers correctly. */
  readonly onlyFirst: readonly ContestedImage[];
  /** Images that only the second run answers correctly. */
  readonly onlySecond: readonly ContestedImage[];
}

/**
 * Compares the answers of two runs to the test split that they have in common.
 *
 * @throws Error if a run has no answers, or their test splits differ
 */
export async function compareRuns(first: RunRecord, second: RunRecord): Promise<RunComparison> {
  const [a, b] = [await readAnswers(first), await readAnswers(second)];
  requireSameImages(a, b);
  const { labels } = a.predictions;
  const [answersA, answersB] = [a, b].map(({ predictions, classNames }) =>
    mostProbableClasses(predictions.probabilities, classNames.length),
  );
  const isOnly = (right: typeof answersA, wrong: typeof answersA) => (label: number, i: number) =>
    right[i] === label && wrong[i] !== label;
  const contested = (right: typeof answersA, wrong: typeof answersA): ContestedImage[] =>
    Array.from(labels.keys())
      .filter((i) => isOnly(right, wrong)(labels[i], i))
      .map((i) => ({
        file: nameOf(a.predictions, b.predictions, i),
        label: a.classNames[labels[i]],
        wrongAnswer: a.classNames[wrong[i]],
      }));
  const onlyFirst = contested(answersA, answersB);
  const onlySecond = contested(answersB, answersA);
  const accuracyOf = (answers: typeof answersA) =>
    labels.filter((label, i) => answers[i] === label).length / labels.length;
  return {
    runs: [first.name, second.name],
    count: labels.length,
    accuracies: [accuracyOf(answersA), accuracyOf(answersB)],
    difference: (onlySecond.length - onlyFirst.length) / labels.length,
    differenceInterval: pairedDifferenceInterval(onlyFirst.length, onlySecond.length, labels.length),
    pValue: mcnemarTest(onlyFirst.length, onlySecond.length),
    onlyFirst,
    onlySecond,
  };
}

/** What a run answered to its test split. */
interface RunAnswers {
  readonly run: ClassRunRecord;
  readonly classNames: readonly string[];
  readonly predictions: Predictions;
}

async function readAnswers(run: RunRecord): Promise<RunAnswers> {
  if (run.kind === 'pixels') {
    throw new Error(`runs: --compare must name runs of networks that answer for classes, got ${run.path}`);
  }
  const classNames = run.metrics?.test.perClass.map(({ name }) => name) ?? [];
  const predictions =
    run.metrics === null ? null : await readPredictions(join(run.path, PREDICTIONS_FILE), classNames.length);
  if (predictions === null) {
    throw new Error(`runs: --compare must name runs that have ended with predictions, got ${run.path} without`);
  }
  return { run, classNames, predictions };
}

function requireSameImages(a: RunAnswers, b: RunAnswers): void {
  const facts = ({ predictions, classNames }: RunAnswers) => [
    predictions.labels.join(),
    classNames.join('\n'),
    ...(a.predictions.names === null || b.predictions.names === null ? [] : [predictions.names?.join('\n')]),
  ];
  const [datasetA, datasetB] = [a, b].map(({ run }) => run.description.dataset);
  const isSame = facts(a).every((fact, i) => fact === facts(b)[i]);
  // Runs of earlier versions have one SHA-256 of the data set and what was added to it.
  const isKnown = [a, b].every(({ run: { description } }) => {
    return description.request.add === undefined || description.dataset.addedSha256 !== undefined;
  });
  if (isSame && (datasetA.sha256 === datasetB.sha256 || !isKnown)) return;
  throw new Error(
    `runs: --compare must name runs with the same test images, got ${a.run.name} on ${describe(datasetA, a)} and ${b.run.name} on ${describe(datasetB, b)}`,
  );
}

function describe(
  { source, sha256 }: { readonly source: string; readonly sha256: string },
  { predictions }: RunAnswers,
) {
  return `${source} (SHA-256 ${sha256.slice(0, 12)}, ${predictions.labels.length} test images)`;
}

function nameOf(a: Predictions, b: Predictions, i: number): string {
  return a.names?.[i] ?? b.names?.[i] ?? `image ${i}`;
}

/** Formats a comparison for people. */
export function formatComparison(comparison: RunComparison): string {
  const { runs, count, accuracies, difference, differenceInterval, pValue, onlyFirst, onlySecond } = comparison;
  const [lower, upper] = differenceInterval;
  return [
    ...runs.map((run, i) => `${run}: ${percent(accuracies[i])} of ${count} test images`),
    `difference ${signed(difference)} (95% interval ${signed(lower)} to ${signed(upper)}), ` +
      `McNemar's exact test p = ${showProbability(pValue)}`,
    listContested(runs[0], onlyFirst),
    listContested(runs[1], onlySecond),
  ].join('\n');
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}

function showProbability(value: number): string {
  return value < 1e-4 ? value.toExponential(1) : value.toFixed(4);
}

function listContested(run: string, images: readonly ContestedImage[]): string {
  const lines = images.map(({ file, label, wrongAnswer }) => `${file}: ${label}, the other answers ${wrongAnswer}`);
  return [`Only ${run} gets ${images.length} right${lines.length === 0 ? '.' : ':'}`, ...lines.map(indent)].join('\n');
}
