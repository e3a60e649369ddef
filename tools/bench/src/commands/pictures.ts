import { type LabelledImages, type Picture, selectImages, stratifiedSplit } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { createClassifier } from '@digits/model';
import { loadModel, loadPretrainedInkModel } from '@digits/model/node';
import { createInkDetector, createReader, prepareImage } from '@digits/reader';
import { directAccuracy } from '../pictures/accuracy.ts';
import { type Distortion, DISTORTIONS, renderPicture } from '../pictures/rendering.ts';
import { describeMachine, type Machine, markdownTable, median } from '../report.ts';

/** What to measure with. */
export interface PicturesOptions {
  /** Folder of a model that takes 28x28 images. */
  readonly model: string;
  /** Validation digits in each cell of the table. */
  readonly count: number;
  readonly scales: readonly number[];
  readonly progress: (line: string) => void;
}

/** Accuracy on one kind of picture. */
export interface PictureCell {
  readonly distortion: Distortion;
  readonly scale: number;
  /** Share of the validation digits that were read right. */
  readonly accuracy: number;
  /** Percentage points below the accuracy on the digits themselves. */
  readonly loss: number;
  /** What `loss` may be at most. */
  readonly limit: number;
}

/** What `pictures` found; `--json` prints it. */
export interface PicturesResults {
  readonly machine: Machine;
  readonly weightsSha256: string;
  readonly count: number;
  /** Of the validation digits as they are. */
  readonly accuracy: number;
  readonly cells: readonly PictureCell[];
  /** Median milliseconds from a decoded photo of 1 megapixel to 28x28, on one core. */
  readonly megapixelMs: number;
  /** Median milliseconds to read one digit in a decoded picture of 200x200 pixels, on one core. */
  readonly smallMs: number;
}

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const VALIDATION = { size: 5000, seed: 42 };
/** Percentage points that may be lost below scale 1, where pixels are lost with the digit, and above. */
const LIMITS = { below: 1, above: 0.5 };
/** The first rounds, not counted, are the JavaScript engine's: it compiles what runs often. */
const WARM_UP_ROUNDS = 30;
const TIMED_ROUNDS = 15;

/**
 * Renders MNIST's validation digits as pictures, one distortion at a time, reads them back and compares.
 *
 * @throws Error when the model cannot be loaded
 */
export async function measurePictures({ model, count, scales, progress }: PicturesOptions): Promise<PicturesResults> {
  const loaded = await loadModel(model);
  const engine = createSimdEngine();
  const inkModel = await loadPretrainedInkModel();
  const classifier = await createClassifier(loaded, engine);
  const inkPredictor = await engine.createPredictor(inkModel.architecture, inkModel.weights);
  const ink = createInkDetector(inkPredictor);
  const prepare: PrepareImage = async (picture) => (await prepareImage(picture, ink, classifier)).image;
  try {
    const digits = await validationDigits(count);
    const accuracy = await directAccuracy(classifier, digits.images, digits.labels);
    const cells: PictureCell[] = [];
    for (const distortion of DISTORTIONS) {
      for (const scale of scales) {
        const found = await directAccuracy(
          classifier,
          await throughPictures(digits, distortion, scale, prepare),
          digits.labels,
        );
        const limit = scale < 1 ? LIMITS.below : LIMITS.above;
        cells.push({ distortion, scale, accuracy: found, loss: 100 * (accuracy - found), limit });
        progress(`${distortion} x${scale}: ${(100 * found).toFixed(2)}%`);
      }
    }
    const { weightsSha256 } = loaded.metadata;
    const megapixelMs = await timePicture(digits, 1000, prepare);
    const reader = createReader(classifier, ink);
    const smallMs = await timePicture(digits, 200, (picture) => reader.readImage(picture, { mode: 'single' }));
    return { machine: describeMachine(), weightsSha256, count: digits.count, accuracy, cells, megapixelMs, smallMs };
  } finally {
    await Promise.all([classifier.dispose(), inkPredictor.dispose()]);
  }
}

/** Brings a picture of one digit to 28x28, or returns null if none is found. */
type PrepareImage = (picture: Picture) => Promise<Uint8Array | null>;

/** The first of the split that models of this project are not trained on with seed 42, the presets' own. */
async function validationDigits(count: number): Promise<LabelledImages> {
  const train = await loadSplit('mnist', 'train');
  const { validation } = stratifiedSplit(train.labels, train.numClasses, VALIDATION.size, VALIDATION.seed);
  return selectImages(train, validation.subarray(0, count));
}

async function throughPictures(
  digits: LabelledImages,
  distortion: Distortion,
  scale: number,
  prepare: PrepareImage,
): Promise<Uint8Array> {
  const images = new Uint8Array(digits.count * PIXELS);
  for (let i = 0; i < digits.count; i++) {
    const digit = digits.images.subarray(i * PIXELS, (i + 1) * PIXELS);
    const image = await prepare(await renderPicture(digit, distortion, scale, i));
    if (image !== null) images.set(image, i * PIXELS);
  }
  return images;
}

/** Measures how long `read` takes for a digit on shaded paper. Returns the median in milliseconds. */
async function timePicture(
  { images }: LabelledImages,
  side: number,
  read: (picture: Picture) => Promise<unknown>,
): Promise<number> {
  const picture = await renderPicture(images.subarray(0, PIXELS), 'shadow', side / SIDE, 0);
  const times: number[] = [];
  for (let i = 0; i < WARM_UP_ROUNDS + TIMED_ROUNDS; i++) {
    const startedAt = performance.now();
    await read(picture);
    times.push(performance.now() - startedAt);
  }
  return median(times.slice(WARM_UP_ROUNDS));
}

/** The results as a section of a document. */
export function reportPictures({
  machine,
  weightsSha256,
  count,
  accuracy,
  cells,
  megapixelMs,
  smallMs,
}: PicturesResults): string {
  const scales = [...new Set(cells.map(({ scale }) => scale))];
  const rows = DISTORTIONS.map((distortion) => {
    const losses = scales.map((scale) => {
      const cell = cells.find((each) => each.distortion === distortion && each.scale === scale);
      if (cell === undefined) return '';
      return `${cell.loss.toFixed(2)}${cell.loss > cell.limit ? ' (!)' : ''}`;
    });
    return [distortion, ...losses];
  });
  const missed = cells.filter(({ loss, limit }) => loss > limit).length;
  return [
    `Percentage points of accuracy lost on ${count} of MNIST's validation digits when they are rendered as pictures and read back; as they`,
    `are, ${(100 * accuracy).toFixed(2)}% are read right (weights ${weightsSha256.slice(0, 12)}). The limit is ${LIMITS.below} below scale 1 and ${LIMITS.above} from there on;`,
    `${missed === 0 ? 'every cell keeps to it' : `${missed} of ${cells.length} cells are over it, marked (!)`}.`,
    '',
    markdownTable(['distortion', ...scales.map((scale) => `x${scale}`)], rows),
    '',
    `A decoded photo of 1 megapixel becomes 28x28 in ${megapixelMs.toFixed(1)} ms, and one digit in a picture of 200x200 pixels is read in ${smallMs.toFixed(1)} ms, on one core`,
    `(medians of ${TIMED_ROUNDS} after ${WARM_UP_ROUNDS} to warm up; ${machine.processor}).`,
  ].join('\n');
}
