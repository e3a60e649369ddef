import { inkVote, type LabelledImages } from '@digits/data';
import { wilsonInterval } from '@digits/metrics';

/** Largest pixel of sets whose values were probably never scaled to 255, such as those that count to 16. */
export const FAINT = 64;

/** Images with a name for each. */
export interface NamedImages {
  readonly images: LabelledImages;
  /** `[count]`: an image's path within the data set, or its file and row. */
  readonly names: readonly string[];
}

/** What is checked before a training, as the network gets it. */
export interface DataToCheck {
  readonly classNames: readonly string[];
  readonly train: NamedImages;
  /** Null if it is cut from the training images. */
  readonly validation: NamedImages | null;
  readonly test: NamedImages | null;
  /** Images that `--add` adds to the training images; not part of `train`. */
  readonly added: NamedImages | null;
}

/** A split by its name in messages. */
type SplitName = 'training' | 'validation' | 'test' | 'added';

/** One image of a split. */
export interface ImagePlace {
  readonly split: SplitName;
  readonly index: number;
  readonly name: string;
}

/** Something in a data set that makes its figures doubtful. */
export interface DataProblem {
  readonly kind:
    | 'duplicates'
    | 'conflictingLabels'
    | 'blank'
    | 'inverted'
    | 'transposed'
    | 'faint'
    | 'tinyTestSplit'
    | 'fewImages'
    | 'notInTest';
  /** One line: what was found, and what to do. */
  readonly message: string;
  /** The images that it concerns; empty if it concerns whole splits or classes. */
  readonly images: readonly ImagePlace[];
}

interface CheckedSplit extends NamedImages {
  readonly split: SplitName;
}

/**
 * Checks a data set for what would make a training or its figures worthless: images in two splits, blank images, images that are
 * inverted or transposed, and splits or classes with few images.
 */
export function checkData({ classNames, train, validation, test, added }: DataToCheck): readonly DataProblem[] {
  const splits: CheckedSplit[] = [
    { split: 'training', ...train },
    ...(added === null ? [] : [{ split: 'added' as const, ...added }]),
    ...(validation === null ? [] : [{ split: 'validation' as const, ...validation }]),
    ...(test === null ? [] : [{ split: 'test' as const, ...test }]),
  ];
  return [
    ...findDuplicates(splits, classNames),
    ...findBlank(splits),
    ...findInverted(splits),
    ...findTransposed(splits, classNames),
    ...findFaint(splits),
    ...(test === null ? [] : checkTestSize(test.images)),
    ...checkClassSizes(splits, classNames),
  ];
}

/** An image that was seen before, and its first occurrence. */
interface Repeat {
  readonly place: ImagePlace;
  readonly first: ImagePlace;
  /** Names of both classes. */
  readonly labels: readonly [string, string];
}

function findRepeats(splits: readonly CheckedSplit[], classNames: readonly string[]): Repeat[] {
  const firsts = new Map<number, { readonly split: CheckedSplit; readonly index: number }>();
  const repeats: Repeat[] = [];
  for (const split of splits) {
    for (let index = 0; index < split.images.count; index++) {
      const pixels = pixelsOf(split.images, index);
      if (isBlank(pixels)) continue;
      const key = hashOf(pixels);
      const first = firsts.get(key);
      if (first === undefined) {
        firsts.set(key, { split, index });
      } else if (isEqual(pixels, pixelsOf(first.split.images, first.index))) {
        const [labelOfFirst, label] = [first.split.images.labels[first.index], split.images.labels[index]];
        const labels = [classNames[labelOfFirst], classNames[label]] as const;
        repeats.push({ place: placeOf(split, index), first: placeOf(first.split, first.index), labels });
      }
    }
  }
  return repeats;
}

/** Returns 52 bits that are hardly ever the same for two images. */
function hashOf(pixels: Uint8Array): number {
  let [a, b] = [0, 0];
  for (const value of pixels) {
    a = (a * 31 + value) | 0;
    b = ((b * 33) ^ value) | 0;
  }
  return (a >>> 0) * 2 ** 20 + (b >>> 12);
}

