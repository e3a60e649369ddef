import { fillRandomWords, RandomPurpose, uniformFromWord } from '@digits/data';
import {
  type Architecture,
  inferShapes,
  type Layer,
  type NamedTensor,
  outputKind,
  type Shape,
  shapeSize,
  skipSource,
  TARGET_SCALE,
  type WeightRole,
  windowGeometry,
} from '@digits/model';

/*
 * A neural network in plain loops and double precision, as textbooks write it: `forwardPass` runs a batch through all layers,
 * `backwardPass` takes the loss' derivative by every weight. Nothing here is fast; every engine is tested against it.
 *
 * Arrays are flat, row by row. Images are `[n, height, width, channels]`, convolution kernels `[kernelHeight, kernelWidth, in, out]`,
 * dense kernels `[in, out]`. `dx` stands for the derivative of the loss by `x`, of the same shape as `x`.
 */

/** Values of each weight, or of the loss' derivative by it, under the weight's name. */
export type NamedValues = ReadonlyMap<string, Float64Array>;

/** What a training step knows of its batch beyond the pixels: it keys the dropout masks. */
interface TrainingBatch {
  readonly seed: number;
  readonly epoch: number;
  /** `[n]` index of each image in the training set. */
  readonly samples: ArrayLike<number>;
}

