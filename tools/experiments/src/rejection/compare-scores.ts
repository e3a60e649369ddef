import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LabelledImages, normaliseImages, selectImages, stratifiedSplit } from '@digits/data';
import { addNegatives, generateNegatives } from '@digits/synthesis';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  createModel,
  type Engine,
  fitRejection,
  fitRejectionThreshold,
  measureRejection,
  type Model,
  mostProbableClasses,
  numClassesOf,
  presetConfig,
  type RejectionReport,
  rejectionScores,
  train,
  type TrainingConfig,
} from '@digits/model';
import { loadModel, saveModel } from '@digits/model/node';
import { Command } from 'commander';
import { formatTable, percent } from '../table.ts';
import { fitFeatureDistance } from './feature-distance.ts';
import { type ImageSet, makeHeldOutSets } from './measure-rejection.ts';

const SEED = 42;
const VALIDATION_SIZE = 10_000;
const FITTED_TO = 10_000;
const EACH_KIND = 500;
const KEEP = 0.998;

/** A way to score images, by the network that it takes. */
interface Contestant {
  readonly network: string;
  readonly score: string;
  readonly scoresOf: (images: Uint8Array) => Promise<Float64Array>;
}

interface ScoreFlags {
  readonly models: string;
  readonly epochs: number;
  readonly share: number;
  readonly json?: true;
}

/** Training and validation images; the validation digits are also what thresholds are fitted to. */
interface Digits {
  readonly train: LabelledImages;
  readonly validation: LabelledImages;
}

/** Creates `compare scores`: which score tells digits from other images best. */
export function compareScoresCommand(): Command {
  return new Command('scores')
    .description('compare rejection scores on the validation split and on held-out negatives')
    .requiredOption(
      '--models <DIR>',
      'folder of the two networks, one of them with an eleventh class; trained if missing',
    )
    .option('--epochs <n>', 'epochs of each network', Number, 3)
    .option('--share <s>', 'share of negatives among the training images', Number, 0.15)
    .option('--json', 'print the figures as one JSON object on the last line')
    .action(compareScores);
}

async function compareScores({ models, epochs, share, json }: ScoreFlags): Promise<void> {
  const engine = createSimdEngine();
  const all = await loadSplit('mnist', 'train');
  const split = stratifiedSplit(all.labels, 10, VALIDATION_SIZE, SEED);
  const digits = { train: selectImages(all, split.train), validation: selectImages(all, split.validation) };
  const withNegatives = {
    train: addNegatives(digits.train, { share, seed: SEED }),
    validation: addNegatives(digits.validation, { share, seed: SEED, fold: 'validation' }),
  };
  const contestants: Contestant[] = [];
  for (const [name, folder, data] of [
    ['ordinary', 'plain', digits],
    ['eleventh class', 'negatives', withNegatives],
  ] as const) {
    const model = await loadOrTrain(join(models, folder), data, digits.validation, engine, epochs);
    console.log(
      `${name}: ${percent(await accuracyOf(model, digits.validation, engine))} of the validation digits right`,
    );
    contestants.push(...(await contestantsOf(name, model, digits, engine)));
  }
  const figures = await compare(contestants, digits.validation);
  if (json) console.log(JSON.stringify(figures));
}

/** Narrows the preset `accurate`, so that the comparison takes minutes. */
function configOf(numClasses: number, epochs: number): TrainingConfig {
  const widths: Readonly<Record<string, number>> = { conv1: 12, conv2: 16, conv3: 24, conv4: 32, conv5: 48, conv6: 64 };
  const config = presetConfig('accurate', { epochs, numClasses, averageDecay: 0.998 });
  const layers = config.architecture.layers.map((layer) =>
    layer.type === 'conv2d' ? { ...layer, filters: widths[layer.name] } : layer,
  );
  return { ...config, architecture: { ...config.architecture, layers } };
}

