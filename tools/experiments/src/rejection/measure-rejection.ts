import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LabelledImages, normaliseImages, selectImages, stratifiedSplit } from '@digits/data';
import { generateHandwriting, generateNegatives, NEGATIVE_KINDS, NEGATIVE_LETTERS } from '@digits/synthesis';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  type Engine,
  fitRejection,
  measureRejection,
  type Model,
  numClassesOf,
  rejectionScores,
  type RejectionRule,
} from '@digits/model';
import { loadModel } from '@digits/model/node';
import { Command } from 'commander';
import { formatTable, percent } from '../table.ts';

/** Where Debian's package `dataset-fashion-mnist` installs Fashion-MNIST. */
export const FASHION_FOLDER = '/usr/share/datasets/fashion-mnist';

/** Seed of the images for measuring; no network is trained with it. */
const MEASURING_SEED = 7;

const NUM_PIXELS = 28 * 28;
const SYNTHETIC_DIGITS = 2000;
const EACH_KIND = 500;

/** Images of one kind that are not digits. */
export interface ImageSet {
  readonly name: string;
  /** `[n, 28, 28, 1]` uint8. */
  readonly images: Uint8Array;
}

/** How many images of a set are refused. */
export interface RefusalRow {
  readonly name: string;
  readonly count: number;
  /** Share that is refused. */
  readonly refused: number;
  /** Against MNIST's test digits; null for digits. */
  readonly auroc: number | null;
}

/** What a model refuses. */
export interface Refusals {
  readonly rejection: RejectionRule;
  /** Images that should be answered. */
  readonly digits: readonly RefusalRow[];
  /** Images that should be refused. */
  readonly others: readonly RefusalRow[];
  /** Share that is refused, by letter. */
  readonly refusedByLetter: Readonly<Record<string, number>>;
}

/** Creates `measure rejection`: what a model refuses. */
export function measureRejectionCommand(): Command {
  return new Command('rejection')
    .description('measure what a model refuses at the threshold that it carries')
    .requiredOption('--model <DIR>', 'model folder whose rejection rule was fitted')
    .option('--keep <share>', "share of MNIST's validation digits to keep: fits a new threshold", Number)
    .option('--fashion <DIR>', "folder of Fashion-MNIST's test split; skipped if it is missing", FASHION_FOLDER)
    .option('--json', 'print the figures as one JSON object on the last line')
    .action(async (flags: { model: string; keep?: number; fashion: string; json?: true }) => {
      const model = await loadModel(flags.model);
      const engine = createSimdEngine({ threads: 1 });
      const refitted = flags.keep === undefined ? model : await refit(model, engine, flags.keep);
      const refusals = await measureRefusals(refitted, engine, flags.fashion);
      console.log(reportRefusals(refusals));
      if (flags.json) console.log(JSON.stringify({ modelDir: flags.model, ...refusals }));
    });
}

/** Fits a new threshold to the digits that the model's training held out. */
async function refit(model: Model, engine: Engine, keep: number): Promise<Model> {
  const { metadata } = model;
  const train = await loadSplit('mnist', 'train');
  const { validation } = stratifiedSplit(train.labels, 10, metadata.validationSize ?? 10_000, metadata.seed ?? 42);
  const rejection = await fitRejection(model, engine, selectImages(train, validation), keep);
  return { ...model, metadata: { ...metadata, rejection } };
}

/**
 * Measures what a model refuses: MNIST's test digits, synthetic digits, and images that are not digits.
 *
 * @param fashionFolder folder of Fashion-MNIST's test split; skipped with a line on standard error if it is missing
 * @throws Error if the model has no rejection rule
 */
