/*
 * Measures the shipped model on MNIST's test split for the Model page: the figures into `src/generated`, the digits that it misreads
 * into `public/figures`. Nothing on that page is written by hand.
 */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MNIST_CHECKSUM, normaliseImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { expectedCalibrationError } from '@digits/metrics';
import { createClassifier, countParameters, evaluateClassifier, mostProbableClasses } from '@digits/model';
import { loadModel } from '@digits/model/node';
import { Marked } from 'marked';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
/** Rows beyond which a table of the card is folded away. */
const LONG_TABLE = 30;

const source = process.env.DIGITS_MODEL ?? here('../../../libs/model/pretrained');

const model = await loadModel(source);
const test = await loadSplit('mnist', 'test');
const classifier = await createClassifier(model, createSimdEngine());
const { evaluation, probabilities } = await evaluateClassifier(classifier, test, 'test');
const numAnswered = await countAnswered();
await classifier.dispose();

const { classNames, preset, seed, weightsSha256, temperature, rejection, dataset } = model.metadata;
const answers = mostProbableClasses(probabilities, classNames.length);
const mistakes = Array.from(answers.keys())
  .filter((i) => answers[i] !== test.labels[i])
  .map((i) => ({
    index: i,
    label: test.labels[i],
    answer: answers[i],
    confidence: probabilities[i * classNames.length + answers[i]],
  }))
  .sort((a, b) => b.confidence - a.confidence);

const figures = {
  facts: {
    preset,
    seed,
    weightsSha256,
    temperature,
    rejection,
    parameters: countParameters(model.architecture).trainable,
    numLayers: model.architecture.layers.length,
    fileBytes: (await sizeOf('model.json')) + (await sizeOf('weights.bin')),
    isTrainedOnMnist: dataset?.sha256 === MNIST_CHECKSUM,
  },
  classNames,
  evaluation,
  numAnswered,
  reliability: expectedCalibrationError(test.labels, probabilities, classNames.length).bins,
  mistakes: mistakes.map(({ label, answer, confidence }) => ({ label, answer, confidence })),
  cardHtml: await cardHtml(),
};

await mkdir(here('../src/generated'), { recursive: true });
await writeFile(
  here('../src/generated/model-figures.ts'),
  "import type { ModelFigures } from '../model-page/model-figures.ts';\n\n" +
    '/** Of the shipped model. Written by scripts/model-figures.mjs. */\n' +
    `export const MODEL_FIGURES: ModelFigures = ${JSON.stringify(figures)};\n`,
);
await mkdir(here('../public/figures'), { recursive: true });
await writeFile(
  here('../public/figures/misread.bin'),
  Buffer.concat(mistakes.map(({ index }) => test.images.subarray(index * 784, (index + 1) * 784))),
);

async function countAnswered() {
  const chunk = 1000;
  let count = 0;
  for (let start = 0; start < test.count; start += chunk) {
    const images = normaliseImages(test.images.subarray(start * 784, (start + chunk) * 784));
    count += (await classifier.classify(images)).filter(({ rejected }) => !rejected).length;
  }
  return count;
}

async function sizeOf(file) {
  return (await stat(join(source, file))).size;
}

/** The card's text below its title, which the page has already; headings one level down, wide tables in frames that scroll. */
async function cardHtml() {
  const text = await readFile(join(source, 'README.md'), 'utf8').catch(() => '');
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const level = Math.min(6, depth + 1);
        return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
      },
      table({ header, rows }) {
        const cell = ({ tokens }, tag) => `<${tag}>${this.parser.parseInline(tokens)}</${tag.split(' ')[0]}>`;
        const head = header.map((each) => cell(each, each.text === '' ? 'td' : 'th scope="col"'));
        const body = rows.map((row) => row.map((each, i) => cell(each, i === 0 ? 'th scope="row"' : 'td')));
        const name = header
          .map(({ text }) => text)
          .filter(Boolean)
          .join(', ');
        const table =
          `<div role="group" tabindex="0" aria-label="Table: ${name}"><table><thead><tr>${head.join('')}</tr></thead>` +
          `<tbody>${body.map((row) => `<tr>${row.join('')}</tr>`).join('')}</tbody></table></div>\n`;
        if (rows.length <= LONG_TABLE) return table;
        return `<details><summary>All ${rows.length}: ${name}</summary>${table}</details>\n`;
      },
    },
  });
  return marked.parse(text.replace(/^# .*\n/, ''));
}
