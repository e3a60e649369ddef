import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { normaliseImages, selectImages, stratifiedSplit, type Stroke, strokesToImage } from '@digits/data';
import { addHandwriting, HANDWRITING_VARIANTS, generateHandwriting } from '@digits/synthesis';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { mostProbableClasses, PRESET_NAMES, presetConfig, type PresetName, train } from '@digits/model';
import { loadPretrainedInkModel } from '@digits/model/node';
import { readPicture } from '@digits/picture-files';
import { createInkDetector, type InkDetector, prepareImage } from '@digits/reader';
import { Command, Option } from 'commander';
import { percent } from '../table.ts';

/** Seed of the synthetic images for measuring; no training uses it. */
export const MEASURING_SEED = 1_000_003;

const HELD_OUT_COUNT = 2000;

/** A strength at which some digits are hard to read for people too. */
const UNSTEADY = 1.5;

const BLANK = new Uint8Array(28 * 28);

/** One labelled drawing or picture, prepared for the network. */
interface Sample {
  /** The file, or the drawing's index. */
  readonly name: string;
  readonly label: number;
  /** `[28, 28]` uint8; all black if no digit was found. */
  readonly image: Uint8Array;
}

interface Flags {
  readonly preset: PresetName;
  readonly epochs?: number;
  readonly seed: number;
  readonly made: number;
  readonly strength: number;
  readonly pictureShare: number;
  readonly strokeWidth: number;
  readonly drawings?: string;
  readonly pictures: readonly string[];
}

/** Gives the most probable digit of each image. */
type Read = (images: Uint8Array) => Promise<ArrayLike<number>>;

/** Creates `measure handwriting`: what training with synthetic handwriting gains. */
export function measureHandwritingCommand(): Command {
  return new Command('handwriting')
    .description(
      'train a preset with synthetic handwriting; print its accuracy on the validation split, on variants left out of training, and on samples',
    )
    .addOption(new Option('--preset <name>').choices(PRESET_NAMES).default('fast'))
    .option('--epochs <n>', "default: the preset's", Number)
    .option('--seed <n>', 'seed of the training', Number, 42)
    .option('--made <n>', 'number of synthetic digits', Number, 12_000)
    .option('--strength <x>', 'strength of their distortions', Number, 1)
    .option('--picture-share <s>', 'share of them that is preprocessed from pictures', Number, 0.3)
    .option('--stroke-width <radius>', 'also vary the stroke width of the training images', Number, 0)
    .option('--drawings <FILE>', 'JSON file of drawings: [{ label, strokes: [[[x, y], ...], ...] }, ...]')
    .option('--pictures <DIR...>', "folders of pictures of one digit each, with each file's digit in labels.json", [])
    .action(measureHandwriting);
}

