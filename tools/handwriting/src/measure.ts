import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { normaliseImages, selectImages, stratifiedSplit } from '@digits/data';
import { addHandwriting, HANDWRITING_VARIANTS, generateHandwriting } from '@digits/synthesis';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { mostProbableClasses, presetConfig, type Predictor, type PresetName, train } from '@digits/model';
import { readDrawings, readPictures, type Sample } from './samples.ts';

/*
 * Trains a preset on MNIST with made digits added and prints its accuracy on MNIST's validation split, on made digits of variants
 * left out of training, variant by variant, and on folders of labelled samples if asked.
 * `node dist/measure.js [--preset fast] [--epochs N] [--seed 42] [--made 12000] [--strength 1] [--picture-share 0.3]
 * [--stroke-width RADIUS] [--drawings FILE] [--pictures DIR ...]`
 */

const { values } = parseArgs({
  options: {
    preset: { type: 'string', default: 'fast' },
    epochs: { type: 'string' },
    seed: { type: 'string', default: '42' },
    made: { type: 'string', default: '12000' },
    strength: { type: 'string', default: '1' },
    'picture-share': { type: 'string', default: '0.3' },
    'stroke-width': { type: 'string', default: '0' },
    drawings: { type: 'string' },
    pictures: { type: 'string', multiple: true, default: [] },
  },
});

/** Made digits that no training saw come from another seed. */
const TEST_SEED = 1_000_003;

const HELD_OUT_COUNT = 2000;

/** A strength at which some digits are hard to read for a person too. */
const UNSTEADY = 1.5;

const seed = Number(values.seed);
const config = presetConfig(values.preset as PresetName, {
  seed,
  ...(values.epochs === undefined ? {} : { epochs: Number(values.epochs) }),
});
const mnist = await loadSplit('mnist', 'train');
const split = stratifiedSplit(mnist.labels, mnist.numClasses, config.validationSize, seed);
const validation = selectImages(mnist, split.validation);
const made = {
  count: Number(values.made),
  seed,
  strength: Number(values.strength),
  pictureShare: Number(values['picture-share']),
};
const started = performance.now();
const data = { train: addHandwriting(selectImages(mnist, split.train), made), validation };
console.error(`${made.count} made digits in ${((performance.now() - started) / 1000).toFixed(1)} s`);
const engine = createSimdEngine();
const radius = Number(values['stroke-width']);
const augmentation =
  radius > 0 && config.augmentation !== null
    ? { ...config.augmentation, strokeWidth: { radius } }
    : config.augmentation;
const result = await train({ ...config, augmentation }, data, engine, {
  onEpoch: ({ epoch, validationAccuracy, seconds }) => {
    console.error(`epoch ${epoch + 1}: MNIST validation ${percent(validationAccuracy)}, ${seconds.toFixed(0)} s`);
  },
});
const predictor = await engine.createPredictor(config.architecture, result.weights);

await report('MNIST validation', validation.images, validation.labels);
await reportMade();
await reportUnsteady();
if (values.drawings !== undefined) await reportSamples(values.drawings, await readDrawings(values.drawings));
for (const folder of values.pictures) await reportSamples(join(folder), await readPictures(folder));
await predictor.dispose();

async function reportMade(): Promise<void> {
  const heldOut = generateHandwriting({ count: HELD_OUT_COUNT, seed: TEST_SEED, variants: 'heldOut' });
  const answers = await report('made digits of left-out variants', heldOut.images, heldOut.labels);
  heldOut.variants.forEach((name, index) => {
    const own = [...heldOut.variantIndices.keys()].filter((i) => heldOut.variantIndices[i] === index);
    const wrong = own.filter((i) => answers[i] !== heldOut.labels[i]).map((i) => answers[i]);
    console.log(`  ${name}: ${percent(1 - wrong.length / own.length)} of ${own.length}; misread as ${tally(wrong)}`);
  });
}

async function reportUnsteady(): Promise<void> {
  const variants = HANDWRITING_VARIANTS.map(({ name }) => name);
  const unsteady = generateHandwriting({ count: 1000, seed: TEST_SEED, variants, strength: UNSTEADY });
  await report(`made digits of all variants at strength ${UNSTEADY}`, unsteady.images, unsteady.labels);
}

async function reportSamples(name: string, samples: readonly Sample[]): Promise<void> {
  const images = new Uint8Array(samples.length * 28 * 28);
  samples.forEach(({ image }, i) => {
    images.set(image, i * image.length);
  });
  const labels = Uint8Array.from(samples, ({ label }) => label);
  const answers = await report(name, images, labels);
  samples.forEach((sample, i) => {
    if (answers[i] !== sample.label) console.log(`  ${sample.name}: ${sample.label} read as ${answers[i]}`);
  });
}

async function report(name: string, images: Uint8Array, labels: Uint8Array): Promise<ArrayLike<number>> {
  const answers = await read(predictor, images);
  const numCorrect = labels.filter((label, i) => answers[i] === label).length;
  console.log(`${name}: ${percent(numCorrect / labels.length)} of ${labels.length}`);
  return answers;
}

async function read(network: Predictor, images: Uint8Array): Promise<ArrayLike<number>> {
  return mostProbableClasses(await network.predict(normaliseImages(images)), 10);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}

function tally(digits: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const digit of digits) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  return [...counts].map(([digit, count]) => `${digit} (${count})`).join(', ') || 'nothing';
}
