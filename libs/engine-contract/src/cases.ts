import { fillRandomWords, integerFromWord, type LabelledImages, RandomPurpose, uniformFromWord } from '@digits/data';
import {
  type Architecture,
  inferShapes,
  initialWeights,
  type Layer,
  type LayerType,
  numClassesOf,
  outputKind,
  type Padding,
  type SessionSettings,
  shapeSize,
  type StepPlan,
  type TargetImages,
  type TrainingImages,
  type Weights,
  weightSpecs,
} from '@digits/model';

/** A network that shows one layer at work, and the batch that it is tried on. */
export interface ContractCase {
  readonly title: string;
  readonly architecture: Architecture;
  readonly batchSize: number;
}

/** Rows and columns. */
type Pair = readonly [number, number];

/** Layers that work on images, between a convolution (which shows the gradient by their input) and logits. */
function imageCase(
  title: string,
  inputShape: readonly [number, number, number],
  stemFilters: number,
  layers: readonly Layer[],
  batchSize: number,
): ContractCase {
  const stem = conv('stem', stemFilters, [3, 3], [1, 1], 'same', false);
  const givesVectors = layers.some(({ type }) => type === 'globalAveragePooling2d');
  const flatten: Layer[] = givesVectors ? [] : [{ type: 'flatten', name: 'flatten' }];
  return { title, architecture: { inputShape, layers: [stem, ...layers, ...flatten, dense('logits', 5)] }, batchSize };
}

/** Layers that work on vectors, between dense ones. */
function vectorCase(title: string, units: number, layers: readonly Layer[], batchSize: number): ContractCase {
  const stem: readonly Layer[] = [{ type: 'flatten', name: 'flatten' }, dense('stem', units, false)];
  return {
    title,
    architecture: { inputShape: [5, 7, 1], layers: [...stem, ...layers, dense('logits', 3)] },
    batchSize,
  };
}

/** A convolution. */
function conv(
  name: string,
  filters: number,
  kernelSize: Pair,
  strides: Pair,
  padding: Padding,
  useBias: boolean,
): Layer {
  return { type: 'conv2d', name, filters, kernelSize, strides, padding, useBias };
}

/** Maxima over windows. */
function pool(poolSize: Pair, strides: Pair, padding: Padding): Layer {
  return { type: 'maxPooling2d', name: 'pool', poolSize, strides, padding };
}

/** Repeats pixels. */
function up(size: Pair, name = 'up'): Layer {
  return { type: 'upSampling2d', name, size };
}

/** The sum with an earlier layer. */
function add(from: string, name = 'add'): Layer {
  return { type: 'add', name, from };
}

/** A dense layer. */
function dense(name: string, units: number, useBias = true): Layer {
  return { type: 'dense', name, units, useBias };
}

/** As in `[2, 3]`. */
function showPair(pair: Pair): string {
  return `[${pair.join(', ')}]`;
}

/** Draws whole numbers in [min, max], one after the other. */
function createDraw(seed: number): (min: number, max: number) => number {
  const words = randomWords(seed, 1024);
  let next = 0;
  return (min, max) => min + integerFromWord(words[next++], max - min + 1);
}

/** The same words for the same seed. */
function randomWords(seed: number, count: number): Uint32Array {
  const words = new Uint32Array(count);
  fillRandomWords({ seed, purpose: RandomPurpose.split }, words);
  return words;
}

const RELU: Layer = { type: 'relu', name: 'relu' };
const BATCH_NORMALIZATION: Layer = { type: 'batchNormalization', name: 'bn', momentum: 0.9, epsilon: 1e-3 };

function dropout(rate: number): Layer {
  return { type: 'dropout', name: 'dropout', rate };
}

