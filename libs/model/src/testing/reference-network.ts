import { fillRandomWords, RandomPurpose, uniformFromWord } from '@digits/data';
import type { Architecture } from '../architecture.ts';
import type { Layer } from '../layers.ts';
import { inferShapes } from '../shape-inference.ts';
import { type Shape, shapeSize, windowGeometry } from '../shapes.ts';
import type { NamedTensor } from '../weights.ts';

/*
 * The whole network in plain loops and double precision, as textbooks write it: what every engine is tested against.
 * Values lie as in the engines: images NHWC, kernels HWIO, dense kernels [in, out].
 */

/** Values of each weight, or of the loss' derivative by it, under the weight's name. */
export type NamedValues = ReadonlyMap<string, Float64Array>;

/** What a training step knows of its batch beyond the pixels: it keys the dropout masks. */
export interface TrainingBatch {
  readonly seed: number;
  readonly epoch: number;
  /** `[n]` index of each image in the training set. */
  readonly samples: ArrayLike<number>;
}

/** What {@link forwardPass} leaves for {@link backwardPass}. */
export interface ForwardPass {
  readonly numImages: number;
  /** Input of the first layer, then the output of each layer, `[n, ...shape]`. */
  readonly values: readonly Float64Array[];
  /** Without the batch dimension, in the same order. */
  readonly shapes: readonly Shape[];
  readonly batchStatistics: ReadonlyMap<number, ChannelStatistics>;
  /** Per dropout layer's index: what each element was multiplied by. */
  readonly dropoutMasks: ReadonlyMap<number, Float64Array>;
}

