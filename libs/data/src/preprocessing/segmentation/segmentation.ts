import { portableLog } from '../../portable-math.ts';
import { type Box, boxAround, overlapX, rightOf, sizeOf } from '../geometry.ts';
import type { NoImageReason, PreparationStep } from '../picture.ts';
import { IMAGE_SIZE } from '../placement.ts';

/** A piece of writing that is not cut any further: a connected shape, or what a cut left of one. */
export interface Part extends Box {
  /** Which shape it was cut from: parts of one shape have one number. */
  readonly shape: number;
  /**
   * What it costs to cut between this part and the next of the same shape: how much ink the cut crosses, in stroke
   * widths. 0 where the next part is another shape.
   */
  readonly inkAfter: number;
}

/** Parts `first` to `last`, inclusive, of a row, read as one digit. */
interface Segment {
  readonly first: number;
  readonly last: number;
}

/** A digit is made of at most this many parts. */
const MAX_PARTS = 8;

/** Parts further apart than this share of the row's height are never one digit. */
const MAX_GAP = 0.35;

/** A segment wider than this share of the row's height is not a digit. */
const MAX_WIDTH = 1.9;

/** Costs of a cut: for the cut itself, and per stroke width of ink that it crosses. */
const CUT_COST = 0.4;
const CUT_INK_COST = 0.1;

/** Tolerance for the width of a digit beyond its height, as a share of the height: that of a piece or several shapes, and of one shape. */
const WIDTH_TOLERANCE = 0.12;
const WHOLE_WIDTH_TOLERANCE = 0.3;

/** Costs of leaving out a mark, and a piece of a shape, which is seldom a mark beside digits. */
const MARK_COST = 1;
const PIECE_MARK_COST = 3;

/** Less confidence than this costs no more: networks are surer of what they never saw than they should be, either way. */
const LEAST_CONFIDENCE = 1e-6;

/**
 * Lists what could be one digit in a row: every run of parts that is neither too wide nor too far apart, and every
 * part alone.
 *
 * @param parts of one row, from left to right
 * @param height of the row's digits, in the parts' unit
 */
export function proposeSegments(parts: readonly Part[], height: number): Segment[] {
  const segments: Segment[] = [];
  for (let first = 0; first < parts.length; first++) {
    segments.push({ first, last: first });
    for (let last = first + 1; last < Math.min(first + MAX_PARTS, parts.length); last++) {
      const before = boxAround(parts.slice(first, last));
      if (-overlapX(before, parts[last]) > MAX_GAP * height) break;
      if (boxAround([before, parts[last]]).width > MAX_WIDTH * height) break;
      segments.push({ first, last });
    }
  }
  return segments;
}

/** Returns whether two boxes of a row are too far apart for pieces of both to be one digit. */
export function areApart(a: Box, b: Box, height: number): boolean {
  return -overlapX(a, b) > MAX_GAP * height;
}

/**
 * Returns whether a shape is read as one digit regardless of how the classifier answers for its pieces, because cutting it or leaving it out
 * always costs more. The shape must be {@link areApart | apart} from its neighbours.
 *
 * @param height of the row's digits
 */
export function isSurelyWhole(box: Box, height: number, { confidence, digitProbability }: SegmentAnswer): boolean {
  const cost = shapeCost(box, height, true) + costOf(confidence);
  return cost < leastCutCost(confidence) && cost < markCost(box, height, MARK_COST) + costOf(1 - digitProbability);
}

/**
 * The cheapest way to read a row: dynamic programming over the segments, which must cover all parts without overlap.
 * Costs are negative logarithms of how likely a reading is: that the classifier knows the segment as a digit, that a
 * digit has this width and height, that a writer left this gap in a digit, that two digits touch here.
 *
 * @param answers the classifier's answer for each segment, or null to go by shape alone
 * @param canSkip whether a part may be left out as a mark that is not a digit
 * @returns the chosen segments, from left to right
 */