/** The networks that try each type of layer: every option, on odd shapes; the same ones in each run. */
const CASES: Readonly<Record<LayerType, () => readonly ContractCase[]>> = {
  conv2d: () => [...convolutionCases(), ...widthCases()],
  batchNormalization: () => {
    const bn = BATCH_NORMALIZATION;
    const pooled = [bn, RELU, pool([2, 2], [2, 2], 'valid')];
    return [
      imageCase('batchNormalization on images', [7, 6, 1], 13, [bn], 6),
      imageCase('batchNormalization on images, one image a batch', [7, 6, 1], 8, [bn], 1),
      imageCase('batchNormalization, relu and pooling', [9, 9, 3], 16, pooled, 9),
      vectorCase('batchNormalization on vectors', 9, [bn], 11),
    ];
  },
  relu: () => [
    imageCase('relu on images', [6, 9, 2], 7, [RELU], 3),
    vectorCase('dense and relu', 33, [RELU, dense('hidden', 17)], 13),
  ],
  maxPooling2d: poolingCases,
  averagePooling2d: averageCases,
  zeroPadding2d: () => [
    imageCase(
      'zeroPadding2d [[1, 1], [1, 1]] before a convolution',
      [6, 5, 1],
      7,
      [zeros([1, 1], [1, 1]), inside('conv', 5)],
      5,
    ),
    imageCase('zeroPadding2d [[0, 1], [2, 3]]', [4, 5, 2], 9, [zeros([0, 1], [2, 3])], 3),
    imageCase(
      'zeroPadding2d [[2, 0], [0, 0]] before pooling',
      [5, 4, 1],
      8,
      [zeros([2, 0], [0, 0]), RELU, pool([2, 2], [2, 2], 'valid')],
      4,
    ),
  ],
  upSampling2d: () => [
    imageCase('upSampling2d [2, 2]', [5, 7, 1], 8, [up([2, 2])], 3),
    imageCase('upSampling2d [3, 1], between convolutions', [4, 5, 2], 5, [up([3, 1]), thin('conv', 3)], 5),
    imageCase('upSampling2d [1, 2] of a batchNormalization', [3, 6, 1], 11, [BATCH_NORMALIZATION, up([1, 2])], 4),
  ],
  add: additionCases,
  globalAveragePooling2d: () => [
    imageCase('globalAveragePooling2d', [7, 5, 1], 11, [{ type: 'globalAveragePooling2d', name: 'gap' }], 4),
  ],
  flatten: () => [], // In nearly every other case.
  dropout: () => [
    imageCase('dropout on images', [6, 5, 1], 6, [dropout(0.4)], 5),
    vectorCase('dropout on vectors', 21, [dropout(0.5)], 7),
    vectorCase('dropout that drops nothing', 4, [dropout(0)], 2),
  ],
  dense: () => [vectorCase('dense without bias', 8, [dense('hidden', 6, false)], 2)],
};

/** Gives the networks that try every type of layer. */
export function layerCases(): readonly ContractCase[] {
  return Object.values(CASES).flatMap((cases) => cases());
}

function convolutionCases(): ContractCase[] {
  const draw = createDraw(101);
  const kernels: readonly Pair[] = [[1, 1], [3, 3], [5, 5], [2, 4]]; // prettier-ignore
  const strides: readonly Pair[] = [[1, 1], [2, 2], [1, 3]]; // prettier-ignore
  const paddings: readonly Padding[] = ['same', 'valid'];
  return kernels.flatMap((kernel) =>
    strides.flatMap((stride) =>
      paddings.map((padding) => {
        const useBias = draw(0, 1) === 1;
        const layer = conv('conv', draw(1, 19), kernel, stride, padding, useBias);
        const input = [draw(7, 13), draw(7, 13), draw(1, 3)] as const;
        const bias = useBias ? 'with bias' : 'without bias';
        const title = `conv2d ${showPair(kernel)}, strides ${showPair(stride)}, ${padding}, ${bias}`;
        return imageCase(title, input, draw(1, 19), [layer], draw(1, 9));
      }),
    ),
  );
}

