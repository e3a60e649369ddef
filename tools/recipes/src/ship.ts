import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { expectedCalibrationError } from '@digits/metrics';
import {
  countParameters,
  createClassifier,
  evaluateClassifier,
  type Evaluation,
  MODEL_FILES,
  parseTrainingConfig,
  prepareTrainingData,
} from '@digits/model';
import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import type { Card, RejectionRow } from './card.ts';
import { cardText } from './card-text.ts';
import { measureVariants, shareOfCounts } from './variant-figures.ts';

const USAGE = `Puts the model of a run where programs find it, and writes its card.

node dist/ship.js --run DIR [--to DIR] [--fashion DIR]

--run      a run folder of npm run train
--to       default libs/model/pretrained
--fashion  folder of Fashion-MNIST's test split, default /usr/share/datasets/fashion-mnist; left out where it is not there

Build first: npx nx run-many -t build -p @digits/recipes,@digits/negatives`;

const EACH_VARIANT = 200;

const { values: options } = parseArgs({
  options: {
    run: { type: 'string' },
    to: { type: 'string' },
    fashion: { type: 'string', default: '/usr/share/datasets/fashion-mnist' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help || options.run === undefined) {
  console.error(USAGE);
  process.exit(options.help ? 0 : 2);
}

const to = options.to === undefined ? pretrainedModelDirectory() : resolve(options.to);
const card = await measureRun(resolve(options.run), options.fashion);
await mkdir(to, { recursive: true });
for (const name of Object.values(MODEL_FILES)) await copyFile(join(options.run, 'model', name), join(to, name));
await writeFile(join(to, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
await writeFile(join(to, 'README.md'), `${cardText(card)}\n`);
console.log(`${to}: ${(100 * card.test.accuracy).toFixed(2)}% of the test split, weights ${card.weightsSha256}`);
process.exit(0);

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
  const refusals = await measureRefusals(modelDir, fashion);
  const mnist = refusals.digits[0];
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
    ...refusals,
  };
}

/** Runs the measuring of `tools/negatives`, which has the letters of the test fonts. */
async function measureRefusals(modelDir: string, fashion: string) {
  const program = fileURLToPath(new URL('../../negatives/dist/measure.js', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, '--model', modelDir, '--fashion', fashion, '--json'],
    {
      maxBuffer: 2 ** 24,
    },
  );
  const { digits, others, refusedByLetter } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    readonly digits: readonly RejectionRow[];
    readonly others: readonly RejectionRow[];
    readonly refusedByLetter: Readonly<Record<string, number>>;
  };
  return { digits, others, refusedByLetter };
}

async function readJson<Content>(folder: string, name: string): Promise<Content> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as Content;
}
