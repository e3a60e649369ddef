import { type Layer, type LayerType, type Padding, type Shape, shapeSize, type WeightRole } from '@digits/model';
import {
  type ContractCase,
  conv,
  createDraw,
  dense,
  imageCase,
  type Pair,
  pool,
  showPair,
  vectorCase,
} from './contract-cases.ts';
import {
  addBias,
  averageForward,
  batchNormalizationBackward,
  channelStatistics,
  type ChannelStatistics,
  channelSums,
  denseBackward,
  denseForward,
  dropoutMask,
  forEachTap,
  maxPoolingSources,
  type TrainingBatch,
} from './reference-arithmetic.ts';

/*
 * What every engine's layers are tested on and against: for each kind of layer its cases, and forwards and backwards in
 * plain loops and double precision, as textbooks write them. Values lie as in the engines: images NHWC, kernels HWIO,
 * dense kernels [in, out].
 */

/** The networks that try a kind of layer: every option, on odd shapes; the same ones in each run. */
export function casesOfLayer(type: LayerType): readonly ContractCase[] {
  switch (type) {
    case 'conv2d':
      return [...convolutionCases(), ...widthCases()];
    case 'batchNormalization': {
      const bn: Layer = { type, name: 'bn', momentum: 0.9, epsilon: 1e-3 };
      const relu: Layer = { type: 'relu', name: 'relu' };
      return [
        imageCase('batchNormalization on images', [7, 6, 1], 13, [bn], 6),
        imageCase('batchNormalization on images, one image a batch', [7, 6, 1], 8, [bn], 1),
        imageCase('batchNormalization, relu and pooling', [9, 9, 3], 16, [bn, relu, pool([2, 2], [2, 2], 'valid')], 9),
        vectorCase('batchNormalization on vectors', 9, [bn], 11),
      ];
    }
    case 'relu':
      return [
        imageCase('relu on images', [6, 9, 2], 7, [{ type, name: 'relu' }], 3),
        vectorCase('dense and relu', 33, [{ type, name: 'relu' }, dense('hidden', 17)], 13),
      ];
    case 'maxPooling2d':
      return poolingCases();
    case 'globalAveragePooling2d':
      return [imageCase('globalAveragePooling2d', [7, 5, 1], 11, [{ type, name: 'gap' }], 4)];
    case 'flatten': // In nearly every other case.
      return [];
    case 'dropout':
      return [
        imageCase('dropout on images', [6, 5, 1], 6, [{ type, name: 'dropout', rate: 0.4 }], 5),
        vectorCase('dropout on vectors', 21, [{ type, name: 'dropout', rate: 0.5 }], 7),
        vectorCase('dropout that drops nothing', 4, [{ type, name: 'dropout', rate: 0 }], 2),
      ];
    case 'dense':
      return [vectorCase('dense without bias', 8, [dense('hidden', 6, false)], 2)];
  }
}

/** A layer at work in a network. */
export interface LayerAtWork {
  readonly index: number;
  readonly numImages: number;
  /** `[n, ...input]` what it is given. */
  readonly x: Float64Array;
  /** Without the batch dimension. */
  readonly input: Shape;
  readonly output: Shape;
  /** Values of one of its weights. */
  readonly weight: (role: WeightRole) => Float64Array;
}

/** By layer index, what going forwards in training mode leaves for going backwards. */
export interface Kept {
  readonly batchStatistics: ReadonlyMap<number, ChannelStatistics>;
  /** What each element was multiplied by. */
  readonly dropoutMasks: ReadonlyMap<number, Float64Array>;
}

/** {@link Kept} while it is filled. */
export interface Keeping extends Kept {
  readonly batchStatistics: Map<number, ChannelStatistics>;
  readonly dropoutMasks: Map<number, Float64Array>;
}

/**
 * Runs a layer.
 *
 * @param training the batch in training mode (batch statistics, dropout), or null for predicting
 * @param kept is added to in training mode
 * @returns `[n, ...output]`
 */