export async function measureRefusals(model: Model, engine: Engine, fashionFolder: string): Promise<Refusals> {
  const { temperature, classNames, rejection } = model.metadata;
  if (rejection === null) {
    throw new Error('measureRefusals: model must have a rejection rule, got none; fit its threshold first');
  }
  const predictor = await engine.createPredictor(model.architecture, model.weights);
  const numOutputs = numClassesOf(model.architecture);
  const scoresOf = async (images: Uint8Array): Promise<Float64Array> => {
    const logits = await predictor.predict(normaliseImages(images));
    return rejectionScores(logits, numOutputs, { ...rejection, numClasses: classNames.length, temperature });
  };
  const refusedShare = (scores: Float64Array): number =>
    scores.filter((score) => score < rejection.threshold).length / scores.length;

  const test = await loadSplit('mnist', 'test');
  const digitScores = await scoresOf(test.images);
  const made = generateHandwriting({ count: SYNTHETIC_DIGITS, seed: MEASURING_SEED, variants: 'heldOut' });
  const madeRefused = refusedShare(await scoresOf(made.images));
  const letters = await loadTestLetters();
  const fashion = await loadFashion(fashionFolder);
  if (fashion === null) console.error(`measure rejection: Fashion-MNIST is not in ${fashionFolder}, skipped`);
  const sets = [letters, ...(fashion === null ? [] : [fashion]), makeBlanks(), ...makeHeldOutSets(test, EACH_KIND)];
  const others: RefusalRow[] = [];
  for (const { name, images } of sets) {
    const { refused, auroc, numOthers } = measureRejection(digitScores, await scoresOf(images), rejection.threshold);
    others.push({ name, count: numOthers, refused, auroc });
  }
  const letterScores = await scoresOf(letters.images);
  await predictor.dispose();
  return {
    rejection,
    digits: [
      { name: "MNIST's test digits", count: test.count, refused: refusedShare(digitScores), auroc: null },
      { name: 'made digits, held-out', count: made.count, refused: madeRefused, auroc: null },
    ],
    others,
    refusedByLetter: Object.fromEntries(
      Array.from(NEGATIVE_LETTERS, (letter, label) => [
        letter,
        refusedShare(letterScores.filter((_, n) => letters.labels[n] === label)),
      ]),
    ),
  };
}

function reportRefusals({ digits, others, refusedByLetter }: Refusals): string {
  const table = formatTable([
    ['', 'images', 'kept', 'refused', 'AUROC'],
    ...[...digits, ...others].map(({ name, count, refused, auroc }) => [
      name,
      String(count),
      percent(1 - refused),
      percent(refused),
      auroc === null ? '' : auroc.toFixed(5),
    ]),
  ]);
  const shares = Object.entries(refusedByLetter).map(([letter, share]) => `${letter} ${(100 * share).toFixed(0)}`);
  return `${table}\n\nRefused of each letter, in percent: ${shares.join(', ')}`;
}

/**
 * Makes negatives from fonts, drawings and textures that no network is trained on, one set per kind.
 *
 * @param digits images that fragments and pairs are cut from
 */
export function makeHeldOutSets(digits: LabelledImages, numEach: number): ImageSet[] {
  return NEGATIVE_KINDS.map((kind) => {
    const options = { count: numEach, seed: MEASURING_SEED, fold: 'validation', kinds: [kind] } as const;
    return { name: kind, images: generateNegatives(digits, options).images };
  });
}

/** Loads the letters of the fonts kept for testing, preprocessed to 28x28; a label is an index into `NEGATIVE_LETTERS`. */
async function loadTestLetters(): Promise<ImageSet & { readonly labels: Uint8Array }> {
  const folder = fileURLToPath(new URL('../../letters', import.meta.url));
  const { images, labels } = await loadSplit(folder, 'test', { numClasses: NEGATIVE_LETTERS.length });
  return { name: 'letters of test fonts', images, labels };
}

/** Loads the test images of Fashion-MNIST, to which nothing is fitted; null if the folder lacks them. */
async function loadFashion(folder: string): Promise<ImageSet | null> {
  const names = ['t10k-images-idx3-ubyte', 't10k-images-idx3-ubyte.gz'];
  if (!names.some((name) => existsSync(join(folder, name)))) return null;
  return { name: 'Fashion-MNIST test', images: (await loadSplit(folder, 'test')).images };
}

/** Makes one uniform image of each brightness. */
function makeBlanks(): ImageSet {
  const images = Uint8Array.from({ length: 256 * NUM_PIXELS }, (_, i) => Math.floor(i / NUM_PIXELS));
  return { name: 'blank, each brightness', images };
}
