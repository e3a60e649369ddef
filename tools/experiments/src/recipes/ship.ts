import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { normaliseImages } from '@digits/data';
import { HANDWRITING_VARIANTS, generateHandwriting } from '@digits/synthesis';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { expectedCalibrationError, wilsonInterval } from '@digits/metrics';
import {
  type Classification,
  countParameters,
  createClassifier,
  type Engine,
  evaluateClassifier,
  type Evaluation,
  type Model,
  MODEL_FILES,
  parseTrainingConfig,
  prepareTrainingData,
} from '@digits/model';
import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import { Command } from 'commander';
import { MEASURING_SEED } from '../handwriting/measure-handwriting.ts';
import { FASHION_FOLDER, measureRefusals } from '../rejection/measure-rejection.ts';
import { type Card, cardText, type Share, type VariantRow } from './card.ts';

const EACH_VARIANT = 200;

/** Shapes that a network trained on MNIST alone misreads, by the names of their variants. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  'slashed zeros': /^zero-slashed/,
  'upstroke ones': /^one-upstroke/,
  'crossed sevens': /^seven-crossed/,
  'hooked nines': /^nine-hooked/,
};

/** Creates `ship`: makes the model of a run the bundled one. */
export function shipCommand(): Command {
  return new Command('ship')
    .description('copy the model of a run to where programs find the bundled model, and write its card')
    .requiredOption('--run <DIR>', 'run folder of npm run train')
    .option('--to <DIR>', 'default: libs/model/pretrained')
    .option('--fashion <DIR>', "folder of Fashion-MNIST's test split; skipped if it is missing", FASHION_FOLDER)
    .action(async ({ run, to: target, fashion }: { run: string; to?: string; fashion: string }) => {
      const to = target === undefined ? pretrainedModelDirectory() : resolve(target);
      const card = await measureRun(resolve(run), fashion);
      await mkdir(to, { recursive: true });
      for (const name of Object.values(MODEL_FILES)) await copyFile(join(run, 'model', name), join(to, name));
      await writeFile(join(to, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
      await writeFile(join(to, 'README.md'), `${cardText(card)}\n`);
      console.log(`${to}: ${(100 * card.test.accuracy).toFixed(2)}% of the test split, weights ${card.weightsSha256}`);
    });
}

async function measureRun(run: string, fashion: string): Promise<Card> {
  const { config: stored } = await readJson<{ config: unknown }>(run, 'config.json');
  const config = parseTrainingConfig(stored, 'ship: config.json: config');
  const metrics = await readJson<{ trainingSeconds: number; threads: number; validation: Evaluation }>(
    run,
    'metrics.json',
  );
  const modelDir = join(run, 'model');
  const model = await loadModel(modelDir);
  const { dataset, rejection, temperature, weightsSha256 } = model.metadata;
  if (dataset === null || rejection === null) {
    throw new Error(
      `ship: the model in ${modelDir} must know its data set and rejection rule, got ${JSON.stringify({ dataset, rejection })}`,
    );
  }
  console.error(`measuring ${modelDir}`);
  const engine = createSimdEngine({ threads: 1 });
  const test = await loadSplit('mnist', 'test');
  const classifier = await createClassifier(model, engine);
  const { evaluation, probabilities } = await evaluateClassifier(classifier, test, 'test');
  await classifier.dispose();
  const { bins } = expectedCalibrationError(test.labels, probabilities, test.numClasses);
  const { digits, others, refusedByLetter } = await measureRefusals(model, engine, fashion);
  const mnist = digits[0];
  const { count, accuracy, accuracyInterval, logLoss, ece } = metrics.validation;
  const sizes = await Promise.all(Object.values(MODEL_FILES).map((name) => stat(join(modelDir, name))));
  return {
    command: `npm run train -- --preset ${config.preset ?? 'custom'} --seed ${config.seed}`,
    config,
    parameters: countParameters(config.architecture).trainable,
    fileBytes: sizes.reduce((sum, { size }) => sum + size, 0),
    weightsSha256,
    dataset,
    trainingImages: prepareTrainingData(await loadSplit('mnist', 'train'), config).train.count,
    trainingSeconds: metrics.trainingSeconds,
    threads: metrics.threads,
    temperature,
    validation: { count, accuracy, accuracyInterval, logLoss, ece },
    test: evaluation,
    reliability: bins,
    ...(await measureVariants(model, engine, EACH_VARIANT)),
    rejection,
    kept: shareOfCounts(Math.round((1 - mnist.refused) * mnist.count), mnist.count),
    digits,
    others,
    refusedByLetter,
  };
}

async function readJson<Content>(folder: string, name: string): Promise<Content> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Content;
}

/** Classifies synthetic digits of each variant, at a strength at which people read all of them; a refusal counts as misread. */
async function measureVariants(
  model: Model,
  engine: Engine,
  numEach: number,
): Promise<Pick<Card, 'variants' | 'leftOut' | 'groups'>> {
  const classifier = await createClassifier(model, engine);
  const variants: VariantRow[] = [];
  for (const { name, digit, heldOut = false } of HANDWRITING_VARIANTS) {
    const { images } = generateHandwriting({ count: numEach, seed: MEASURING_SEED, variants: [name] });
    const answers = await classifier.classify(normaliseImages(images));
    variants.push({ variant: name, digit, heldOut, ...countAnswers(answers, digit) });
  }
  await classifier.dispose();
  const shareOf = (rows: readonly VariantRow[]): Share => {
    const numRead = rows.reduce((sum, { read }) => sum + Math.round(read.share * read.count), 0);
    return shareOfCounts(
      numRead,
      rows.reduce((sum, { read }) => sum + read.count, 0),
    );
  };
  const groups = Object.entries(GROUPS).map(([group, pattern]): [string, Share] => [
    group,
    shareOf(variants.filter(({ variant }) => pattern.test(variant))),
  ]);
  return { variants, leftOut: shareOf(variants.filter(({ heldOut }) => heldOut)), groups: Object.fromEntries(groups) };
}

function shareOfCounts(numRight: number, count: number): Share {
  return { count, share: numRight / count, interval: wilsonInterval(numRight, count) };
}

function countAnswers(
  answers: readonly Classification[],
  digit: number,
): Pick<VariantRow, 'read' | 'refused' | 'misreadAs'> {
  const numRead = answers.filter((answer) => answer.digit === digit).length;
  const misreadAs: Partial<Record<number, number>> = {};
  for (const { probabilities } of answers) {
    const likeliest = probabilities.indexOf(Math.max(...probabilities));
    if (likeliest !== digit) misreadAs[likeliest] = (misreadAs[likeliest] ?? 0) + 1;
  }
  const numRefused = answers.filter(({ rejected }) => rejected).length;
  return { read: shareOfCounts(numRead, answers.length), refused: numRefused / answers.length, misreadAs };
}
