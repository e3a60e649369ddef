import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LabelledImages, normaliseImages, selectImages, stratifiedSplit } from '@digits/data';
import { addNegatives, generateNegatives } from '@digits/synthesis';
import { loadDataset } from '@digits/data/node';
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
import { fitFeatureDistance } from './feature-distance.ts';
import { type ImageSet, makeHeldOutSets } from './image-sets.ts';
import { formatTable, percent } from './table.ts';

const USAGE = `Compares ways to tell digits from what is none, on the validation split and held-out negatives.

node dist/compare.js --models DIR [--epochs N] [--share S] [--json]

--models  where the two networks are kept: an ordinary one, and one with made negatives as an eleventh class;
          they are trained if they are not there, and keep a rule that measure.js can take
--epochs  of each network, default 3
--share   of made negatives among the training images, default 0.15
--json    the figures as one JSON object on the last line`;

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

const { values: options } = parseArgs({
  options: {
    models: { type: 'string' },
    epochs: { type: 'string', default: '3' },
    share: { type: 'string', default: '0.15' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help || options.models === undefined) {
  console.error(USAGE);
  process.exit(options.help ? 0 : 2);
}

const engine = createSimdEngine();
const { train: all } = await loadDataset('mnist');
const split = stratifiedSplit(all.labels, 10, VALIDATION_SIZE, SEED);
const digits = { train: selectImages(all, split.train), validation: selectImages(all, split.validation) };
const networks = [
  await loadOrTrain('plain', digits),
  await loadOrTrain('negatives', {
    train: addNegatives(digits.train, { share: Number(options.share), seed: SEED }),
    validation: addNegatives(digits.validation, { share: Number(options.share), seed: SEED, fold: 'validation' }),
  }),
];
const contestants: Contestant[] = [];
for (const [i, model] of networks.entries()) {
  const name = ['ordinary', 'eleventh class'][i];
  const accuracy = await accuracyOf(model, digits.validation);
  console.log(`${name}: ${percent(accuracy)} of the validation digits right`);
  contestants.push(...(await contestantsOf(name, model, engine)));
}
const figures = await compare(contestants);
if (options.json) console.log(JSON.stringify(figures));
process.exit(0);

/** A narrower `accurate`: what a score is good for shows in minutes. */
function configOf(numClasses: number): TrainingConfig {
  const widths: Readonly<Record<string, number>> = { conv1: 12, conv2: 16, conv3: 24, conv4: 32, conv5: 48, conv6: 64 };
  const config = presetConfig('accurate', { epochs: Number(options.epochs), numClasses, averageDecay: 0.998 });
  const layers = config.architecture.layers.map((layer) =>
    layer.type === 'conv2d' ? { ...layer, filters: widths[layer.name] } : layer,
  );
  return { ...config, architecture: { ...config.architecture, layers } };
}

async function loadOrTrain(
  name: string,
  data: { readonly train: LabelledImages; readonly validation: LabelledImages },
): Promise<Model> {
  const folder = join(options.models ?? '', name);
  if (existsSync(join(folder, 'model.json'))) return loadModel(folder);
  const config = configOf(data.train.numClasses);
  const { weights } = await train(config, data, engine, {
    onEpoch: ({ epoch, validationLoss, seconds }) => {
      console.error(
        `${name}: epoch ${epoch + 1}, validation loss ${validationLoss.toFixed(4)}, ${seconds.toFixed(0)} s`,
      );
    },
  });
  const classNames = Array.from({ length: 10 }, (_, digit) => String(digit));
  const trained = createModel(config.architecture, weights, { seed: config.seed, classNames });
  const rejection = await fitRejection(trained, engine, digits.validation, KEEP);
  const model = createModel(config.architecture, weights, { ...trained.metadata, rejection });
  await saveModel(folder, model);
  return model;
}

async function accuracyOf(model: Model, { images, labels, count }: LabelledImages): Promise<number> {
  const predictor = await engine.createPredictor(model.architecture, model.weights);
  const logits = await predictor.predict(normaliseImages(images));
  const numOutputs = numClassesOf(model.architecture);
  const answers = mostProbableClasses(
    logits.filter((_, i) => i % numOutputs < 10),
    10,
  );
  return answers.filter((answer, n) => answer === labels[n]).length / count;
}

async function contestantsOf(network: string, model: Model, runner: Engine): Promise<Contestant[]> {
  const numOutputs = numClassesOf(model.architecture);
  const predictor = await runner.createPredictor(model.architecture, model.weights);
  const byLogits = (score: 'confidence' | 'energy' | 'none') => async (images: Uint8Array) =>
    rejectionScores(await predictor.predict(normaliseImages(images)), numOutputs, { numClasses: 10, score });
  const fitted = selectImages(
    digits.train,
    Uint32Array.from({ length: FITTED_TO }, (_, i) => i),
  );
  const features = await fitFeatureDistance(runner, model, fitted);
  const byDistance = (images: Uint8Array): Promise<Float64Array> => features.score(images);
  const best = numOutputs > 10 ? 'none' : 'energy';
  return [
    { network, score: 'confidence', scoresOf: byLogits('confidence') },
    { network, score: 'energy', scoresOf: byLogits('energy') },
    { network, score: 'feature distance', scoresOf: byDistance },
    ...(numOutputs > 10 ? [{ network, score: 'none', scoresOf: byLogits('none') }] : []),
    { network, score: `${best} + feature distance`, scoresOf: await sumOf(byLogits(best), byDistance) },
  ];
}

/** The sum of two scores, each in units of its standard deviation over the validation digits. */
async function sumOf(...scores: Contestant['scoresOf'][]): Promise<Contestant['scoresOf']> {
  const spreads: number[] = [];
  for (const score of scores) {
    const values = await score(digits.validation.images);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    spreads.push(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length));
  }
  return async (images) => {
    const parts = await Promise.all(scores.map((score) => score(images)));
    return parts[0].map((_, n) => parts.reduce((sum, part, i) => sum + part[n] / spreads[i], 0));
  };
}

async function compare(all: readonly Contestant[]) {
  const mixed = generateNegatives(digits.validation, { count: 5000, seed: 7, fold: 'validation' }).images;
  const sets: ImageSet[] = [{ name: 'all', images: mixed }, ...makeHeldOutSets(digits.validation, EACH_KIND)];
  const rows: string[][] = [['network', 'score', 'AUROC', ...sets.map(({ name }) => name)]];
  const figures = [];
  for (const { network, score, scoresOf } of all) {
    const digitScores = await scoresOf(digits.validation.images);
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