/** Mean and biased variance of each channel, `[channels]`. */
interface ChannelStatistics {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** What {@link forwardPass} leaves for {@link backwardPass}. */
interface ForwardPass {
  readonly numImages: number;
  /** Input of the first layer, then the output of each layer, `[n, ...shape]`. */
  readonly values: Float64Array[];
  /** Output of each layer by its name: those of `values`. */
  readonly outputs: Map<string, Float64Array>;
  /** Shapes of `values` without the batch dimension. */
  readonly shapes: readonly Shape[];
  /** By index of the batch normalisation; empty when predicting. */
  readonly batchStatistics: Map<number, ChannelStatistics>;
  /** By index of the dropout, what each element was multiplied by; empty when predicting. */
  readonly dropoutMasks: Map<number, Float64Array>;
}

/** Mean loss of a batch, and its derivatives. */
interface BackwardPass {
  readonly loss: number;
  readonly numCorrect: number;
  /** d loss / d weight, trainable weights only. */
  readonly gradients: NamedValues;
}

/** Widens float32 tensors for the reference. */
export function widen(tensors: readonly NamedTensor[]): Map<string, Float64Array> {
  return new Map(tensors.map(({ name, values }) => [name, Float64Array.from(values)]));
}

/**
 * Runs the network on a batch.
 *
 * @param weights as {@link widen} gives them
 * @param images `[n, h, w, c]` in [0, 1]
 * @param training the batch in training mode (batch statistics, dropout), or null for predicting
 * @returns the outputs of all layers, the last of which are the logits: `[n, numClasses]`, or `[n, h, w, channels]` for pixels
 */
export function forwardPass(
  architecture: Architecture,
  weights: NamedValues,
  images: Float64Array,
  training: TrainingBatch | null,
): ForwardPass {
  const pass: ForwardPass = {
    numImages: images.length / shapeSize(architecture.inputShape),
    values: [images],
    outputs: new Map(),
    shapes: [architecture.inputShape, ...inferShapes(architecture)],
    batchStatistics: new Map(),
    dropoutMasks: new Map(),
  };
  architecture.layers.forEach((layer, index) => {
    // [n, ...shapes[index]] -> [n, ...shapes[index + 1]]
    const y = forwardLayer(layer, index, weightsOf(layer, weights), pass, training);
    pass.values.push(y);
    pass.outputs.set(layer.name, y);
  });
  return pass;
}

/**
 * Gives the mean loss of a batch and, by the chain rule from the last layer to the first, its derivative by each weight.
 *
 * @param pass what {@link forwardPass} gave in training mode
 * @param answers `[n]` the true classes; for a network that answers for pixels `[n, h, w, channels]` targets from 0 to 255
 * @param labelSmoothing in [0, 1): the target of a class is (1 - labelSmoothing) * oneHot + labelSmoothing / numClasses
 */
export function backwardPass(
  architecture: Architecture,
  weights: NamedValues,
  pass: ForwardPass,
  answers: ArrayLike<number>,
  labelSmoothing: number,
): BackwardPass {
  const logits = pass.values[pass.values.length - 1]; // [n, numClasses] or [n, h, w, channels]
  const { loss, numCorrect, dLogits } =
    outputKind(architecture) === 'classes'
      ? crossEntropy(logits, answers, pass.numImages, labelSmoothing)
      : sigmoidCrossEntropy(logits, answers);
  const gradients = new Map<string, Float64Array>();
  const skipGradients = new Map<string, Float64Array>(); // by name of a layer, the derivative by its output in later additions
  let dy: Float64Array = dLogits; // like the logits, then the derivative by the output of one layer after the other
  for (let index = architecture.layers.length - 1; index >= 0; index--) {
    const layer = architecture.layers[index];
    dy = addTo(dy, skipGradients.get(layer.name));
    const source = skipSource(layer);
    if (source !== null) skipGradients.set(source, addTo(dy, skipGradients.get(source)));
    // [n, ...shapes[index + 1]] -> [n, ...shapes[index]]
    dy = backwardLayer(layer, index, weightsOf(layer, weights), pass, dy, (role, gradient) => {
      gradients.set(`${layer.name}/${role}`, gradient); // [...shape of the weight]
    });
  }
  return { loss, numCorrect, gradients };
}

/** Softmax cross-entropy with smoothed labels; `dLogits` `[n, numClasses]` is the derivative of the mean loss. */
function crossEntropy(logits: Float64Array, labels: ArrayLike<number>, numImages: number, labelSmoothing: number) {
  const numClasses = logits.length / numImages;
  const dLogits = new Float64Array(logits.length);
  let loss = 0;
  let numCorrect = 0;
  for (let n = 0; n < numImages; n++) {
    const row = logits.subarray(n * numClasses, (n + 1) * numClasses); // [numClasses]
    const max = Math.max(...row);
    const logSum = max + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
    if (row.indexOf(max) === labels[n]) numCorrect++;
    row.forEach((logit, c) => {
      const target = (c === labels[n] ? 1 - labelSmoothing : 0) + labelSmoothing / numClasses;
      loss -= (target * (logit - logSum)) / numImages;
      dLogits[n * numClasses + c] = (Math.exp(logit - logSum) - target) / numImages;
    });
  }
  return { loss, numCorrect, dLogits };
}

/** Sigmoid cross-entropy of each logit with its target of 0 to 255; `dLogits` is the derivative of the mean loss. */
function sigmoidCrossEntropy(logits: Float64Array, targets: ArrayLike<number>) {
  let loss = 0;
  let numCorrect = 0;
  const dLogits = logits.map((logit, i) => {
    const target = targets[i] / TARGET_SCALE;
    // -target * log(sigmoid(logit)) - (1 - target) * log(1 - sigmoid(logit)), without an exponential that overflows
    loss += (Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)))) / logits.length;
    if (logit > 0 === targets[i] >= 128) numCorrect++;
    return (1 / (1 + Math.exp(-logit)) - target) / logits.length;
  });
  return { loss, numCorrect, dLogits };
}

/** a + b; a where there is no b. */
function addTo(a: Float64Array, b: Float64Array | undefined): Float64Array {
  return b === undefined ? a : a.map((value, i) => value + b[i]);
}

type WeightReader = (role: WeightRole) => Float64Array;

function weightsOf(layer: Layer, weights: NamedValues): WeightReader {
  return (role) => {
    const values = weights.get(`${layer.name}/${role}`);
    if (values === undefined) throw new Error(`forwardPass: weights must hold "${layer.name}/${role}", got none`);
    return values;
  };
}

