import { confusionMatrixChart, lineChart, reliabilityDiagram } from '@digits/charts';
import { expectedCalibrationError } from '@digits/metrics';
import { type Evaluation, mostProbableClasses } from '@digits/model';
import { formatCount, percent } from '../formats.ts';
import type { Predictions } from '../run/predictions.ts';
import type { RunRecord } from '../run/run-record.ts';
import { html, type Html, pngAddress, raw } from './html.ts';
import type { ReportContent } from './report-content.ts';

/** Loss, accuracy and learning rate over the epochs, and the loss over the steps. */
export function curvesSection({ history, steps, metrics, description }: RunRecord): Html | null {
  if (history.length === 0) return null;
  const { labelSmoothing } = description.config;
  const column = (key: 'trainLoss' | 'validationLoss' | 'trainAccuracy' | 'validationAccuracy' | 'learningRate') =>
    history.map((epoch) => epoch[key]);
  const mark = metrics?.bestEpoch == null ? {} : { mark: { x: metrics.bestEpoch, name: 'kept' } };
  const pair = (training: readonly number[], validation: readonly number[]) => [
    { name: 'training', values: training },
    { name: 'validation', values: validation },
  ];
  const loss = pair(column('trainLoss'), column('validationLoss'));
  const accuracy = pair(column('trainAccuracy'), column('validationAccuracy'));
  const charts = [
    ['Loss by epoch', lineChart({ title: 'Loss by epoch', series: loss, ...mark })],
    ...(steps.length === 0 ? [] : [['Loss by step', lossByStep(history, steps)] as const]),
    ['Accuracy', lineChart({ title: 'Accuracy by epoch', series: accuracy, format: 'percent', ...mark })],
    [
      'Learning rate',
      lineChart({
        title: 'Learning rate at the end of each epoch',
        series: [{ name: 'learning rate', values: column('learningRate') }],
        format: 'exponent',
      }),
    ],
  ];
  return html`<section>
    <h2>Curves</h2>
    <p>
      Training figures are of the batches as the network saw them, with dropout and distortions, so they may be worse
      than those of the validation split.
      ${
        labelSmoothing > 0 &&
        `Both losses, training and validation, are against labels smoothed by ${labelSmoothing} as the network is trained, so they are higher than the log loss.`
      }
    </p>
    <div class="pair">
      ${charts.map(
        ([title, svg]) =>
          html`<div class="card">
            <h3>${title}</h3>
            ${raw(svg)}
          </div>`,
      )}
    </div>
  </section>`;
}

/** The training loss of each step or few steps, with the validation loss at the end of each epoch. */
function lossByStep(history: RunRecord['history'], steps: RunRecord['steps']): string {
  const { step, epoch } = steps[steps.length - 1];
  const stepsPerEpoch = Math.round(step / epoch);
  return lineChart({
    title: 'Loss by step',
    xName: 'step',
    series: [
      { name: 'training', values: steps.map(({ loss }) => loss), xs: steps.map((line) => line.step) },
      {
        name: 'validation',
        values: history.map(({ validationLoss }) => validationLoss),
        xs: history.map((summary) => summary.epoch * stepsPerEpoch),
      },
    ],
  });
}

/** Where the test split was answered rightly and wrongly, and how honest the confidence is. */
export function testSection({ run, predictions }: ReportContent): Html | null {
  const test = run.metrics?.test;
  if (test === undefined) return null;
  const classNames = test.perClass.map(({ name }) => name);
  const matrix = confusionMatrixChart({
    title: 'Confusion matrix of the test split',
    counts: test.confusionMatrix,
    classNames,
  });
  const bins =
    predictions === null
      ? null
      : expectedCalibrationError(predictions.labels, predictions.probabilities, classNames.length).bins;
  const isLarge = classNames.length > MAX_SMALL_CLASSES;
  return html`<section>
    <h2>Test split</h2>
    <p>${formatCount(test.count)} images that no choice was made on, read once, at the end.</p>
    <div class="pair">
      <div class="${isLarge ? 'card wide' : 'card'}">
        <h3>Confusion matrix</h3>
        <div class="${isLarge ? 'scroll large' : 'scroll'}" tabindex="0" role="group" aria-label="Confusion matrix">
          ${raw(matrix)}
        </div>
        <p class="muted small">
          Right answers are blue by their share of the row, mistakes orange by the most frequent one.
        </p>
      </div>
      ${
        bins !== null &&
        html`<div class="card">
          <h3>Reliability</h3>
          ${raw(reliabilityDiagram({ title: 'Reliability diagram of the test split', bins }))}
          <p class="muted small">
            Bars that end at the dashed line are honest: of answers given with 90% confidence, 90% are right. The lower
            bars count the answers.
          </p>
        </div>`
      }
      ${
        isLarge &&
        html`<div class="card">
          <h3>Most frequent mistakes</h3>
          ${mistakesTable(test)}
        </div>`
      }
      <div class="card wide breaks">
        <h3>Per class</h3>
        ${classTable(test)}
      </div>
    </div>
  </section>`;
}

/** From here on a matrix is too large to be read beside other things. */
const MAX_SMALL_CLASSES = 16;
const MAX_FREQUENT_MISTAKES = 12;

