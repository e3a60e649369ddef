import { fillRandomWords, RandomPurpose, uniformFromWord } from '@digits/data';
import { type Layer, type Shape, windowGeometry } from '@digits/model';

/** What a training step knows of its batch beyond the pixels: it keys the dropout masks. */
export interface TrainingBatch {
  readonly seed: number;
  readonly epoch: number;
  /** `[n]` index of each image in the training set. */
  readonly samples: ArrayLike<number>;
}

/** Mean and biased variance of each channel, `[channels]`. */
export interface ChannelStatistics {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** A layer that slides windows over an image. */
type WindowLayer = Extract<Layer, { strides: readonly [number, number] }>;

/** One window position of one image at one kernel element: offsets into x, y and the kernel. */
interface Tap {
  readonly xAt: number;
  readonly yAt: number;
  readonly kAt: number;
  readonly inSize: number;
  readonly outSize: number;
}

/** Visits every pair of pixel and window that a convolution multiplies; padding is never visited. */
export function forEachTap(
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
export function maxPoolingSources(
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
  layer: WindowLayer,
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

/** x times the kernel, `[n, out]`. */
export function denseForward(x: Float64Array, kernel: Float64Array, numImages: number): Float64Array {
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

/** Derivatives of a product by x and by the kernel. */
export function denseBackward(x: Float64Array, dy: Float64Array, kernel: Float64Array, numImages: number) {
  const [inSize, outSize] = [x.length / numImages, dy.length / numImages];
  const dx = new Float64Array(x.length);
  const dKernel = new Float64Array(kernel.length);
  for (let n = 0; n < numImages; n++) {
    for (let i = 0; i < inSize; i++) {
      for (let o = 0; o < outSize; o++) {
        dKernel[i * outSize + o] += x[n * inSize + i] * dy[n * outSize + o];
        dx[n * inSize + i] += kernel[i * outSize + o] * dy[n * outSize + o];
      }
    }
  }
  return { dx, dKernel };
}

/** Derivatives of a batch normalisation; the batch's mean and variance depend on x, hence the two correction terms. */
export function batchNormalizationBackward(
  x: Float64Array,
  dy: Float64Array,
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
  const dx = dy.map((value, i) => {
    const c = i % channels;
    return gamma[c] * inverseDeviation[c] * (value - dBeta[c] / count - (normalised[i] * dGamma[c]) / count);
  });
  return { dx, dGamma, dBeta };
}

/** Mean over the pixels of each image and channel, `[n, channels]`. */
export function averageForward(x: Float64Array, [height, width, channels]: Shape, numImages: number): Float64Array {
  const y = new Float64Array(numImages * channels);
  const area = height * width;
  x.forEach((value, i) => (y[Math.floor(i / (area * channels)) * channels + (i % channels)] += value / area));
  return y;
}

/** `[n, size]`: 0 or 1 / (1 - rate); see the rules in `engine.ts`. */
export function dropoutMask(rate: number, site: number, size: number, batch: TrainingBatch): Float64Array {
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

/** Mean and biased variance of each channel over all else. */
export function channelStatistics(x: Float64Array, channels: number): ChannelStatistics {
  const count = x.length / channels;
  const mean = channelSums(x, channels).map((sum) => sum / count);
  const squares = x.map((value, i) => (value - mean[i % channels]) ** 2);
  return { mean, variance: channelSums(squares, channels).map((sum) => sum / count) };
}

/** Sum of each channel over all else. */
export function channelSums(x: Float64Array, channels: number): Float64Array {
  const sums = new Float64Array(channels);
  x.forEach((value, i) => (sums[i % channels] += value));
  return sums;
}

/** y + bias, channel by channel. */
export function addBias(y: Float64Array, bias: Float64Array): Float64Array {
  return y.map((value, i) => value + bias[i % bias.length]);
}