/** @returns `[n, ...output]` */
function forwardLayer(
  layer: Layer,
  index: number,
  weight: WeightReader,
  pass: ForwardPass,
  training: TrainingBatch | null,
): Float64Array {
  const { numImages } = pass;
  const x = pass.values[index]; // [n, ...input]
  const [input, output] = [pass.shapes[index], pass.shapes[index + 1]];
  switch (layer.type) {
    case 'conv2d': {
      const kernel = weight('kernel'); // [kh, kw, in, out]
      const y = new Float64Array(numImages * shapeSize(output)); // [n, h, w, in] -> [n, h', w', out]
      forEachTap(layer, input, output, numImages, ({ xAt, yAt, kAt, inSize, outSize }) => {
        for (let i = 0; i < inSize; i++) {
          for (let o = 0; o < outSize; o++) y[yAt + o] += x[xAt + i] * kernel[kAt + i * outSize + o];
        }
      });
      return layer.useBias ? addBias(y, weight('bias')) : y;
    }
    case 'dense': {
      const kernel = weight('kernel'); // [in, out]
      const [inSize, outSize] = [input[0], output[0]];
      const y = new Float64Array(numImages * outSize); // [n, in] -> [n, out]
      for (let n = 0; n < numImages; n++) {
        for (let i = 0; i < inSize; i++) {
          for (let o = 0; o < outSize; o++) y[n * outSize + o] += x[n * inSize + i] * kernel[i * outSize + o];
        }
      }
      return layer.useBias ? addBias(y, weight('bias')) : y;
    }
    case 'batchNormalization': {
      const [gamma, beta] = [weight('gamma'), weight('beta')]; // [channels] each
      const ofBatch = training === null ? null : channelStatistics(x, gamma.length);
      if (ofBatch !== null) pass.batchStatistics.set(index, ofBatch);
      const { mean, variance } = ofBatch ?? { mean: weight('moving_mean'), variance: weight('moving_variance') };
      return x.map((value, i) => {
        const c = i % gamma.length;
        return (gamma[c] * (value - mean[c])) / Math.sqrt(variance[c] + layer.epsilon) + beta[c];
      });
    }
    case 'relu':
      return x.map((value) => Math.max(value, 0));
    case 'maxPooling2d':
      // [n, h, w, c] -> [n, h', w', c]
      return Float64Array.from(maxPoolingSources(layer, input, output, numImages, x), (source) => x[source]);
    case 'averagePooling2d': {
      const y = new Float64Array(numImages * shapeSize(output)); // [n, h, w, c] -> [n, h', w', c]
      forEachMean(layer, input, output, numImages, (xAt, yAt, count) => (y[yAt] += x[xAt] / count));
      return y;
    }
    case 'zeroPadding2d': {
      const y = new Float64Array(numImages * shapeSize(output)); // [n, h, w, c] -> [n, h', w', c]
      paddedPlaces(layer, input, output, numImages).forEach((place, i) => (y[place] = x[i]));
      return y;
    }
    case 'upSampling2d':
      // [n, h, w, c] -> [n, h * size, w * size, c]
      return Float64Array.from(upSamplingSources(layer, input, numImages), (source) => x[source]);
    case 'add':
      return addTo(x, pass.outputs.get(layer.from));
    case 'globalAveragePooling2d': {
      const [height, width, channels] = input;
      const area = height * width;
      const y = new Float64Array(numImages * channels); // [n, h, w, c] -> [n, c]
      x.forEach((value, i) => (y[Math.floor(i / (area * channels)) * channels + (i % channels)] += value / area));
      return y;
    }
    case 'flatten':
      return x; // [n, h, w, c] -> [n, h * w * c], in the same order
    case 'dropout': {
      if (training === null) return x;
      const mask = dropoutMask(layer.rate, index, shapeSize(input), training); // [n, ...input]
      pass.dropoutMasks.set(index, mask);
      return x.map((value, i) => value * mask[i]);
    }
  }
}