/** Loads a network, or trains and saves it with a rejection rule that `measure rejection` can use. */
async function loadOrTrain(
  folder: string,
  data: Digits,
  validation: LabelledImages,
  engine: Engine,
  epochs: number,
): Promise<Model> {
  if (existsSync(join(folder, 'model.json'))) return loadModel(folder);
  const config = configOf(data.train.numClasses, epochs);
  const { weights } = await train(config, data, engine, {
    onEpoch: ({ epoch, validationLoss, seconds }) => {
      console.error(`${folder}: epoch ${epoch}, validation loss ${validationLoss.toFixed(4)}, ${seconds.toFixed(0)} s`);
    },
  });
  const classNames = Array.from({ length: 10 }, (_, digit) => String(digit));
  const trained = createModel(config.architecture, weights, { seed: config.seed, classNames });
  const rejection = await fitRejection(trained, engine, validation, KEEP);
  const model = createModel(config.architecture, weights, { ...trained.metadata, rejection });
  await saveModel(folder, model);
  return model;
}

async function accuracyOf(model: Model, { images, labels, count }: LabelledImages, engine: Engine): Promise<number> {
  const predictor = await engine.createPredictor(model.architecture, model.weights);
  const logits = await predictor.predict(normaliseImages(images));
  const numOutputs = numClassesOf(model.architecture);
  const answers = mostProbableClasses(
    logits.filter((_, i) => i % numOutputs < 10),
    10,
  );
  return answers.filter((answer, n) => answer === labels[n]).length / count;
}

async function contestantsOf(network: string, model: Model, digits: Digits, engine: Engine): Promise<Contestant[]> {
  const numOutputs = numClassesOf(model.architecture);
  const predictor = await engine.createPredictor(model.architecture, model.weights);
  const byLogits = (score: 'confidence' | 'energy' | 'none') => async (images: Uint8Array) =>
    rejectionScores(await predictor.predict(normaliseImages(images)), numOutputs, { numClasses: 10, score });
  const fitted = selectImages(
    digits.train,
    Uint32Array.from({ length: FITTED_TO }, (_, i) => i),
  );
  const features = await fitFeatureDistance(engine, model, fitted);
  const byDistance = (images: Uint8Array): Promise<Float64Array> => features.score(images);
  const best = numOutputs > 10 ? 'none' : 'energy';
  return [
    { network, score: 'confidence', scoresOf: byLogits('confidence') },
    { network, score: 'energy', scoresOf: byLogits('energy') },
    { network, score: 'feature distance', scoresOf: byDistance },
    ...(numOutputs > 10 ? [{ network, score: 'none', scoresOf: byLogits('none') }] : []),
    {
      network,
      score: `${best} + feature distance`,
      scoresOf: await sumOf(digits.validation, byLogits(best), byDistance),
    },
  ];
}

/** Sums scores, each divided by its standard deviation over the validation digits. */
async function sumOf(validation: LabelledImages, ...scores: Contestant['scoresOf'][]): Promise<Contestant['scoresOf']> {
  const spreads: number[] = [];
  for (const score of scores) {
    const values = await score(validation.images);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    spreads.push(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length));
  }
  return async (images) => {
    const parts = await Promise.all(scores.map((score) => score(images)));
    return parts[0].map((_, n) => parts.reduce((sum, part, i) => sum + part[n] / spreads[i], 0));
  };
}

async function compare(all: readonly Contestant[], validation: LabelledImages) {
  const mixed = generateNegatives(validation, { count: 5000, seed: 7, fold: 'validation' }).images;
  const sets: ImageSet[] = [{ name: 'all', images: mixed }, ...makeHeldOutSets(validation, EACH_KIND)];
  const rows: string[][] = [['network', 'score', 'AUROC', ...sets.map(({ name }) => name)]];
  const figures = [];
  for (const { network, score, scoresOf } of all) {
    const digitScores = await scoresOf(validation.images);
    const threshold = fitRejectionThreshold(digitScores, KEEP);
    const reports: RejectionReport[] = [];
    for (const { images } of sets) reports.push(measureRejection(digitScores, await scoresOf(images), threshold));
    rows.push([
      network,
      score,
      reports[0].auroc.toFixed(4),
      ...reports.map(({ refused }) => (100 * refused).toFixed(1)),
    ]);
    const refused = Object.fromEntries(sets.map(({ name }, i) => [name, reports[i].refused]));
    figures.push({ network, score, threshold, auroc: reports[0].auroc, refused });
  }
  console.log(`\nRefused, in percent, at the threshold that keeps ${percent(KEEP)} of the validation digits\n`);
  console.log(formatTable(rows));
  return figures;
}
