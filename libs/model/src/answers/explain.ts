import { portableLog } from '@digits/data';
import { shapeSize, showShape } from '../network/shapes.ts';
import type { Classifier } from './classifier.ts';
import { mostProbableClasses } from './softmax.ts';

/** How an image is taken apart. */
export interface ExplainOptions {
  /** Pixels a side of the square that is hidden, from 1 to the image's shorter side; default 4. */
  readonly patchSize?: number;
  /** Pixels between two squares, a divisor of `patchSize`, so that all pixels are hidden equally often; default 2. */
  readonly stride?: number;
  /** What a hidden pixel is set to, in [0, 1]; default 0, the black that digits stand on. */
  readonly background?: number;
}

/** Which pixels argued for an answer. */
export interface Explanation {
  readonly method: 'occlusion';
  /** The most probable class, whether or not the image was rejected. */
  readonly digit: number;
  /** Calibrated probability of `digit`. */
  readonly confidence: number;
  /** The second most probable class. */
  readonly runnerUp: number;
  /** Calibrated probability of `runnerUp`. */
  readonly runnerUpConfidence: number;
  readonly height: number;
  readonly width: number;
  /** `[height, width]`: how far the answer's log-probability falls when a pixel's surroundings are hidden; negative where it rises. */
  readonly evidenceFor: Float32Array;
  /** `[height, width]`: how far the runner-up's log-probability rises when they are; negative where it falls. */
  readonly evidenceAgainst: Float32Array;
  readonly patchSize: number;
  readonly stride: number;
  /** Hidden squares that the network was asked about; those that hide nothing but background are not. */
  readonly numOcclusions: number;
}

/** What {@link explain} asks a classifier for. */
type ExplainableClassifier = Pick<Classifier, 'model' | 'probabilities'>;

/** What a probability that vanished counts as, so that its logarithm is finite. */
const LEAST_PROBABILITY = Number.MIN_VALUE;