/**
 * @param dy `[n, ...output]` derivative of the loss by the layer's output
 * @param give takes over the derivative by each of the layer's trainable weights
 * @returns `[n, ...input]` derivative by the layer's input
 */
function backwardLayer(
  layer: Layer,
  index: number,
  weight: WeightReader,
  pass: ForwardPass,
  dy: Float64Array,
  give: (role: WeightRole, gradient: Float64Array) => void,
): Float64Array {
  const { numImages } = pass;
  const x = pass.values[index]; // [n, ...input]
  const [input, output] = [pass.shapes[index], pass.shapes[index + 1]];
  switch (layer.type) {
    case 'conv2d': {
      const kernel = weight('kernel');
      const dKernel = new Float64Array(kernel.length); // [kh, kw, in, out]
      const dx = new Float64Array(x.length); // [n, h', w', out] -> [n, h, w, in]
      forEachTap(layer, input, output, numImages, ({ xAt, yAt, kAt, inSize, outSize }) => {
        for (let i = 0; i < inSize; i++) {
          for (let o = 0; o < outSize; o++) {
            dKernel[kAt + i * outSize + o] += x[xAt + i] * dy[yAt + o];
            dx[xAt + i] += kernel[kAt + i * outSize + o] * dy[yAt + o];
          }
        }
      });
      give('kernel', dKernel);
      if (layer.useBias) give('bias', channelSums(dy, layer.filters));
      return dx;
    }
    case 'dense': {
      const kernel = weight('kernel');
      const [inSize, outSize] = [input[0], output[0]];
      const dKernel = new Float64Array(kernel.length); // [in, out]
      const dx = new Float64Array(x.length); // [n, out] -> [n, in]
      for (let n = 0; n < numImages; n++) {
        for (let i = 0; i < inSize; i++) {
          for (let o = 0; o < outSize; o++) {
            dKernel[i * outSize + o] += x[n * inSize + i] * dy[n * outSize + o];
            dx[n * inSize + i] += kernel[i * outSize + o] * dy[n * outSize + o];
          }
        }
      }
      give('kernel', dKernel);
      if (layer.useBias) give('bias', channelSums(dy, layer.units));
      return dx;
    }
    case 'batchNormalization': {
      const gamma = weight('gamma'); // [channels]
      const { mean, variance } = keptBy(pass.batchStatistics, index); // [channels] each
      const channels = gamma.length;
      const count = x.length / channels;
      const inverseDeviation = variance.map((value) => 1 / Math.sqrt(value + layer.epsilon));
      const normalised = x.map((value, i) => (value - mean[i % channels]) * inverseDeviation[i % channels]);
      const dBeta = channelSums(dy, channels); // [channels]
      const dGamma = channelSums(
        dy.map((value, i) => value * normalised[i]),
        channels,
      ); // [channels]
      give('gamma', dGamma);
      give('beta', dBeta);
      // The batch's mean and variance depend on x too, hence the two correction terms.
      return dy.map((value, i) => {
        const c = i % channels;
        return gamma[c] * inverseDeviation[c] * (value - dBeta[c] / count - (normalised[i] * dGamma[c]) / count);
      });
    }
    case 'relu':
      return dy.map((value, i) => (x[i] > 0 ? value : 0));
    case 'maxPooling2d': {
      const dx = new Float64Array(x.length); // [n, h', w', c] -> [n, h, w, c]
      maxPoolingSources(layer, input, output, numImages, x).forEach((source, i) => (dx[source] += dy[i]));
      return dx;
    }
    case 'averagePooling2d': {
      const dx = new Float64Array(x.length); // [n, h', w', c] -> [n, h, w, c]
      forEachMean(layer, input, output, numImages, (xAt, yAt, count) => (dx[xAt] += dy[yAt] / count));
      return dx;
    }
    case 'zeroPadding2d':
      // [n, h', w', c] -> [n, h, w, c]
      return Float64Array.from(paddedPlaces(layer, input, output, numImages), (place) => dy[place]);
    case 'upSampling2d': {
      const dx = new Float64Array(x.length); // [n, h * size, w * size, c] -> [n, h, w, c]
      upSamplingSources(layer, input, numImages).forEach((source, i) => (dx[source] += dy[i]));
      return dx;
    }
    case 'add':
      return dy; // the same for both of its inputs
    case 'globalAveragePooling2d': {
      const [height, width, channels] = input;
      const area = height * width;
      // [n, c] -> [n, h, w, c]
      return x.map((_, i) => dy[Math.floor(i / (area * channels)) * channels + (i % channels)] / area);
    }
    case 'flatten':
      return dy; // [n, h * w * c] -> [n, h, w, c], in the same order
    case 'dropout': {
      const mask = keptBy(pass.dropoutMasks, index);
      return dy.map((value, i) => value * mask[i]);
    }
  }
}