/** Channel counts around the widths of SIMD registers, where engines have paths of their own. */
function widthCases(): ContractCase[] {
  const widths: readonly Pair[] = [[1, 16], [3, 8], [8, 8], [16, 32], [24, 24], [7, 17], [32, 5]]; // prettier-ignore
  const paddings: readonly Padding[] = ['same', 'valid'];
  return widths.flatMap(([input, filters]) =>
    paddings.map((padding) => {
      const title = `conv2d [3, 3], ${padding}, ${input} to ${filters} channels`;
      const layer = conv('conv', filters, [3, 3], [1, 1], padding, false);
      return imageCase(title, [10, 11, 1], input, [layer], 5);
    }),
  );
}

function poolingCases(): ContractCase[] {
  const draw = createDraw(202);
  const windows: readonly (readonly [Pair, Pair])[] = [[[2, 2], [2, 2]], [[3, 3], [2, 2]], [[2, 3], [1, 2]], [[1, 2], [3, 3]]]; // prettier-ignore
  const paddings: readonly Padding[] = ['same', 'valid'];
  return windows.flatMap(([size, stride]) =>
    paddings.map((padding) => {
      const title = `maxPooling2d ${showPair(size)}, strides ${showPair(stride)}, ${padding}`;
      const input = [draw(6, 13), draw(6, 13), draw(1, 3)] as const;
      return imageCase(title, input, draw(1, 19), [pool(size, stride, padding)], draw(1, 9));
    }),
  );
}

/** Means over windows: inside the image, across its edges, with gaps between them and overlapping. */
function averageCases(): ContractCase[] {
  const draw = createDraw(303);
  const windows: readonly (readonly [Pair, Pair])[] = [[[2, 2], [2, 2]], [[3, 3], [2, 2]], [[2, 3], [1, 2]], [[1, 2], [3, 3]]]; // prettier-ignore
  const paddings: readonly Padding[] = ['same', 'valid'];
  return windows.flatMap(([poolSize, strides]) =>
    paddings.map((padding) => {
      const title = `averagePooling2d ${showPair(poolSize)}, strides ${showPair(strides)}, ${padding}`;
      const input = [draw(6, 13), draw(6, 13), draw(1, 3)] as const;
      const layer: Layer = { type: 'averagePooling2d', name: 'pool', poolSize, strides, padding };
      return imageCase(title, input, draw(1, 19), [layer], draw(1, 9));
    }),
  );
}

/** Zeros around an image. */
function zeros(rows: Pair, columns: Pair): Layer {
  return { type: 'zeroPadding2d', name: 'zeros', padding: [rows, columns] };
}

/** A convolution that takes every second window inside the image. */
function inside(name: string, filters: number): Layer {
  return conv(name, filters, [3, 3], [2, 2], 'valid', true);
}

/** A convolution that keeps the size of the image. */
function thin(name: string, filters: number): Layer {
  return conv(name, filters, [3, 3], [1, 1], 'same', false);
}

/** Where the earlier output comes from, what is done to it otherwise, and what comes before and after the sum. */
function additionCases(): ContractCase[] {
  const bn = BATCH_NORMALIZATION;
  const halve = pool([2, 2], [2, 2], 'valid');
  const relu2: Layer = { type: 'relu', name: 'relu2' };
  const acrossPooling = [bn, RELU, halve, thin('conv', 5), relu2, up([2, 2]), add('relu')];
  const twice = [RELU, thin('conv1', 3), add('relu', 'add1'), thin('conv2', 3), add('relu', 'add2')];
  return [
    imageCase('add from a convolution before relu', [6, 9, 2], 3, [RELU, add('stem')], 3),
    imageCase('add from the layer before it', [5, 4, 1], 8, [bn, RELU, add('relu')], 6),
    imageCase('add across pooling and upsampling', [8, 6, 1], 5, acrossPooling, 5),
    imageCase('add from a layer that is used twice', [6, 9, 2], 3, twice, 9),
    imageCase('add from a sum', [4, 5, 1], 6, [RELU, add('stem', 'add1'), thin('conv', 6), add('add1')], 3),
    imageCase('add from a batchNormalization before relu', [6, 5, 3], 16, [bn, RELU, thin('conv', 16), add('bn')], 7),
    imageCase('add behind a batchNormalization, before pooling', [6, 6, 1], 9, [bn, add('stem'), RELU, halve], 4),
    imageCase('add from dropout', [5, 6, 1], 7, [dropout(0.4), thin('conv', 7), relu2, add('dropout')], 5),
    imageCase('add from pooling', [6, 8, 1], 10, [halve, thin('conv', 10), bn, RELU, add('pool')], 5),
  ];
}