/** The pairs of classes that are mistaken most often. */
function mistakesTable({ perClass, confusionMatrix }: Evaluation): Html {
  const mistakes = confusionMatrix
    .flatMap((row, label) => row.map((count, answer) => ({ label, answer, count })))
    .filter(({ label, answer, count }) => label !== answer && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_FREQUENT_MISTAKES);
  return html`<table>
    <thead>
      <tr>
        <th>True class</th>
        <th>Answered as</th>
        <th>Images</th>
        <th>Of the class</th>
      </tr>
    </thead>
    <tbody>
      ${mistakes.map(
        ({ label, answer, count }) =>
          html`<tr>
            <td>${perClass[label].name}</td>
            <td>${perClass[answer].name}</td>
            <td>${formatCount(count)}</td>
            <td>${percent(count / perClass[label].support)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Figures of each class; of many classes, those that are read worst come first. */
function classTable({ perClass, confusionMatrix, macro }: Evaluation): Html {
  const columns = ['Class', 'Images', 'Precision', 'Recall', 'F1', 'Most often taken for'];
  const isLarge = perClass.length > MAX_SMALL_CLASSES;
  const rows = isLarge ? [...perClass].sort((a, b) => a.f1 - b.f1) : perClass;
  return html`${isLarge && html`<p class="muted small">The classes with the lowest F1 come first.</p>`}
    <div class="scroll">
      <table class="classes">
        <thead>
          <tr>
            ${columns.map((column) => html`<th>${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ label, name, support, precision, recall, f1 }) =>
              html`<tr>
                <td>${name}</td>
                <td>${formatCount(support)}</td>
                <td>${precision.toFixed(4)}</td>
                <td>${recall.toFixed(4)}</td>
                <td>${f1.toFixed(4)}</td>
                <td>${worstMistake(confusionMatrix[label], label, perClass)}</td>
              </tr>`,
          )}
          <tr>
            <td>mean</td>
            <td></td>
            <td>${macro.precision.toFixed(4)}</td>
            <td>${macro.recall.toFixed(4)}</td>
            <td>${macro.f1.toFixed(4)}</td>
            <td></td>
          </tr>
        </tbody>
      </table>
    </div>`;
}

function worstMistake(row: readonly number[], label: number, classes: readonly { readonly name: string }[]): string {
  const mistakes = row.map((count, answer) => (answer === label ? 0 : count));
  const most = Math.max(...mistakes);
  return most === 0 ? '' : `${classes[mistakes.indexOf(most)].name} (${most})`;
}

const MAX_PICTURED = 40;

/** The mistakes that the model was surest of, as pictures. */
export async function mistakesSection({ run, predictions, images }: ReportContent): Promise<Html | null> {
  const test = run.metrics?.test;
  if (test === undefined || predictions === null || images === null) return null;
  const names = test.perClass.map(({ name }) => name);
  const mistakes = findMistakes(predictions, names.length);
  const shown = mistakes.slice(0, MAX_PICTURED);
  const { height, width, channels } = images;
  const size = height * width * channels;
  const entries = await Promise.all(
    shown.map(async (mistake) => {
      const data = images.images.subarray(mistake.index * size, (mistake.index + 1) * size);
      const image = await pngAddress({ data, width, height, channels: channels as 1 | 3 });
      return galleryEntry(mistake, names, image, predictions.names?.[mistake.index] ?? null);
    }),
  );
  return html`<section>
    <h2>Most confident mistakes</h2>
    <p>
      ${
        mistakes.length === 0
          ? 'None: every test image was answered rightly.'
          : `${shown.length === mistakes.length ? 'All' : `${shown.length} of`} ${formatCount(mistakes.length)} mistakes, the surest first. Some labels of the set may be wrong themselves.`
      }
    </p>
    <ul class="gallery">
      ${entries}
    </ul>
  </section>`;
}

function galleryEntry(
  { index, label, answer, confidence, labelProbability }: Mistake,
  names: readonly string[],
  address: string,
  file: string | null,
): Html {
  const alternative = `${file ?? `Test image ${index}`}, labelled ${names[label]}, answered as ${names[answer]}`;
  return html`<li>
    <img src="${address}" alt="${alternative}" title="${alternative}" width="28" height="28" />
    <div class="read"><span>${names[answer]}</span> <span class="probability">${percent(confidence)}</span></div>
    <div>
      <span><span class="muted">is</span> ${names[label]}</span>
      <span class="probability muted">${percent(labelProbability)}</span>
    </div>
    ${file === null ? null : html`<div class="name">${file}</div>`}
  </li>`;
}

/** An image that was answered wrongly. */
interface Mistake {
  readonly index: number;
  readonly label: number;
  readonly answer: number;
  /** Probability of the answer. */
  readonly confidence: number;
  /** Probability of the true class. */
  readonly labelProbability: number;
}

/** Finds the wrong answers, the most confident first. */
function findMistakes({ labels, probabilities }: Predictions, numClasses: number): readonly Mistake[] {
  return Array.from(mostProbableClasses(probabilities, numClasses), (answer, index): Mistake => {
    const label = labels[index];
    const at = (column: number) => probabilities[index * numClasses + column];
    return { index, label, answer, confidence: at(answer), labelProbability: at(label) };
  })
    .filter(({ label, answer }) => label !== answer)
    .sort((a, b) => b.confidence - a.confidence);
}