export function chooseSegments(
  parts: readonly Part[],
  height: number,
  segments: readonly Segment[],
  answers: readonly SegmentAnswer[] | null,
  canSkip = false,
): Segment[] {
  const best: Step[] = [{ cost: 0, segment: null, isSkipped: false }];
  for (let end = 1; end <= parts.length; end++) best.push({ cost: Infinity, segment: null, isSkipped: false });
  const wholes = new Map<number, number>();
  segments.forEach((segment, i) => {
    if (answers && isWholeShape(parts, segment)) wholes.set(parts[segment.first].shape, answers[i].confidence);
  });
  segments.forEach((segment, i) => {
    const { first, last } = segment;
    const box = boxAround(parts.slice(first, last + 1));
    const before = best[first].cost + (first > 0 ? cutCost(parts[first - 1], parts[first], height, wholes) : 0);
    const cost =
      before +
      joinCost(parts.slice(first, last + 1), height) +
      shapeCost(box, height, isWholeShape(parts, segment)) +
      (answers ? costOf(answers[i].confidence) : 0);
    if (cost < best[last + 1].cost) best[last + 1] = { cost, segment, isSkipped: false };
    if (answers === null || !canSkip || first !== last) return;
    const isPiece = parts.some((part, at) => Math.abs(at - first) === 1 && part.shape === parts[first].shape);
    const mark = markCost(box, height, isPiece ? PIECE_MARK_COST : MARK_COST);
    const skipped = before + costOf(1 - answers[i].digitProbability) + mark;
    if (skipped < best[last + 1].cost) best[last + 1] = { cost: skipped, segment, isSkipped: true };
  });
  const chosen: Segment[] = [];
  let step = best[parts.length];
  while (step.segment !== null) {
    if (!step.isSkipped) chosen.unshift(step.segment);
    step = best[step.segment.first];
  }
  return chosen;
}

/** What the classifier says about a segment. */
export interface SegmentAnswer {
  /** Highest probability of a class. */
  readonly confidence: number;
  /** Probability that it is a digit at all. */
  readonly digitProbability: number;
}

/** The classifier's answer with all its probabilities: `[numClasses]`, or null if there is no image. */
export interface ClassifiedSegment extends SegmentAnswer {
  readonly probabilities: Float32Array | null;
}

/** A whole shape is taken for a digit with at most this probability: pairs that look like one digit exist. */
const MAX_WHOLE = 0.98;

/** The cheapest way to read a row up to some part. */
interface Step {
  readonly cost: number;
  readonly segment: Segment | null;
  readonly isSkipped: boolean;
}

function costOf(probability: number): number {
  return -portableLog(Math.max(probability, LEAST_CONFIDENCE));
}

/**
 * Returns the cost of a cut. It is less than that of a doubtful digit, because the classifier knows whole digits from pieces better than
 * the ink on a cut tells. A shape that is a digit as a whole is seldom two: the classifier refuses nearly all pairs. Separate shapes that overlap by
 * much are seldom two digits.
 *
 * @param wholes highest probability of a class for shapes as a whole, by their numbers
 */
function cutCost(left: Part, right: Part, height: number, wholes: ReadonlyMap<number, number>): number {
  if (left.shape !== right.shape) return 5 * Math.max(0, overlapShare(left, right, height) - 0.25);
  return leastCutCost(wholes.get(left.shape) ?? 0) + CUT_INK_COST * left.inkAfter;
}

/** Returns the minimum cost of a cut: that of a cut that crosses no ink. */
function leastCutCost(whole: number): number {
  return CUT_COST + costOf(1 - Math.min(whole, MAX_WHOLE));
}

/** Returns the cost of leaving out a mark. It grows with the size, because large marks are usually digits. */
function markCost(box: Box, height: number, least: number): number {
  return least + (3 * sizeOf(box)) / height;
}

/** A pen that is lifted within a digit goes on over or beside what it drew, and seldom leaves a gap between left and right. */
function joinCost(parts: readonly Part[], height: number): number {
  let cost = 0;
  for (let i = 1; i < parts.length; i++) {
    if (parts[i - 1].shape === parts[i].shape) continue;
    const before = boxAround(parts.slice(0, i));
    const gap = -overlapX(before, parts[i]) / height;
    cost += gap > 0 ? 1 + 10 * gap : Math.max(0, 1 - 2 * overlapShare(before, parts[i], height));
  }
  return cost;
}