async function measureHandwriting(flags: Flags): Promise<void> {
  const { seed, epochs, strength, pictureShare, strokeWidth: radius } = flags;
  const config = presetConfig(flags.preset, { seed, ...(epochs !== undefined && { epochs }) });
  const mnist = await loadSplit('mnist', 'train');
  const split = stratifiedSplit(mnist.labels, mnist.numClasses, config.validationSize, seed);
  const validation = selectImages(mnist, split.validation);
  const started = performance.now();
  const made = { count: flags.made, seed, strength, pictureShare };
  const data = { train: addHandwriting(selectImages(mnist, split.train), made), validation };
  console.error(`${made.count} made digits in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const engine = createSimdEngine();
  const augmentation =
    radius > 0 && config.augmentation !== null
      ? { ...config.augmentation, strokeWidth: { radius } }
      : config.augmentation;
  const result = await train({ ...config, augmentation }, data, engine, {
    onEpoch: ({ epoch, validationAccuracy, seconds }) => {
      console.error(`epoch ${epoch}: MNIST validation ${percent(validationAccuracy)}, ${seconds.toFixed(0)} s`);
    },
  });
  const predictor = await engine.createPredictor(config.architecture, result.weights);
  const read: Read = async (images) => mostProbableClasses(await predictor.predict(normaliseImages(images)), 10);

  await report(read, 'MNIST validation', validation.images, validation.labels);
  await reportMade(read);
  await reportUnsteady(read);
  if (flags.drawings !== undefined) await reportSamples(read, flags.drawings, await readDrawings(flags.drawings));
  if (flags.pictures.length > 0) {
    const { architecture, weights } = await loadPretrainedInkModel();
    const inkPredictor = await engine.createPredictor(architecture, weights);
    const ink = createInkDetector(inkPredictor);
    for (const folder of flags.pictures) await reportSamples(read, join(folder), await readPictures(folder, ink));
    await inkPredictor.dispose();
  }
  await predictor.dispose();
}

async function reportMade(read: Read): Promise<void> {
  const heldOut = generateHandwriting({ count: HELD_OUT_COUNT, seed: MEASURING_SEED, variants: 'heldOut' });
  const answers = await report(read, 'made digits of left-out variants', heldOut.images, heldOut.labels);
  heldOut.variants.forEach((name, index) => {
    const own = [...heldOut.variantIndices.keys()].filter((i) => heldOut.variantIndices[i] === index);
    const wrong = own.filter((i) => answers[i] !== heldOut.labels[i]).map((i) => answers[i]);
    console.log(`  ${name}: ${percent(1 - wrong.length / own.length)} of ${own.length}; misread as ${tally(wrong)}`);
  });
}

async function reportUnsteady(read: Read): Promise<void> {
  const variants = HANDWRITING_VARIANTS.map(({ name }) => name);
  const unsteady = generateHandwriting({ count: 1000, seed: MEASURING_SEED, variants, strength: UNSTEADY });
  await report(read, `made digits of all variants at strength ${UNSTEADY}`, unsteady.images, unsteady.labels);
}

async function reportSamples(read: Read, name: string, samples: readonly Sample[]): Promise<void> {
  const images = new Uint8Array(samples.length * 28 * 28);
  samples.forEach(({ image }, i) => {
    images.set(image, i * image.length);
  });
  const labels = Uint8Array.from(samples, ({ label }) => label);
  const answers = await report(read, name, images, labels);
  samples.forEach((sample, i) => {
    if (answers[i] !== sample.label) console.log(`  ${sample.name}: ${sample.label} read as ${answers[i]}`);
  });
}

async function report(read: Read, name: string, images: Uint8Array, labels: Uint8Array): Promise<ArrayLike<number>> {
  const answers = await read(images);
  const numCorrect = labels.filter((label, i) => answers[i] === label).length;
  console.log(`${name}: ${percent(numCorrect / labels.length)} of ${labels.length}`);
  return answers;
}

function tally(digits: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const digit of digits) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  return [...counts].map(([digit, count]) => `${digit} (${count})`).join(', ') || 'nothing';
}

/** Reads drawings: `[{ label, strokes: [[[x, y], ...], ...] }, ...]`. */
async function readDrawings(file: string): Promise<Sample[]> {
  const drawings = JSON.parse(await readFile(file, 'utf8')) as { label: number; strokes: Stroke[] }[];
  return drawings.map(({ label, strokes }, i) => ({
    name: String(i),
    label,
    image: strokesToImage(strokes).image ?? BLANK,
  }));
}

/** Reads a folder of pictures of one digit each, whose `labels.json` gives each file's digit. */
async function readPictures(folder: string, ink: InkDetector): Promise<Sample[]> {
  const labels = JSON.parse(await readFile(join(folder, 'labels.json'), 'utf8')) as Record<string, number>;
  return Promise.all(
    Object.entries(labels).map(async ([name, label]) => {
      const { picture } = await readPicture(join(folder, name));
      return { name, label, image: (await prepareImage(picture, ink)).image ?? BLANK };
    }),
  );
}