/** Networks that answer for pixels: from a single layer to the shape of a U. */
export function pixelCases(): readonly ContractCase[] {
  const pixels = (
    title: string,
    inputShape: readonly [number, number, number],
    layers: readonly Layer[],
    batchSize: number,
  ): ContractCase => ({ title: `pixels: ${title}`, architecture: { inputShape, layers }, batchSize });
  const logits = (filters: number): Layer => conv('logits', filters, [1, 1], [1, 1], 'same', true);
  return [
    pixels('conv2d alone', [5, 7, 2], [logits(1)], 3),
    pixels(
      'conv2d with strides',
      [7, 6, 1],
      [thin('conv', 9), RELU, conv('logits', 2, [3, 3], [2, 2], 'same', false)],
      9,
    ),
    pixels('batchNormalization before conv2d', [4, 6, 1], [thin('conv', 8), BATCH_NORMALIZATION, RELU, logits(4)], 1),
    pixels('dropout before conv2d', [6, 3, 1], [thin('conv', 8), RELU, dropout(0.3), logits(3)], 5),
    pixels('add from a first relu', [5, 6, 3], [RELU, thin('conv', 3), add('relu'), logits(2)], 4),
    pixels('add from a first dropout', [4, 7, 2], [dropout(0.4), thin('conv', 2), add('dropout'), logits(1)], 4),
    pixels('add from a first upSampling2d', [3, 2, 3], [up([2, 3]), thin('conv', 3), add('up'), logits(1)], 4),
    { title: 'pixels: the shape of a U', architecture: smallPixelNetwork(), batchSize: 5 },
  ];
}

/** A network in the shape of a U, small: an image is halved twice and doubled twice, with the earlier outputs added. */
export function smallPixelNetwork(): Architecture {
  const block = (index: number, filters: number): Layer[] => [
    thin(`conv${index}`, filters),
    { type: 'batchNormalization', name: `bn${index}`, momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: `relu${index}` },
  ];
  const halve = (index: number): Layer => ({ ...pool([2, 2], [2, 2], 'valid'), name: `pool${index}` });
  return {
    inputShape: [12, 8, 1],
    layers: [
      ...block(1, 5),
      halve(1),
      ...block(2, 8),
      halve(2),
      ...block(3, 8),
      up([2, 2], 'up2'),
      add('relu2', 'add2'),
      ...block(4, 5),
      up([2, 2], 'up1'),
      add('relu1', 'add1'),
      ...block(5, 6),
      conv('logits', 3, [1, 1], [1, 1], 'same', true),
    ],
  };
}

/** Two blocks of convolution, batch normalisation, ReLU and pooling, then logits: the shape of the presets, small. */
export function smallNetwork(dropoutRate: number | null = null): Architecture {
  return {
    inputShape: [12, 11, 1],
    layers: [
      conv('conv1', 5, [3, 3], [1, 1], 'valid', false),
      { type: 'batchNormalization', name: 'bn1', momentum: 0.9, epsilon: 1e-3 },
      { type: 'relu', name: 'relu1' },
      pool([2, 2], [2, 2], 'valid'),
      conv('conv2', 8, [3, 3], [1, 1], 'same', false),
      { type: 'batchNormalization', name: 'bn2', momentum: 0.8, epsilon: 1e-3 },
      { type: 'relu', name: 'relu2' },
      { type: 'flatten', name: 'flatten' },
      ...(dropoutRate === null ? [] : [dropout(dropoutRate)]),
      dense('logits', 5),
    ],
  };
}

