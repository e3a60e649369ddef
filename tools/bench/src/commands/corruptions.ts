import { type LabelledImages, selectImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { type Classifier, createClassifier } from '@digits/model';
import { loadModel, loadPretrainedInkModel, pretrainedModelDirectory } from '@digits/model/node';
import { createInkDetector, createReader, type InkDetector } from '@digits/reader';
import { type Corruption, corruptImage, CORRUPTIONS } from '../corruptions/mnist-c.ts';
import { directAccuracy } from '../pictures/accuracy.ts';
import { count as thousands, markdownTable } from '../report.ts';

/** What to measure with. */
export interface CorruptionsOptions {
  /** Folder of a model that takes 28x28 images; by default the bundled model. */
  readonly model?: string;
  /** Number of test digits for each corruption. */
  readonly count: number;
  /** How many of them, the first ones, are read as pictures too. */
  readonly pictureCount: number;
  readonly progress: (line: string) => void;
}

/** Shares of the corrupted test digits, in [0, 1]. */
export interface CorruptionScores {
  /** Right if the network gets the 28x28 image itself. */
  readonly direct: number;
  /** Right if the image is read as a picture. A rejected image is not right. */
  readonly picture: number;
  /** Rejected as a picture: no digit was found, or the model rejects what was found. */
  readonly rejected: number;
}

/** Scores on one corruption; `identity` leaves the digits as they are. */
export interface CorruptionRow extends CorruptionScores {
  readonly corruption: Corruption | 'identity';
}

/** What `corruptions` found; `--json` prints it. */
export interface CorruptionsResults {
  readonly weightsSha256: string;
  readonly count: number;
  readonly pictureCount: number;
  /** `identity` first, then the corruptions in the benchmark's order. */
  readonly rows: readonly CorruptionRow[];
  /** Mean over the corruptions, without `identity`. */
  readonly mean: CorruptionScores;
}

/** Reads a `[28, 28]` uint8 image as a picture of one digit; null if it is rejected. */
export type ReadDigit = (image: Uint8Array) => Promise<number | null>;

const SIDE = 28;
const PIXELS = SIDE * SIDE;

/**
 * Corrupts MNIST's test digits as MNIST-C does and measures a model on them.
 *
 * @throws Error if the model cannot be loaded
 */
export async function measureCorruptions(options: CorruptionsOptions): Promise<CorruptionsResults> {
  const { model = pretrainedModelDirectory(), count, pictureCount, progress } = options;
  const loaded = await loadModel(model);
  const engine = createSimdEngine();
  const inkModel = await loadPretrainedInkModel();
  const classifier = await createClassifier(loaded, engine);
  const inkPredictor = await engine.createPredictor(inkModel.architecture, inkModel.weights);
  try {
    const digits = await testDigits(count);
    const read = pictureReader(classifier, createInkDetector(inkPredictor));
    const rows: CorruptionRow[] = [];
    for (const corruption of ['identity', ...CORRUPTIONS] as const) {
      const images = corruption === 'identity' ? digits.images : corruptImages(digits, corruption);
      const direct = await directAccuracy(classifier, images, digits.labels);
      const row = {
        corruption,
        direct,
        ...(await readPictures(images, digits.labels.subarray(0, pictureCount), read)),
      };
      rows.push(row);
      progress(reportRow(corruption, row).join('  '));
    }
    const { weightsSha256 } = loaded.metadata;
    const numPictures = Math.min(pictureCount, digits.count);
    return { weightsSha256, count: digits.count, pictureCount: numPictures, rows, mean: meanScores(rows.slice(1)) };
  } finally {
    await Promise.all([classifier.dispose(), inkPredictor.dispose()]);
  }
}

/**
 * Reads images as pictures of one digit each.
 *
 * @param images `[n, 28, 28]` uint8
 * @param labels `[m]` of the first m images: these are read
 */
export async function readPictures(
  images: Uint8Array,
  labels: Uint8Array,
  read: ReadDigit,
): Promise<Pick<CorruptionScores, 'picture' | 'rejected'>> {
  let numRight = 0;
  let numRejected = 0;
  for (const [i, label] of labels.entries()) {
    const digit = await read(images.subarray(i * PIXELS, (i + 1) * PIXELS));
    if (digit === label) numRight++;
    if (digit === null) numRejected++;
  }
  return { picture: numRight / labels.length, rejected: numRejected / labels.length };
}

/** Averages scores, each row with the same weight. */
export function meanScores(rows: readonly CorruptionScores[]): CorruptionScores {
  const mean = (name: keyof CorruptionScores): number => rows.reduce((sum, row) => sum + row[name], 0) / rows.length;
  return { direct: mean('direct'), picture: mean('picture'), rejected: mean('rejected') };
}

/** Writes the results as a section of a document. */
export function reportCorruptions({ weightsSha256, count, pictureCount, rows, mean }: CorruptionsResults): string {
  const head = ['corruption', 'direct, %', 'picture path, %', 'rejected, %'];
  return [
    `Accuracy of the weights ${weightsSha256.slice(0, 12)} on MNIST's test digits after each corruption of`,
    '[MNIST-C](https://github.com/google-research/mnist-c), drawn anew with fixed seeds. "Direct": the network gets the 28x28',
    `image itself, ${thousands(count)} digits. "Picture path": the image is read as a picture of one digit,`,
    `${count === pictureCount ? 'the same digits' : `the first ${thousands(pictureCount)} of them`}; "rejected" is the share without an answer, which counts as wrong.`,
    '',
    markdownTable(head, [
      ...rows.map((row) => reportRow(row.corruption.replace('_', ' '), row)),
      reportRow(`mean of the ${rows.length - 1} corruptions`, mean),
    ]),
  ].join('\n');
}

function reportRow(name: string, { direct, picture, rejected }: CorruptionScores): readonly string[] {
  return [name, ...[direct, picture, rejected].map((share) => (100 * share).toFixed(2))];
}

/** Reads pictures as every surface does in mode `single`. */
function pictureReader(classifier: Classifier, ink: InkDetector): ReadDigit {
  const reader = createReader(classifier, ink);
  return async (image) => {
    const picture = { data: image, width: SIDE, height: SIDE, channels: 1 } as const;
    const { digits } = await reader.readImage(picture, { mode: 'single' });
    return digits.at(0)?.digit ?? null;
  };
}

/** The first digits of the test split. */
async function testDigits(count: number): Promise<LabelledImages> {
  const test = await loadSplit('mnist', 'test');
  return selectImages(
    test,
    Uint32Array.from({ length: Math.min(count, test.count) }, (_, i) => i),
  );
}

function corruptImages({ images, count }: LabelledImages, corruption: Corruption): Uint8Array {
  const corrupted = new Uint8Array(images.length);
  for (let i = 0; i < count; i++) {
    const at = i * PIXELS;
    corrupted.set(corruptImage(images.subarray(at, at + PIXELS), corruption, i), at);
  }
  return corrupted;
}
