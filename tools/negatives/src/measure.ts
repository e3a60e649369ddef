import { parseArgs } from 'node:util';
import { normaliseImages, selectImages, stratifiedSplit } from '@digits/data';
import { generateHandwriting, NEGATIVE_LETTERS } from '@digits/synthesis';
import { loadDataset, loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  fitRejection,
  measureRejection,
  type Model,
  numClassesOf,
  rejectionScores,
  type RejectionRule,
} from '@digits/model';
import { loadModel } from '@digits/model/node';
import { type ImageSet, loadFashion, loadTestLetters, makeBlanks, makeHeldOutSets } from './image-sets.ts';
import { formatTable, percent } from './table.ts';

const USAGE = `Measures what a model refuses, at the threshold that it carries.

node dist/measure.js --model DIR [--keep S] [--fashion DIR] [--json]

--model    a model folder whose rejection rule was fitted
--keep     share of MNIST's validation digits to keep: fits the threshold anew instead
--fashion  folder of Fashion-MNIST's test split, default /usr/share/datasets/fashion-mnist; left out where it is not there
--json     the figures as one JSON object on the last line`;

const MADE_DIGITS = 2000;
const EACH_KIND = 500;

interface Figures {
  readonly name: string;
  readonly count: number;
  /** Share that is refused. */
  readonly refused: number;
  /** Against MNIST's test digits; null for digits. */
  readonly auroc: number | null;
}

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    keep: { type: 'string' },
    fashion: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help || options.model === undefined) {
  console.error(USAGE);
  process.exit(options.help ? 0 : 2);
}

const model = await loadModel(options.model);
const engine = createSimdEngine({ threads: 1 });
const rejection = options.keep === undefined ? model.metadata.rejection : await refit(model, Number(options.keep));
if (rejection === null) {
  console.error(`measure: ${options.model} must have a rejection rule, got none; fit its threshold first`);
  process.exit(1);
}
const figures = await measure(model, rejection, options.fashion);
if (options.json) console.log(JSON.stringify({ modelDir: options.model, rejection, ...figures }));
process.exit(0);

/** Fits to the digits that the model's training held out. */
async function refit({ metadata, ...network }: Model, keep: number): Promise<RejectionRule> {
  const { train } = await loadDataset('mnist');
  const { validation } = stratifiedSplit(train.labels, 10, metadata.validationSize ?? 10_000, metadata.seed ?? 42);
  return fitRejection({ metadata, ...network }, engine, selectImages(train, validation), keep);
}

async function measure(measured: Model, rule: RejectionRule, fashionFolder: string) {
  const predictor = await engine.createPredictor(measured.architecture, measured.weights);
  const { temperature, classNames } = measured.metadata;
  const numOutputs = numClassesOf(measured.architecture);
  const scoresOf = async (images: Uint8Array): Promise<Float64Array> => {
    const logits = await predictor.predict(normaliseImages(images));
    return rejectionScores(logits, numOutputs, { ...rule, numClasses: classNames.length, temperature });
  };
  const refusedShare = (scores: Float64Array): number =>
    scores.filter((score) => score < rule.threshold).length / scores.length;

  const test = await loadSplit('mnist', 'test');
  const digitScores = await scoresOf(test.images);
  const figuresOf = async ({ name, images }: ImageSet): Promise<Figures> => {
    const { refused, auroc, numOthers } = measureRejection(digitScores, await scoresOf(images), rule.threshold);
    return { name, count: numOthers, refused, auroc };
  };
  const made = generateHandwriting({ count: MADE_DIGITS, seed: 7, variants: 'heldOut' });
  const digits: Figures[] = [
    { name: "MNIST's test digits", count: test.count, refused: refusedShare(digitScores), auroc: null },
    {
      name: 'made digits, held-out',
      count: made.count,
      refused: refusedShare(await scoresOf(made.images)),
      auroc: null,
    },
  ];
  const letters = await loadTestLetters();
  const fashion = await loadFashion(fashionFolder);
  if (fashion === null) console.error(`measure: no Fashion-MNIST in ${fashionFolder}, left out`);
  const sets = [letters, ...(fashion === null ? [] : [fashion]), makeBlanks(), ...makeHeldOutSets(test, EACH_KIND)];
  const others: Figures[] = [];
  for (const set of sets) others.push(await figuresOf(set));
  console.log(tableOf([...digits, ...others]));

  const letterScores = await scoresOf(letters.images);
  const refusedByLetter = Object.fromEntries(
    Array.from(NEGATIVE_LETTERS, (letter, label) => [
      letter,
      refusedShare(letterScores.filter((_, n) => letters.labels[n] === label)),
    ]),
  );
  const shares = Object.entries(refusedByLetter).map(([letter, share]) => `${letter} ${(100 * share).toFixed(0)}`);
  console.log(`\nRefused of each letter, in percent: ${shares.join(', ')}`);
  return { digits, others, refusedByLetter };
}

function tableOf(rows: readonly Figures[]): string {
  return formatTable([
    ['', 'images', 'kept', 'refused', 'AUROC'],
    ...rows.map(({ name, count, refused, auroc }) => [
      name,
      String(count),
      percent(1 - refused),
      percent(refused),
      auroc === null ? '' : auroc.toFixed(5),
    ]),
  ]);
}