/** Random pixels and labels that fit an architecture. */
export function randomDataset(architecture: Architecture, count: number, seed: number): LabelledImages {
  const [height, width, channels] = architecture.inputShape;
  const numClasses = numClassesOf(architecture);
  const words = randomWords(seed, count * shapeSize(architecture.inputShape) + count);
  return {
    images: Uint8Array.from(words.subarray(count), (word) => integerFromWord(word, 256)),
    labels: Uint8Array.from(words.subarray(0, count), (word) => integerFromWord(word, numClasses)),
    count,
    height,
    width,
    channels,
    numClasses,
  };
}

/** Random pixels and targets that fit an architecture that answers for pixels. */
export function randomTargets(architecture: Architecture, count: number, seed: number): TargetImages {
  const [height, width, channels] = architecture.inputShape;
  const targetShape = inferShapes(architecture)[architecture.layers.length - 1];
  const numTargets = count * shapeSize(targetShape);
  const words = randomWords(seed, count * shapeSize(architecture.inputShape) + numTargets);
  return {
    images: Uint8Array.from(words.subarray(numTargets), (word) => integerFromWord(word, 256)),
    targets: Uint8Array.from(words.subarray(0, numTargets), (word) => integerFromWord(word, 256)),
    ...{ count, height, width, channels, targetShape },
  };
}

/** Random pixels with what an architecture is trained on: labels or targets. */
export function randomTrainingImages(architecture: Architecture, count: number, seed: number): TrainingImages {
  const create = outputKind(architecture) === 'classes' ? randomDataset : randomTargets;
  return create(architecture, count, seed);
}

/** Weights as after some training: no bias or moving statistic stands at its initial value. */
export function randomWeights(architecture: Architecture, seed: number): Weights {
  const specs = weightSpecs(architecture);
  return initialWeights(architecture, seed).map((weight, i) => {
    if (specs[i].role === 'kernel') return weight;
    const [low, high] = specs[i].role === 'gamma' || specs[i].role === 'moving_variance' ? [0.5, 1.5] : [-0.3, 0.3];
    const words = randomWords(seed + 1 + i, weight.values.length);
    return { ...weight, values: Float32Array.from(words, (word) => low + (high - low) * uniformFromWord(word)) };
  });
}

/** Settings of a session that takes plain SGD steps, so that the momentum slot after one step is the gradient. */
export function sessionSettings(architecture: Architecture, changes: Partial<SessionSettings> = {}): SessionSettings {
  return {
    seed: 7,
    batchSize: 16,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: false },
    labelSmoothing: 0,
    averageWeights: false,
    augmentation: null,
    initialWeights: randomWeights(architecture, 11),
    ...changes,
  };
}

/** A plan over the samples 0, 1, 2, ... (modulo `numSamples`), one step for each batch size. */
export function planOf(
  batchSizes: readonly number[],
  numSamples: number,
  changes: { readonly epoch?: number; readonly firstStep?: number; readonly learningRate?: number } = {},
): StepPlan {
  const { epoch = 0, firstStep = 0, learningRate = 0.05 } = changes;
  const total = batchSizes.reduce((sum, size) => sum + size, 0);
  const before = firstStep * batchSizes[0];
  return {
    epoch,
    firstStep,
    samples: Uint32Array.from({ length: total }, (_, i) => (before + i) % numSamples),
    batchSizes: Uint32Array.from(batchSizes),
    learningRates: Float32Array.from(batchSizes, (_, i) => learningRate / (1 + (firstStep + i) / 10)),
    averageDecays: Float32Array.from(batchSizes, (_, i) => 0.5 + 0.02 * i),
  };
}