/** Returns how much of the narrower box overlaps the other; boxes narrower than a tenth of the height count as that wide. */
function overlapShare(a: Box, b: Box, height: number): number {
  return Math.max(0, overlapX(a, b)) / Math.max(Math.min(a.width, b.width), 0.1 * height);
}

/** Returns whether a segment is all of one shape. */
function isWholeShape(parts: readonly Part[], { first, last }: Segment): boolean {
  const { shape } = parts[first];
  return parts.every((part, i) => (i >= first && i <= last) === (part.shape === shape));
}

/**
 * Digits of a row are about as high as each other and seldom wider than high. A digit that stands out of its row may
 * be as wide as it is high itself, and the classifier knows a whole shape from two digits.
 */
function shapeCost(box: Box, height: number, isWhole: boolean): number {
  const tooWide =
    Math.max(0, box.width / Math.max(height, box.height) - 1) / (isWhole ? WHOLE_WIDTH_TOLERANCE : WIDTH_TOLERANCE);
  const tooLow = Math.max(0, 0.65 - box.height / height) / 0.12;
  return (tooWide * tooWide) / 2 + (tooLow * tooLow) / 2;
}

/** One digit of a picture or a drawing. */
export interface FoundDigit {
  /** Where it is. */
  readonly box: Box;
  /** Row of writing, counted from 0 at the top. */
  readonly row: number;
  /** `[28, 28]` uint8, white on black. */
  readonly image: Uint8Array;
  /** `[numClasses]` as the classifier gave them; null where none was passed. */
  readonly probabilities: Float32Array | null;
  /** Whether the image shows the ink around the digit, too: an image for `classifyTouching`. */
  readonly isTouching: boolean;
  readonly steps: readonly PreparationStep[];
}

/** The digits of a picture or a drawing as they are read: rows from the top, each from the left. */
export interface FoundDigits {
  readonly digits: readonly FoundDigit[];
  /** Why there are none: no image, or all marks were left out as not digits; null where there are some. */
  readonly reason: NoImageReason | 'notADigit' | null;
  /** What each step saw of the whole. */
  readonly steps: readonly PreparationStep[];
}

/** How digits are told apart. */
export interface DigitsOptions {
  /** Decides where neighbours touch or a digit fell apart. Without it, shapes and gaps decide alone. */
  readonly classify?: ClassifyImages | undefined;
  /**
   * Classifies digits in images that show the ink around them, too. Without it, digits that touch others are cut out of their shape, and
   * `classify` is asked. Images of pictures only.
   */
  readonly classifyTouching?: ClassifyImages | undefined;
}

/** A row of writing. */
export interface Row<P extends Part> {
  /** From left to right. */
  readonly parts: readonly P[];
  /** Height of the row's digits, in the parts' unit. */
  readonly height: number;
}

/** What becomes of some parts of a row if they are one digit. */
export interface Candidate {
  readonly box: Box;
  /** `[28, 28]` uint8, or null where there is no ink. */
  readonly image: Uint8Array | null;
  /** Whether the image shows the ink around the digit, too. */
  readonly isTouching: boolean;
  readonly steps: readonly PreparationStep[];
}

/**
 * Reads rows of parts: every segment that could be a digit is prepared, all are classified in one call, and each row's
 * likeliest reading is chosen.
 *
 * @param caller what an error names
 * @param prepare makes the 28x28 of some neighbouring parts
 * @param canSkip whether parts may be left out as marks that are not digits
 */
export async function readRows<P extends Part>(
  caller: string,
  rows: readonly Row<P>[],
  prepare: (parts: readonly P[]) => Candidate,
  { classify, classifyTouching, canSkip = false }: DigitsOptions & { readonly canSkip?: boolean },
): Promise<FoundDigit[]> {
  const proposals = rows.map((row) => proposeSegments(row.parts, row.height));
  const candidates = rows.map(({ parts }, r) =>
    proposals[r].map(({ first, last }) => prepare(parts.slice(first, last + 1))),
  );
  const answers = await answerAll(caller, candidates.flat(), classify, classifyTouching);
  let offset = 0;
  return rows.flatMap(({ parts, height }, row) => {
    const segments = proposals[row];
    const own = answers?.slice(offset, (offset += segments.length)) ?? null;
    return chooseSegments(parts, height, segments, own, canSkip).flatMap((segment) => {
      const i = segments.indexOf(segment);
      const { box, image, isTouching } = candidates[row][i];
      if (image === null) return [];
      const probabilities = own?.[i].probabilities ?? null;
      return [{ box, row, image, probabilities, isTouching, steps: candidates[row][i].steps }];
    });
  });
}