function keptBy<Value>(values: ReadonlyMap<number, Value>, index: number): Value {
  const value = values.get(index);
  if (value === undefined) throw new Error('backwardPass: pass must be one in training mode');
  return value;
}

/** One window position of one image at one kernel element: offsets into x, y and the kernel. */
interface Tap {
  readonly xAt: number;
  readonly yAt: number;
  readonly kAt: number;
  readonly inSize: number;
  readonly outSize: number;
}

/** Visits every pair of pixel and window that a convolution multiplies; padding is never visited. */
function forEachTap(
  layer: Extract<Layer, { type: 'conv2d' }>,
  input: Shape,
  output: Shape,
  numImages: number,
  visit: (tap: Tap) => void,
): void {
  const [inSize, outSize] = [input[2], output[2]];
  const [kernelHeight, kernelWidth] = layer.kernelSize;
  forEachWindow(layer, layer.kernelSize, input, output, numImages, (image, top, left, window) => {
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) {
        const [y, x] = [top + ky, left + kx];
        if (y < 0 || y >= input[0] || x < 0 || x >= input[1]) continue;
        const xAt = ((image * input[0] + y) * input[1] + x) * inSize;
        visit({ xAt, yAt: window * outSize, kAt: (ky * kernelWidth + kx) * inSize * outSize, inSize, outSize });
      }
    }
  });
}

/** For each output element of a max pooling, the index of the input element it is; the first of equals. */
function maxPoolingSources(
  layer: Extract<Layer, { type: 'maxPooling2d' }>,
  input: Shape,
  output: Shape,
  numImages: number,
  x: Float64Array,
): number[] {
  const [height, width, channels] = input;
  const sources: number[] = [];
  forEachWindow(layer, layer.poolSize, input, output, numImages, (image, top, left) => {
    for (let c = 0; c < channels; c++) {
      let best = -1;
      for (let y = Math.max(top, 0); y < Math.min(top + layer.poolSize[0], height); y++) {
        for (let column = Math.max(left, 0); column < Math.min(left + layer.poolSize[1], width); column++) {
          const at = ((image * height + y) * width + column) * channels + c;
          if (best === -1 || x[at] > x[best]) best = at;
        }
      }
      sources.push(best);
    }
  });
  return sources;
}

/** Visits each input element of each window of an average pooling, with its output element and the number of pixels in the window. */
function forEachMean(
  layer: Extract<Layer, { type: 'averagePooling2d' }>,
  input: Shape,
  output: Shape,
  numImages: number,
  visit: (xAt: number, yAt: number, count: number) => void,
): void {
  const [height, width, channels] = input;
  forEachWindow(layer, layer.poolSize, input, output, numImages, (image, top, left, window) => {
    const [firstRow, endRow] = [Math.max(top, 0), Math.min(top + layer.poolSize[0], height)];
    const [firstColumn, endColumn] = [Math.max(left, 0), Math.min(left + layer.poolSize[1], width)];
    const count = (endRow - firstRow) * (endColumn - firstColumn);
    for (let y = firstRow; y < endRow; y++) {
      for (let x = firstColumn; x < endColumn; x++) {
        const pixel = ((image * height + y) * width + x) * channels;
        for (let c = 0; c < channels; c++) visit(pixel + c, window * channels + c, count);
      }
    }
  });
}