interface OcclusionSettings extends Required<ExplainOptions> {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** The upper left corner of a hidden square; it may stand out over the image's edges. */
interface Corner {
  readonly top: number;
  readonly left: number;
}

/**
 * Says which pixels argued for the answer and against the runner-up, by occlusion: a square is hidden at one place after the
 * other, and each pixel's evidence is the mean change over the squares that cover it. All squares are asked about in one call.
 *
 * Evidence is counted in nats of log-probability, less its mean over the classes (the centred log-ratio), so that it doesn't depend
 * on what all logits have in common: it is the centred logits' change over the temperature. The sum of both maps is the
 * fall of log(p(answer) / p(runner-up)).
 *
 * @param classifier two classes at least
 * @param image `[h, w, c]` float32 in [0, 1], white ink on black
 * @throws RangeError when the image is not of the model's size, or an option not in its range
 * @example
 * ```ts
 * const { digit, runnerUp, evidenceFor } = await explain(classifier, normaliseImages(image));
 * ```
 * @see https://arxiv.org/abs/1311.2901 Zeiler and Fergus, section 4.2, for occlusion
 * @see J. Aitchison, "The Statistical Analysis of Compositional Data" (1982), for the centred log-ratio
 */
export async function explain(
  classifier: ExplainableClassifier,
  image: Float32Array,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const settings = checkSettings(classifier, image, options);
  const corners = cornersOf(settings).filter((corner) => hidesInk(image, corner, settings));
  const batch = new Float32Array((corners.length + 1) * image.length);
  batch.set(image);
  corners.forEach((corner, i) => {
    const copy = batch.subarray((i + 1) * image.length, (i + 2) * image.length);
    copy.set(image);
    hide(copy, corner, settings);
  });
  const probabilities = await classifier.probabilities(batch);
  const numClasses = classifier.model.metadata.classNames.length;
  const evidence = centredLogProbabilities(probabilities, numClasses);
  const [digit] = mostProbableClasses(probabilities.subarray(0, numClasses), numClasses);
  const others = probabilities.slice(0, numClasses);
  others[digit] = -1;
  const [runnerUp] = mostProbableClasses(others, numClasses);
  const fallOf = (label: number) => corners.map((_, i) => evidence[label] - evidence[(i + 1) * numClasses + label]);
  return {
    method: 'occlusion',
    digit,
    confidence: probabilities[digit],
    runnerUp,
    runnerUpConfidence: probabilities[runnerUp],
    height: settings.height,
    width: settings.width,
    evidenceFor: spread(corners, fallOf(digit), 1, settings),
    evidenceAgainst: spread(corners, fallOf(runnerUp), -1, settings),
    patchSize: settings.patchSize,
    stride: settings.stride,
    numOcclusions: corners.length,
  };
}

function checkSettings({ model }: ExplainableClassifier, image: Float32Array, options: ExplainOptions) {
  const { patchSize = 4, stride = 2, background = 0 } = options;
  const { inputShape } = model.architecture;
  const [height, width, channels] = inputShape;
  if (image.length !== shapeSize(inputShape)) {
    throw new RangeError(
      `explain: image must have ${showShape(inputShape)} = ${shapeSize(inputShape)} values, got ${image.length}`,
    );
  }
  const shorter = Math.min(height, width);
  if (!Number.isInteger(patchSize) || patchSize < 1 || patchSize > shorter) {
    throw new RangeError(`explain: patchSize must be a whole number from 1 to ${shorter}, got ${patchSize}`);
  }
  if (!Number.isInteger(stride) || stride < 1 || patchSize % stride !== 0) {
    throw new RangeError(`explain: stride must divide patchSize ${patchSize}, got ${stride}`);
  }
  if (!(background >= 0 && background <= 1)) {
    throw new RangeError(`explain: background must be in [0, 1], got ${background}`);
  }
  return { patchSize, stride, background, height, width, channels } satisfies OcclusionSettings;
}

/** All squares that cover a pixel of the image. */
function cornersOf({ height, width, patchSize, stride }: OcclusionSettings): Corner[] {
  const along = (size: number): number[] => {
    const starts: number[] = [];
    for (let start = stride - patchSize; start < size; start += stride) starts.push(start);
    return starts;
  };
  return along(height).flatMap((top) => along(width).map((left) => ({ top, left })));
}

/** Calls `visit` with each pixel of the image that a square covers. */
function visitSquare(
  { top, left }: Corner,
  { height, width, patchSize }: OcclusionSettings,
  visit: (pixel: number) => void,
): void {
  const bottom = Math.min(height, top + patchSize);
  const right = Math.min(width, left + patchSize);
  for (let y = Math.max(0, top); y < bottom; y++) {
    for (let x = Math.max(0, left); x < right; x++) visit(y * width + x);
  }
}

function hidesInk(image: Float32Array, corner: Corner, settings: OcclusionSettings): boolean {
  const { channels, background } = settings;
  let hidesAny = false;
  visitSquare(corner, settings, (pixel) => {
    for (let c = 0; c < channels; c++) hidesAny ||= image[pixel * channels + c] !== background;
  });
  return hidesAny;
}

function hide(image: Float32Array, corner: Corner, settings: OcclusionSettings): void {
  const { channels, background } = settings;
  visitSquare(corner, settings, (pixel) => {
    image.fill(background, pixel * channels, (pixel + 1) * channels);
  });
}

/** @returns `[n, numClasses]`, each row with a mean of 0 */
function centredLogProbabilities(probabilities: Float64Array, numClasses: number): Float64Array {
  const logs = probabilities.map((probability) => portableLog(Math.max(LEAST_PROBABILITY, probability)));
  for (let start = 0; start < logs.length; start += numClasses) {
    const row = logs.subarray(start, start + numClasses);
    const mean = row.reduce((sum, value) => sum + value, 0) / numClasses;
    row.forEach((value, c) => (row[c] = value - mean));
  }
  return logs;
}

/** Gives each pixel the mean, times `sign`, over all squares that cover it; those not asked about changed nothing. */
function spread(
  corners: readonly Corner[],
  falls: readonly number[],
  sign: 1 | -1,
  settings: OcclusionSettings,
): Float32Array {
  const { height, width, patchSize, stride } = settings;
  const sums = new Float64Array(height * width);
  corners.forEach((corner, i) => {
    visitSquare(corner, settings, (pixel) => {
      sums[pixel] += falls[i];
    });
  });
  const squaresPerPixel = (patchSize / stride) ** 2;
  return Float32Array.from(sums, (sum) => (sum === 0 ? 0 : (sign * sum) / squaresPerPixel));
}