function findDuplicates(splits: readonly CheckedSplit[], classNames: readonly string[]): DataProblem[] {
  const all = findRepeats(splits, classNames);
  const conflicts = all.filter(({ labels }) => labels[0] !== labels[1]);
  const repeats = new Map<string, Repeat[]>();
  for (const repeat of all) {
    if (repeat.first.split === repeat.place.split) continue;
    const key = `${repeat.first.split} ${repeat.place.split}`;
    repeats.set(key, [...(repeats.get(key) ?? []), repeat]);
  }
  const problems = [...repeats.values()].map((pairs): DataProblem => {
    const [{ place, first }] = pairs;
    const images = pairs.flatMap((pair) => [pair.first, pair.place]);
    const effect = place.split === 'test' ? ', so its accuracy will be too high' : '';
    return {
      kind: 'duplicates',
      message:
        `${pairs.length} ${place.split} ${plural(pairs.length, 'image is', 'images are')} also among the ${first.split} images${effect} ` +
        `(${first.name} is ${place.name}); remove them from one of the two`,
      images,
    };
  });
  if (conflicts.length > 0) {
    const [{ place, first, labels }] = conflicts;
    problems.push({
      kind: 'conflictingLabels',
      message:
        `${conflicts.length} ${plural(conflicts.length, 'image is', 'images are')} there twice with different labels ` +
        `(${first.name} and ${place.name}: ${labels.join(' and ')}); remove the wrong one`,
      images: conflicts.flatMap((pair) => [pair.first, pair.place]),
    });
  }
  return problems;
}

function findBlank(splits: readonly CheckedSplit[]): DataProblem[] {
  const images = splits.flatMap((split) =>
    indicesOf(split.images)
      .filter((i) => isBlank(pixelsOf(split.images, i)))
      .map((i) => placeOf(split, i)),
  );
  if (images.length === 0) return [];
  const message = `${images.length} ${plural(images.length, 'image is', 'images are')} blank (${nameSome(images)}); remove them`;
  return [{ kind: 'blank', message, images }];
}

/** The first split is the measure of the others. */
function findInverted(splits: readonly CheckedSplit[]): DataProblem[] {
  const isDark = splits.map(({ images }) => hasDarkInk(images));
  if (isDark[0]) {
    return [
      {
        kind: 'inverted',
        message:
          'the images seem to be dark on a light background, and networks for digits expect the opposite; --preprocess resize inverts them',
        images: [],
      },
    ];
  }
  return splits.flatMap(({ split }, i): DataProblem[] =>
    isDark[i] === isDark[0]
      ? []
      : [
          {
            kind: 'inverted',
            message: `the ${split} images seem to be dark on a light background, and the training images are not; invert one of the two`,
            images: [],
          },
        ],
  );
}

/** Classes whose upright form is a vertical stroke. */
const VERTICAL_CLASSES: readonly string[] = ['1', 'I', 'l', '|'];

/** How much more the ink of a vertical stroke must spread sideways than upwards to be taken for a lying one. */
const LYING_RATIO = 1.5;

function findTransposed(splits: readonly CheckedSplit[], classNames: readonly string[]): DataProblem[] {
  const [first, ...others] = splits;
  const vertical = classNames.findIndex((name) => VERTICAL_CLASSES.includes(name));
  if (vertical !== -1 && isLying(first.images, vertical)) {
    return [
      {
        kind: 'transposed',
        message: `the images seem to be transposed or turned: class ${classNames[vertical]} is wider than high; swap their rows and columns`,
        images: [],
      },
    ];
  }
  return others.flatMap(({ split, images }): DataProblem[] =>
    isTransposedTo(images, first.images)
      ? [
          {
            kind: 'transposed',
            message: `the ${split} images seem to be transposed, unlike the training images; swap the rows and columns of one of the two`,
            images: [],
          },
        ]
      : [],
  );
}

/** Whether the ink of a class spreads more sideways than upwards. */
function isLying(set: LabelledImages, label: number): boolean {
  const { height, width } = set;
  const mean = classMean(set, label);
  if (mean === null) return false;
  let [sum, x1, y1, x2, y2] = [0, 0, 0, 0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const ink = mean[i];
      sum += ink;
      x1 += ink * x;
      y1 += ink * y;
      x2 += ink * x * x;
      y2 += ink * y * y;
    }
  }
  if (sum === 0) return false;
  const [varianceX, varianceY] = [x2 / sum - (x1 / sum) ** 2, y2 / sum - (y1 / sum) ** 2];
  return Math.sqrt(varianceX) > LYING_RATIO * Math.sqrt(varianceY);
}

/** Least number of images that tell how the images of a set lie. */
const MIN_COMPARED = 50;

/** Whether the mean images of most classes are nearer to the other set's if they are transposed. */
function isTransposedTo(set: LabelledImages, reference: LabelledImages): boolean {
  const { height, width, channels } = reference;
  const isSame = set.height === height && set.width === width && set.channels === channels;
  if (!isSame || height !== width || Math.min(set.count, reference.count) < MIN_COMPARED) return false;
  let [numTransposed, numUpright] = [0, 0];
  for (let label = 0; label < reference.numClasses; label++) {
    const [mean, expected] = [classMean(set, label), classMean(reference, label)];
    if (mean === null || expected === null) continue;
    const transposed = mean.map((_, i) => mean[(i % width) * width + Math.floor(i / width)]);
    if (likeness(transposed, expected) > likeness(mean, expected)) numTransposed++;
    else numUpright++;
  }
  return numTransposed > 2 * numUpright;
}

