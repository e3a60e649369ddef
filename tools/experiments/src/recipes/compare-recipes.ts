import { readFile } from 'node:fs/promises';
import type { LabelledImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  type Architecture,
  countParameters,
  type Engine,
  finishTraining,
  type Layer,
  parseTrainingConfig,
  prepareTrainingData,
  PRESET_NAMES,
  presetConfig,
  type PresetName,
  train,
} from '@digits/model';
import { Command, Option } from 'commander';
import { measureOnValidation, type ValidationFigures } from './validation-figures.ts';

interface Flags {
  readonly preset: PresetName;
  readonly seeds: readonly number[];
  readonly epochs?: number;
  readonly settings: string;
  readonly config?: string;
  readonly layers?: string;
  readonly validationSize: number;
  readonly threads: number;
}

/** Creates `compare recipes`: trains a recipe with several seeds and prints its figures on validation data. */
export function compareRecipesCommand(): Command {
  return new Command('recipes')
    .description(
      'train a recipe with several seeds: one line of JSON per seed on standard output, then one with the means',
    )
    .addOption(new Option('--preset <name>').choices(PRESET_NAMES).default('fast'))
    .option('--seeds <list>', 'comma-separated seeds', (text) => text.split(',').map(Number), [1, 2, 3])
    .option('--epochs <n>', "default: the preset's", Number)
    .option('--settings <JSON>', "training settings that differ from the preset's", '{}')
    .option('--config <FILE>', 'the same, read from a file')
    .option(
      '--layers <words>',
      'another network, such as "16v p 32v p": 3x3 convolutions (valid or same), pooling, d0.3',
    )
    .option('--validation-size <n>', '10000 tells 99.65% from 99.70%, 5000 does not', Number, 10_000)
    .option('--threads <n>', 'number of threads', Number, 1)
    .action(async (flags: Flags) => {
      const engine = createSimdEngine({ threads: flags.threads });
      const mnist = await loadSplit('mnist', 'train');
      const all: ValidationFigures[] = [];
      for (const seed of flags.seeds) all.push(await tryRecipe(seed, mnist, engine, flags));
      console.log(JSON.stringify({ seeds: all.length, mean: meansOf(all) }));
    });
}

async function tryRecipe(
  seed: number,
  mnist: LabelledImages,
  engine: Engine,
  flags: Flags,
): Promise<ValidationFigures> {
  const text = flags.config === undefined ? flags.settings : await readFile(flags.config, 'utf8');
  const settings = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { validationSize, epochs } = flags;
  const preset = presetConfig(flags.preset, {
    seed,
    validationSize,
    ...settings,
    ...(epochs !== undefined && { epochs }),
  });
  const { inputShape } = preset.architecture;
  const numOutputs = mnist.numClasses + (preset.negatives === null ? 0 : 1);
  const config = parseTrainingConfig(
    flags.layers === undefined
      ? preset
      : { ...preset, preset: null, architecture: parseLayers(flags.layers, inputShape, numOutputs) },
    'compare recipes: settings',
  );
  const data = prepareTrainingData(mnist, config);
  const result = await train(config, data, engine, {
    onEpoch: ({ epoch, validationLoss, validationAccuracy, seconds }) => {
      console.error(
        `seed ${seed} epoch ${epoch}: loss ${validationLoss.toFixed(4)}, accuracy ${validationAccuracy.toFixed(4)}, ${seconds.toFixed(0)} s`,
      );
    },
  });
  const { model } = await finishTraining({ config, weights: result.weights, engine, data, test: null });
  const figures = await measureOnValidation(model, engine, data.digits);
  const { trainable } = countParameters(config.architecture);
  const { temperature, weightsSha256 } = model.metadata;
  const seconds = Math.round(result.history.reduce((sum, epoch) => sum + epoch.seconds, 0));
  console.log(JSON.stringify({ seed, parameters: trainable, seconds, ...figures, temperature, weightsSha256 }));
  return figures;
}

/** Means of each figure over the seeds; null for figures that the recipe does not have. */
function meansOf(rows: readonly ValidationFigures[]): Record<string, number | null> {
  const keys = Object.keys(rows[0]) as (keyof ValidationFigures)[];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      rows[0][key] === null ? null : rows.reduce((sum, row) => sum + (row[key] ?? 0), 0) / rows.length,
    ]),
  );
}

/**
 * Parses a network written as words: `16v` is a 3x3 convolution of 16 filters with `valid` padding, `16s` one with `same`
 * padding, each followed by batch normalisation and ReLU; `p` is 2x2 pooling; `d0.3` is dropout of 0.3 before the dense
 * layer that ends every network.
 *
 * @throws RangeError for any other word
 * @example
 * ```ts
 * parseLayers('16v p 32v p', [28, 28, 1], 10); // two blocks of convolution and pooling
 * ```
 */
export function parseLayers(text: string, inputShape: Architecture['inputShape'], numOutputs: number): Architecture {
  const layers: Layer[] = [];
  const dropout: Layer[] = [];
  let [numConvolutions, numPools] = [0, 0];
  for (const word of text.trim().split(/\s+/)) {
    const block = /^(\d+)([vs])$/.exec(word);
    const rate = /^d(0\.\d+)$/.exec(word);
    if (block !== null) {
      layers.push(...convolution(++numConvolutions, Number(block[1]), block[2] === 'v' ? 'valid' : 'same'));
    } else if (word === 'p') {
      const name = `pool${++numPools}`;
      layers.push({ type: 'maxPooling2d', name, poolSize: [2, 2], strides: [2, 2], padding: 'valid' });
    } else if (rate !== null) {
      dropout.push({ type: 'dropout', name: 'dropout', rate: Number(rate[1]) });
    } else {
      throw new RangeError(`parseLayers: text must be of words like 16v, 16s, p and d0.3, got "${word}"`);
    }
  }
  const logits: Layer = { type: 'dense', name: 'logits', units: numOutputs, useBias: true };
  return { inputShape, layers: [...layers, { type: 'flatten', name: 'flatten' }, ...dropout, logits] };
}

function convolution(index: number, filters: number, padding: 'valid' | 'same'): Layer[] {
  const name = `conv${index}`;
  return [
    { type: 'conv2d', name, filters, kernelSize: [3, 3], strides: [1, 1], padding, useBias: false },
    { type: 'batchNormalization', name: `bn${index}`, momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: `relu${index}` },
  ];
}
