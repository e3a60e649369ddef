import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  countParameters,
  finishTraining,
  parseTrainingConfig,
  prepareTrainingData,
  presetConfig,
  type PresetName,
  train,
} from '@digits/model';
import { parseLayers } from './parse-layers.ts';
import { measureOnValidation, type ValidationFigures } from './validation-figures.ts';

const USAGE = `Trains a recipe with several seeds and gives its figures on validation data; the test split is not read.

node dist/compare.js --preset NAME [--seeds 1,2,3] [--epochs N] [--settings JSON] [--config FILE] [--layers WORDS] [--validation-size N]
  [--threads N]

--settings  training settings that differ from the preset's, as JSON; --config reads them from a file
--layers    another network, such as "16v p 32v p": see parse-layers.ts
--validation-size  default 10000, which tells 99.65% from 99.70% where 5000 do not

One line of JSON for each seed on standard output, then one with the means.`;

const { values: options } = parseArgs({
  options: {
    preset: { type: 'string', default: 'fast' },
    seeds: { type: 'string', default: '1,2,3' },
    epochs: { type: 'string' },
    settings: { type: 'string', default: '{}' },
    config: { type: 'string' },
    layers: { type: 'string' },
    threads: { type: 'string', default: '1' },
    'validation-size': { type: 'string', default: '10000' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.error(USAGE);
  process.exit(0);
}

const engine = createSimdEngine({ threads: Number(options.threads) });
const mnist = await loadSplit('mnist', 'train');
const all: ValidationFigures[] = [];
for (const seed of options.seeds.split(',').map(Number)) all.push(await tryRecipe(seed));
console.log(JSON.stringify({ seeds: all.length, mean: meansOf(all) }));
process.exit(0);

async function tryRecipe(seed: number): Promise<ValidationFigures> {
  const text = options.config === undefined ? options.settings : await readFile(options.config, 'utf8');
  const settings = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const validationSize = Number(options['validation-size']);
  const epochs = options.epochs === undefined ? {} : { epochs: Number(options.epochs) };
  const preset = presetConfig(options.preset as PresetName, { seed, validationSize, ...settings, ...epochs });
  const { inputShape } = preset.architecture;
  const numOutputs = mnist.numClasses + (preset.negatives === null ? 0 : 1);
  const config = parseTrainingConfig(
    options.layers === undefined
      ? preset
      : { ...preset, preset: null, architecture: parseLayers(options.layers, inputShape, numOutputs) },
    'compare: settings',
  );
  const data = prepareTrainingData(mnist, config);
  const result = await train(config, data, engine, {
    onEpoch: ({ epoch, validationLoss, validationAccuracy, seconds }) => {
      console.error(
        `seed ${seed} epoch ${epoch + 1}: loss ${validationLoss.toFixed(4)}, accuracy ${validationAccuracy.toFixed(4)}, ${seconds.toFixed(0)} s`,
      );
    },
  });
  const { model } = await finishTraining({
    config,
    weights: result.weights,
    engine,
    data,
    test: null,
  });
  const figures = await measureOnValidation(model, engine, data.digits);
  const { trainable } = countParameters(config.architecture);
  const { temperature, weightsSha256 } = model.metadata;
  const seconds = Math.round(result.history.reduce((sum, epoch) => sum + epoch.seconds, 0));
  console.log(JSON.stringify({ seed, parameters: trainable, seconds, ...figures, temperature, weightsSha256 }));
  return figures;
}

/** Of each figure over the seeds; null where it has none. */
function meansOf(rows: readonly ValidationFigures[]): Record<string, number | null> {
  const keys = Object.keys(rows[0]) as (keyof ValidationFigures)[];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      rows[0][key] === null ? null : rows.reduce((sum, row) => sum + (row[key] ?? 0), 0) / rows.length,
    ]),
  );
}