/** Magnitude of the correlation of two images, which is the same if one of them is inverted. */
function likeness(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [a, b].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return Math.abs(ab) / Math.sqrt(aa * bb || 1);
}

/** Number of images that a mean is made of. */
const MAX_AVERAGED = 200;

/** Mean of the first images of a class over their channels, `[height, width]`; null without images. */
function classMean(set: LabelledImages, label: number): Float64Array | null {
  const { labels, height, width, channels } = set;
  const mean = new Float64Array(height * width);
  let count = 0;
  for (let i = 0; i < set.count && count < MAX_AVERAGED; i++) {
    if (labels[i] !== label) continue;
    count++;
    const pixels = pixelsOf(set, i);
    for (let j = 0; j < pixels.length; j++) mean[(j / channels) | 0] += pixels[j];
  }
  return count === 0 ? null : mean.map((sum) => sum / (count * channels));
}

function findFaint(splits: readonly CheckedSplit[]): DataProblem[] {
  if (splits.some(({ images }) => images.images.some((value) => value > FAINT))) return [];
  const max = splits.reduce((most, { images }) => images.images.reduce((a, b) => Math.max(a, b), most), 0);
  if (max === 0) return [];
  const message = `the images are faint: their largest pixel is ${max} of 255; scale them to [0, 255], or use --preprocess resize`;
  return [{ kind: 'faint', message, images: [] }];
}

/** A test split with fewer images says little. */
const MIN_TEST_IMAGES = 100;

function checkTestSize({ count }: LabelledImages): DataProblem[] {
  if (count >= MIN_TEST_IMAGES) return [];
  const [low, high] = wilsonInterval(Math.round(0.95 * count), count);
  const message =
    `the test split has only ${count} ${plural(count, 'image', 'images')}: an accuracy of 95% on it means ` +
    `${(100 * low).toFixed(0)}% to ${(100 * high).toFixed(0)}%; add test images`;
  return [{ kind: 'tinyTestSplit', message, images: [] }];
}

/** A class with fewer training images is hardly learnt. */
const MIN_CLASS_IMAGES = 10;

function checkClassSizes(splits: readonly CheckedSplit[], classNames: readonly string[]): DataProblem[] {
  const countsOf = (names: readonly SplitName[]) =>
    splits
      .filter(({ split }) => names.includes(split))
      .reduce((counts, { images }) => {
        for (const label of images.labels) counts[label]++;
        return counts;
      }, new Array<number>(classNames.length).fill(0));
  const inTraining = countsOf(['training', 'added']);
  const few = classNames.flatMap((name, label) =>
    inTraining[label] < MIN_CLASS_IMAGES ? [`${name}: ${inTraining[label]}`] : [],
  );
  const problems: DataProblem[] = [];
  if (few.length > 0) {
    const message = `${few.length} of ${classNames.length} classes have fewer than ${MIN_CLASS_IMAGES} training images (${shorten(few)}); add some`;
    problems.push({ kind: 'fewImages', message, images: [] });
  }
  if (splits.some(({ split }) => split === 'test')) {
    const inTest = countsOf(['test']);
    const missing = classNames.filter((_, label) => inTest[label] === 0);
    if (missing.length > 0) {
      const message = `${missing.length} of ${classNames.length} classes have no test image (${shorten(missing)}); nothing will be known of them`;
      problems.push({ kind: 'notInTest', message, images: [] });
    }
  }
  return problems;
}

/** Number of images that are asked for the colour of their ink. */
const MAX_VOTERS = 2000;

/** Decides by the borders of images all over the set whether its ink is darker than its paper. */
function hasDarkInk(set: LabelledImages): boolean {
  if (set.channels !== 1) return false;
  let votes = 0;
  const step = Math.max(1, Math.floor(set.count / MAX_VOTERS));
  for (let i = 0; i < set.count; i += step) votes += inkVote(pixelsOf(set, i), set.width, set.height);
  return votes > 0;
}

function pixelsOf({ images, height, width, channels }: LabelledImages, index: number): Uint8Array {
  const size = height * width * channels;
  return images.subarray(index * size, (index + 1) * size);
}

function isBlank(pixels: Uint8Array): boolean {
  for (let i = 1; i < pixels.length; i++) if (pixels[i] !== pixels[0]) return false;
  return true;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

function indicesOf({ count }: LabelledImages): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function placeOf({ split, names }: CheckedSplit, index: number): ImagePlace {
  return { split, index, name: names[index] };
}

const MAX_NAMED = 3;

function nameSome(images: readonly ImagePlace[]): string {
  return shorten(images.map(({ name }) => name));
}

function shorten(names: readonly string[]): string {
  return `${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? ', ...' : ''}`;
}

function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}