/** For each input element of a zero padding, its place in the output. */
function paddedPlaces(
  { padding: [[top], [left]] }: Extract<Layer, { type: 'zeroPadding2d' }>,
  [height, width, channels]: Shape,
  [outHeight, outWidth]: Shape,
  numImages: number,
): number[] {
  const places: number[] = [];
  for (let image = 0; image < numImages; image++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = (image * outHeight + y + top) * outWidth + x + left;
        for (let c = 0; c < channels; c++) places.push(pixel * channels + c);
      }
    }
  }
  return places;
}

/** For each output element of an upsampling, the index of the input element it is. */
function upSamplingSources(
  { size: [rows, columns] }: Extract<Layer, { type: 'upSampling2d' }>,
  [height, width, channels]: Shape,
  numImages: number,
): number[] {
  const sources: number[] = [];
  for (let image = 0; image < numImages; image++) {
    for (let y = 0; y < height * rows; y++) {
      for (let x = 0; x < width * columns; x++) {
        const pixel = (image * height + Math.floor(y / rows)) * width + Math.floor(x / columns);
        for (let c = 0; c < channels; c++) sources.push(pixel * channels + c);
      }
    }
  }
  return sources;
}

/** Visits each window of each image with its top left corner, which may be in the padding. */
function forEachWindow(
  layer: Extract<Layer, { strides: readonly [number, number] }>,
  size: readonly [number, number],
  input: Shape,
  output: Shape,
  numImages: number,
  visit: (image: number, top: number, left: number, window: number) => void,
): void {
  const padTop = windowGeometry(input[0], size[0], layer.strides[0], layer.padding).padBefore;
  const padLeft = windowGeometry(input[1], size[1], layer.strides[1], layer.padding).padBefore;
  let window = 0;
  for (let image = 0; image < numImages; image++) {
    for (let y = 0; y < output[0]; y++) {
      for (let x = 0; x < output[1]; x++) {
        visit(image, y * layer.strides[0] - padTop, x * layer.strides[1] - padLeft, window++);
      }
    }
  }
}

/** `[n, size]`: 0 or 1 / (1 - rate); the rule is that of `Engine` in `@digits/model`. */
function dropoutMask(rate: number, site: number, size: number, batch: TrainingBatch): Float64Array {
  const mask = new Float64Array(batch.samples.length * size);
  const words = new Uint32Array(size);
  const threshold = Math.fround(rate);
  const scale = Math.fround(1 / (1 - rate));
  Array.from(batch.samples, (sample, n) => {
    fillRandomWords({ seed: batch.seed, purpose: RandomPurpose.dropout, site, epoch: batch.epoch, sample }, words);
    words.forEach((word, e) => (mask[n * size + e] = uniformFromWord(word) >= threshold ? scale : 0));
  });
  return mask;
}

/** Mean and biased variance of each channel over all other axes. */
function channelStatistics(x: Float64Array, channels: number): ChannelStatistics {
  const count = x.length / channels;
  const mean = channelSums(x, channels).map((sum) => sum / count);
  const squares = x.map((value, i) => (value - mean[i % channels]) ** 2);
  return { mean, variance: channelSums(squares, channels).map((sum) => sum / count) };
}

/** Sum of each channel over all other axes, `[channels]`. */
function channelSums(x: Float64Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  x.forEach((value, i) => (sums[i % channels] += value));
  return sums;
}

/** y + bias, channel by channel. */
function addBias(y: Float64Array, bias: Float64Array): Float64Array {
  return y.map((value, i) => value + bias[i % bias.length]);
}