/** Mean and biased variance of each channel, `[channels]`. */
export interface ChannelStatistics {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Mean loss of a batch, and its derivatives. */
export interface BackwardPass {
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
 * @param images `[n, h, w, c]` in [0, 1]
 * @param training the batch in training mode (batch statistics, dropout), or null for predicting
 */
export function forwardPass(
  architecture: Architecture,
  weights: NamedValues,
  images: Float64Array,
  training: TrainingBatch | null,
): ForwardPass {
  const shapes: Shape[] = [architecture.inputShape, ...inferShapes(architecture)];
  const numImages = images.length / shapeSize(architecture.inputShape);
  const values = [images];
  const batchStatistics = new Map<number, ChannelStatistics>();
  const dropoutMasks = new Map<number, Float64Array>();
  architecture.layers.forEach((layer, index) => {
    const x = values[index];
    const weight = (role: string): Float64Array => weightValues(weights, layer, role);
    switch (layer.type) {
      case 'conv2d': {
        const y = new Float64Array(numImages * shapeSize(shapes[index + 1]));
        const kernel = weight('kernel');
        forEachTap(layer, shapes[index], shapes[index + 1], numImages, ({ xAt, yAt, kAt, inSize, outSize }) => {
          for (let i = 0; i < inSize; i++) {
            for (let o = 0; o < outSize; o++) y[yAt + o] += x[xAt + i] * kernel[kAt + i * outSize + o];
          }
        });
        values.push(layer.useBias ? addBias(y, weight('bias')) : y);
        break;
      }
      case 'dense': {
        const y = denseForward(x, weight('kernel'), numImages);
        values.push(layer.useBias ? addBias(y, weight('bias')) : y);
        break;
      }
      case 'batchNormalization': {
        const ofBatch = training === null ? null : channelStatistics(x, weight('gamma').length);
        if (ofBatch !== null) batchStatistics.set(index, ofBatch);
        const { mean, variance } = ofBatch ?? { mean: weight('moving_mean'), variance: weight('moving_variance') };
        const gamma = weight('gamma');
        const beta = weight('beta');
        values.push(
          x.map((value, i) => {
            const c = i % gamma.length;
            return (gamma[c] * (value - mean[c])) / Math.sqrt(variance[c] + layer.epsilon) + beta[c];
          }),
        );
        break;
      }
      case 'relu':
        values.push(x.map((value) => Math.max(value, 0)));
        break;
      case 'maxPooling2d': {
        const sources = maxPoolingSources(layer, shapes[index], shapes[index + 1], numImages, x);
        values.push(Float64Array.from(sources, (source) => x[source]));
        break;
      }
      case 'globalAveragePooling2d':
        values.push(averageForward(x, shapes[index], numImages));
        break;
      case 'flatten':
        values.push(x);
        break;
      case 'dropout': {
        if (training === null) {
          values.push(x);
          break;
        }
        const mask = dropoutMask(layer.rate, index, shapeSize(shapes[index]), training);
        dropoutMasks.set(index, mask);
        values.push(x.map((value, i) => value * mask[i]));
        break;
      }
    }
  });
  return { numImages, values, shapes, batchStatistics, dropoutMasks };
}

/**
 * Gives the mean loss of a batch and, by the chain rule from the last layer to the first, its derivative by each weight.
 *
 * @param pass what {@link forwardPass} gave in training mode
 * @param labels `[n]` the true classes
 */
export function backwardPass(
  architecture: Architecture,
  weights: NamedValues,
  pass: ForwardPass,
  labels: ArrayLike<number>,
  labelSmoothing: number,
): BackwardPass {
  const { values, shapes, numImages } = pass;
  const { loss, numCorrect, dLogits } = crossEntropy(values[values.length - 1], labels, numImages, labelSmoothing);
  const gradients = new Map<string, Float64Array>();
  let dy = dLogits;
  for (let index = architecture.layers.length - 1; index >= 0; index--) {
    const layer = architecture.layers[index];
    const x = values[index];
    const dx = new Float64Array(x.length);
    const give = (role: string, gradient: Float64Array) => gradients.set(`${layer.name}/${role}`, gradient);
    switch (layer.type) {
      case 'conv2d': {
        const kernel = weightValues(weights, layer, 'kernel');
        const dKernel = new Float64Array(kernel.length);
        forEachTap(layer, shapes[index], shapes[index + 1], numImages, ({ xAt, yAt, kAt, inSize, outSize }) => {
          for (let i = 0; i < inSize; i++) {
            for (let o = 0; o < outSize; o++) {
              dKernel[kAt + i * outSize + o] += x[xAt + i] * dy[yAt + o];
              dx[xAt + i] += kernel[kAt + i * outSize + o] * dy[yAt + o];
            }
          }
        });
        give('kernel', dKernel);
        if (layer.useBias) give('bias', channelSums(dy, layer.filters));
        break;
      }
      case 'dense': {
        give('kernel', denseBackward(x, dy, dx, weightValues(weights, layer, 'kernel'), numImages));
        if (layer.useBias) give('bias', channelSums(dy, layer.units));
        break;
      }
      case 'batchNormalization': {
        const statistics = pass.batchStatistics.get(index);
        if (statistics === undefined) throw new Error('backwardPass: pass must be one in training mode');
        const gamma = weightValues(weights, layer, 'gamma');
        const { dGamma, dBeta } = batchNormalizationBackward(x, dy, dx, gamma, statistics, layer.epsilon);
        give('gamma', dGamma);
        give('beta', dBeta);
        break;
      }
      case 'relu':
        dx.forEach((_, i) => (dx[i] = x[i] > 0 ? dy[i] : 0));
        break;
      case 'maxPooling2d':
        maxPoolingSources(layer, shapes[index], shapes[index + 1], numImages, x).forEach(
          (source, i) => (dx[source] += dy[i]),
        );
        break;
      case 'globalAveragePooling2d': {
        const [height, width, channels] = shapes[index];
        const area = height * width;
        dx.forEach((_, i) => {
          const image = Math.floor(i / (area * channels));
          dx[i] = dy[image * channels + (i % channels)] / area;
        });
        break;
      }
      case 'flatten':
        dx.set(dy);
        break;
      case 'dropout': {
        const mask = pass.dropoutMasks.get(index);
        if (mask === undefined) throw new Error('backwardPass: pass must be one in training mode');
        dx.forEach((_, i) => (dx[i] = dy[i] * mask[i]));
        break;
      }
    }
    dy = dx;
  }
  return { loss, numCorrect, gradients };
}

/** Softmax cross-entropy with smoothed labels; `dLogits` is the derivative of the mean loss. */
function crossEntropy(logits: Float64Array, labels: ArrayLike<number>, numImages: number, labelSmoothing: number) {
  const numClasses = logits.length / numImages;
  const dLogits = new Float64Array(logits.length);
  let loss = 0;
  let numCorrect = 0;
  for (let n = 0; n < numImages; n++) {
    const row = logits.subarray(n * numClasses, (n + 1) * numClasses);
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

/** Visits each window of each image with its top left corner, which may lie in the padding. */
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

function denseForward(x: Float64Array, kernel: Float64Array, numImages: number): Float64Array {
  const inSize = x.length / numImages;
  const outSize = kernel.length / inSize;
  const y = new Float64Array(numImages * outSize);
  for (let n = 0; n < numImages; n++) {
    for (let i = 0; i < inSize; i++) {
      for (let o = 0; o < outSize; o++) y[n * outSize + o] += x[n * inSize + i] * kernel[i * outSize + o];
    }
  }
  return y;
}

/** Fills dx and returns the kernel's gradient. */
function denseBackward(
  x: Float64Array,
  dy: Float64Array,
  dx: Float64Array,
  kernel: Float64Array,
  numImages: number,
): Float64Array {
  const [inSize, outSize] = [x.length / numImages, dy.length / numImages];
  const dKernel = new Float64Array(kernel.length);
  for (let n = 0; n < numImages; n++) {
    for (let i = 0; i < inSize; i++) {
      for (let o = 0; o < outSize; o++) {
        dKernel[i * outSize + o] += x[n * inSize + i] * dy[n * outSize + o];
        dx[n * inSize + i] += kernel[i * outSize + o] * dy[n * outSize + o];
      }
    }
  }
  return dKernel;
}

/** Fills dx; the batch's mean and variance depend on x, hence the two correction terms. */
function batchNormalizationBackward(
  x: Float64Array,
  dy: Float64Array,
  dx: Float64Array,
  gamma: Float64Array,
  { mean, variance }: ChannelStatistics,
  epsilon: number,
) {
  const channels = gamma.length;
  const count = x.length / channels;
  const inverseDeviation = variance.map((value) => 1 / Math.sqrt(value + epsilon));
  const normalised = x.map((value, i) => (value - mean[i % channels]) * inverseDeviation[i % channels]);
  const dBeta = channelSums(dy, channels);
  const dGamma = channelSums(
    dy.map((value, i) => value * normalised[i]),
    channels,
  );
  dx.forEach((_, i) => {
    const c = i % channels;
    dx[i] = gamma[c] * inverseDeviation[c] * (dy[i] - dBeta[c] / count - (normalised[i] * dGamma[c]) / count);
  });
  return { dGamma, dBeta };
}

function averageForward(x: Float64Array, [height, width, channels]: Shape, numImages: number): Float64Array {
  const y = new Float64Array(numImages * channels);
  const area = height * width;
  x.forEach((value, i) => (y[Math.floor(i / (area * channels)) * channels + (i % channels)] += value / area));
  return y;
}

/** `[n, size]`: 0 or 1 / (1 - rate); see the rules in `engine.ts`. */
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

function channelStatistics(x: Float64Array, channels: number): ChannelStatistics {
  const count = x.length / channels;
  const mean = channelSums(x, channels).map((sum) => sum / count);
  const squares = x.map((value, i) => (value - mean[i % channels]) ** 2);
  return { mean, variance: channelSums(squares, channels).map((sum) => sum / count) };
}

function channelSums(x: Float64Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  x.forEach((value, i) => (sums[i % channels] += value));
  return sums;
}

function addBias(y: Float64Array, bias: Float64Array): Float64Array {
  return y.map((value, i) => value + bias[i % bias.length]);
}

function weightValues(weights: NamedValues, layer: Layer, role: string): Float64Array {
  const values = weights.get(`${layer.name}/${role}`);
  if (values === undefined) throw new Error(`weightValues: weights must hold "${layer.name}/${role}", got none`);
  return values;
}