export function forwardLayer(
  layer: Layer,
  { index, numImages, x, input, output, weight }: LayerAtWork,
  training: TrainingBatch | null,
  kept: Keeping,
): Float64Array {
  switch (layer.type) {
    case 'conv2d': {
      const y = new Float64Array(numImages * shapeSize(output));
      const kernel = weight('kernel');
      forEachTap(layer, input, output, numImages, ({ xAt, yAt, kAt, inSize, outSize }) => {
        for (let i = 0; i < inSize; i++) {
          for (let o = 0; o < outSize; o++) y[yAt + o] += x[xAt + i] * kernel[kAt + i * outSize + o];
        }
      });
      return layer.useBias ? addBias(y, weight('bias')) : y;
    }
    case 'dense': {
      const y = denseForward(x, weight('kernel'), numImages);
      return layer.useBias ? addBias(y, weight('bias')) : y;
    }
    case 'batchNormalization': {
      const [gamma, beta] = [weight('gamma'), weight('beta')];
      const ofBatch = training === null ? null : channelStatistics(x, gamma.length);
      if (ofBatch !== null) kept.batchStatistics.set(index, ofBatch);
      const { mean, variance } = ofBatch ?? { mean: weight('moving_mean'), variance: weight('moving_variance') };
      return x.map((value, i) => {
        const c = i % gamma.length;
        return (gamma[c] * (value - mean[c])) / Math.sqrt(variance[c] + layer.epsilon) + beta[c];
      });
    }
    case 'relu':
      return x.map((value) => Math.max(value, 0));
    case 'maxPooling2d':
      return Float64Array.from(maxPoolingSources(layer, input, output, numImages, x), (source) => x[source]);
    case 'globalAveragePooling2d':
      return averageForward(x, input, numImages);
    case 'flatten':
      return x;
    case 'dropout': {
      if (training === null) return x;
      const mask = dropoutMask(layer.rate, index, shapeSize(input), training);
      kept.dropoutMasks.set(index, mask);
      return x.map((value, i) => value * mask[i]);
    }
  }
}

/**
 * Takes a layer's derivatives, by the chain rule.
 *
 * @param kept what {@link forwardLayer} added to in training mode
 * @param dy `[n, ...output]` derivative of the loss by what the layer puts out
 * @param give takes over the derivative by each of its trainable weights
 * @returns `[n, ...input]` derivative by what the layer is given
 */
export function backwardLayer(
  layer: Layer,
  { index, numImages, x, input, output, weight }: LayerAtWork,
  kept: Kept,
  dy: Float64Array,
  give: (role: WeightRole, gradient: Float64Array) => void,
): Float64Array {
  switch (layer.type) {
    case 'conv2d': {
      const kernel = weight('kernel');
      const dKernel = new Float64Array(kernel.length);
      const dx = new Float64Array(x.length);
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
      const { dx, dKernel } = denseBackward(x, dy, weight('kernel'), numImages);
      give('kernel', dKernel);
      if (layer.useBias) give('bias', channelSums(dy, layer.units));
      return dx;
    }
    case 'batchNormalization': {
      const statistics = valueOf(kept.batchStatistics, index);
      const { dx, dGamma, dBeta } = batchNormalizationBackward(x, dy, weight('gamma'), statistics, layer.epsilon);
      give('gamma', dGamma);
      give('beta', dBeta);
      return dx;
    }
    case 'relu':
      return dy.map((value, i) => (x[i] > 0 ? value : 0));
    case 'maxPooling2d': {
      const dx = new Float64Array(x.length);
      maxPoolingSources(layer, input, output, numImages, x).forEach((source, i) => (dx[source] += dy[i]));
      return dx;
    }
    case 'globalAveragePooling2d': {
      const [height, width, channels] = input;
      const area = height * width;
      return x.map((_, i) => dy[Math.floor(i / (area * channels)) * channels + (i % channels)] / area);
    }
    case 'flatten':
      return dy;
    case 'dropout': {
      const mask = valueOf(kept.dropoutMasks, index);
      return dy.map((value, i) => value * mask[i]);
    }
  }
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

function valueOf<Value>(values: ReadonlyMap<number, Value>, index: number): Value {
  const value = values.get(index);
  if (value === undefined) throw new Error('backwardPass: pass must be one in training mode');
  return value;
}