/** Asks each classifier about its candidates in one call. */
async function answerAll(
  caller: string,
  candidates: readonly Candidate[],
  classify: ClassifyImages | undefined,
  classifyTouching: ClassifyImages | undefined,
): Promise<ClassifiedSegment[] | null> {
  if (classify === undefined) return null;
  const imagesOf = (isTouching: boolean) =>
    candidates.filter((candidate) => candidate.isTouching === isTouching).map(({ image }) => image);
  const alone = await classifyAll(caller, imagesOf(false), classify);
  const touching = classifyTouching ? await classifyAll(caller, imagesOf(true), classifyTouching) : [];
  let [nextAlone, nextTouching] = [0, 0];
  return candidates.map(({ isTouching }) => (isTouching ? touching[nextTouching++] : alone[nextAlone++]));
}

/** Characters further apart than this share of their height are different words. */
const WORD_GAP = 0.6;

/**
 * Leaves out the words beside numbers: neighbours of which most are not digits, by the classifier's answers.
 *
 * @returns the other digits, their rows counted anew; all of them if nothing else is left
 */
export function leaveOutWords(digits: readonly FoundDigit[]): FoundDigit[] {
  const words: FoundDigit[][] = [];
  for (const digit of digits) {
    const word = words.at(-1);
    const before = word?.at(-1);
    const isNear =
      before?.row === digit.row &&
      digit.box.x - rightOf(before.box) <= WORD_GAP * Math.max(before.box.height, digit.box.height);
    if (word !== undefined && isNear) word.push(digit);
    else words.push([digit]);
  }
  const kept = words.filter((word) => word.length === 1 || word.filter(isDigit).length >= word.length / 2).flat();
  if (kept.length === 0) return [...digits];
  const rows = [...new Set(kept.map(({ row }) => row))];
  return kept.map((digit) => ({ ...digit, row: rows.indexOf(digit.row) }));
}

function isDigit({ probabilities }: FoundDigit): boolean {
  return probabilities === null || probabilities.reduce((sum, value) => sum + value, 0) >= 0.5;
}

/**
 * Whatever can tell digits: takes `[n, 28, 28]` uint8 images, white on black, and gives `[n, numClasses]` probabilities.
 * Rows that lack the share of "no digit" to 1 split touching digits best.
 */
export type ClassifyImages = (images: Uint8Array) => ArrayLike<number> | Promise<ArrayLike<number>>;

/**
 * Asks the classifier about all images in one call.
 *
 * @param images `[28, 28]` uint8 each; null, for which there is no image, is not asked and gets no confidence
 * @throws RangeError if the classifier does not return the same number of probabilities for each image
 */
export async function classifyAll(
  caller: string,
  images: readonly (Uint8Array | null)[],
  classify: ClassifyImages,
): Promise<ClassifiedSegment[]> {
  const size = IMAGE_SIZE * IMAGE_SIZE;
  const present = images.filter((image) => image !== null);
  const batch = new Uint8Array(present.length * size);
  present.forEach((image, i) => {
    batch.set(image, i * size);
  });
  const answer = present.length > 0 ? Float32Array.from(await classify(batch)) : new Float32Array();
  const numClasses = present.length > 0 ? answer.length / present.length : 0;
  if (!Number.isInteger(numClasses) || (present.length > 0 && numClasses === 0)) {
    throw new RangeError(
      `${caller}: classify must return the same number of probabilities for each of ${present.length} images, got ${answer.length} in all`,
    );
  }
  let next = 0;
  return images.map((image) => {
    if (image === null) return { confidence: 0, digitProbability: 0, probabilities: null };
    const start = next++ * numClasses;
    const probabilities = answer.subarray(start, start + numClasses);
    return {
      confidence: probabilities.reduce((a, b) => Math.max(a, b), 0),
      digitProbability: probabilities.reduce((sum, value) => sum + value, 0),
      probabilities,
    };
  });
}
