import * as tf from '@tensorflow/tfjs-core';
import { registerKernel, replaceKernel } from './kernels.ts';

type Size4 = [number, number, number, number];

/** Attributes that TensorFlow.js passes to the gradient kernels of a convolution. */
interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Attributes that TensorFlow.js passes to the gradient kernel of a pooling. */
interface PoolingAttributes extends Omit<ConvolutionAttributes, 'dataFormat'> {
  readonly filterSize: [number, number] | number;
}

let registered = false;

/**
 * Registers kernels of our layers that the `wasm` backend lacks, gets wrong or runs slowly. They use the fast convolutions and
 * products of XNNPACK.
 *
 * - `Conv2DBackpropFilter`, which is missing
 * - `Conv2D` and `FusedConv2D`, which return zeros there if "same" padding and the stride leave pixels over
 * - `Conv2DBackpropInput`, a plain loop there (10 to 20 times slower), for strides of 1
 * - `MaxPoolGrad`, which is wrong there for windows without a positive value
 * - `BatchMatMul` with a transposed operand, a plain loop there, for plain matrices
 */
export function registerWasmKernels(): void {
  if (registered) return;
  registered = true;
  if (!tf.getKernelsForBackend('wasm').some(({ kernelName }) => kernelName === 'Conv2DBackpropFilter')) {
    registerKernel('wasm', 'Conv2DBackpropFilter', ({ inputs, attrs }) => filterGradient(inputs, attrs));
  }
  replaceAttributes('Conv2D', withoutLostPadding);
  replaceAttributes('FusedConv2D', withoutLostPadding);
  replaceKernel('wasm', 'Conv2DBackpropInput', ({ inputs, attrs }) => inputGradient(inputs, attrs));
  replaceKernel('wasm', 'MaxPoolGrad', ({ inputs, attrs }) => poolingGradient(inputs, attrs));
  replaceKernel('wasm', 'BatchMatMul', ({ inputs, attrs }) => transposedProduct(inputs, attrs));
}

/** Runs the backend's own kernel with other attributes. */
function replaceAttributes(
  kernelName: string,
  rewrite: (inputs: tf.NamedTensorInfoMap, attrs: unknown) => Partial<ConvolutionAttributes>,
): void {
  const own = tf.getKernel(kernelName, 'wasm');
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    ...own,
    kernelFunc: (call) => {
      const changes = rewrite(call.inputs, call.attrs) as tf.NamedAttrMap;
      return own.kernelFunc({ ...call, attrs: { ...call.attrs, ...changes } });
    },
  });
}

/**
 * XNNPACK refuses "same" if the last window ends before the image does, and TensorFlow.js returns zeros. It accepts the same
 * padding as explicit numbers.
 */
function withoutLostPadding(inputs: tf.NamedTensorInfoMap, attrs: unknown): Partial<ConvolutionAttributes> {
  const attributes = attrs as ConvolutionAttributes & { readonly dilations: [number, number] | number };
  if (attributes.pad !== 'same') return {};
  const x = inputs.x as tf.Tensor4D;
  const filter = inputs.filter as tf.Tensor4D;
  const info = convolutionInfo(x.shape, filter.shape, attributes, attributes.dilations);
  const usedHeight = (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight;
  const usedWidth = (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth;
  return usedHeight < info.inHeight || usedWidth < info.inWidth ? { pad: explicitPadding(info.padInfo) } : {};
}

/**
 * The filter's gradient is itself a convolution: of the images, with channels as batch and batch as channels, by dy as
 * a kernel as large as the output, dilated by the stride.
 *
 * @param inputs `x` `[n, h, w, in]`, `dy` `[n, oh, ow, out]`
 * @returns `[kh, kw, in, out]`
 */
function filterGradient(inputs: tf.NamedTensorInfoMap, attrs: unknown): tf.Tensor {
  const attributes = attrs as ConvolutionAttributes & { readonly filterShape: Size4 };
  const x = inputs.x as tf.Tensor4D;
  const dy = inputs.dy as tf.Tensor4D;
  const info = convolutionInfo(x.shape, attributes.filterShape, attributes);
  return tf.tidy(() => {
    const images: tf.Tensor4D = tf.transpose(x, [3, 1, 2, 0]);
    const kernel: tf.Tensor4D = tf.transpose(dy, [1, 2, 0, 3]);
    const dilations: [number, number] = [info.strideHeight, info.strideWidth];
    // [in, at least kh, at least kw, out]: strides that leave pixels over give more rows than the filter has
    const product = tf.conv2d(images, kernel, 1, explicitPadding(info.padInfo), 'NHWC', dilations);
    const gradient = tf.slice(product, [0, 0, 0, 0], [-1, info.filterHeight, info.filterWidth, -1]);
    return tf.transpose(gradient, [1, 2, 0, 3]);
  });
}

/**
 * The input's gradient for strides of 1: dy convolved with the filter turned by 180 degrees, in and out exchanged.
 *
 * @param inputs `dy` `[n, oh, ow, out]`, `filter` `[kh, kw, in, out]`
 * @returns `[n, h, w, in]`, or null if the backend's own kernel must run
 */
function inputGradient(inputs: tf.NamedTensorInfoMap, attrs: unknown): tf.Tensor | null {
  const attributes = attrs as ConvolutionAttributes & { readonly inputShape: Size4 };
  const dy = inputs.dy as tf.Tensor4D;
  const filter = inputs.filter as tf.Tensor4D;
  const info = convolutionInfo(attributes.inputShape, filter.shape, attributes);
  const { top, bottom, left, right } = info.padInfo;
  const padding: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [info.filterHeight - 1 - top, info.filterHeight - 1 - bottom],
    [info.filterWidth - 1 - left, info.filterWidth - 1 - right],
    [0, 0],
  ];
  if (info.strideHeight !== 1 || info.strideWidth !== 1 || padding.flat().some((size) => size < 0)) return null;
  return tf.tidy(() => {
    const turned: tf.Tensor4D = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    return tf.conv2d(dy, turned, 1, padding);
  });
}

/** Multiplies two matrices of which one or both are transposed; null if the backend's own kernel must run. */
function transposedProduct(inputs: tf.NamedTensorInfoMap, attrs: unknown): tf.Tensor | null {
  const { transposeA, transposeB } = attrs as { readonly transposeA: boolean; readonly transposeB: boolean };
  const a = inputs.a as tf.Tensor;
  const b = inputs.b as tf.Tensor;
  if (!(transposeA || transposeB) || a.shape.length !== 2 || b.shape.length !== 2) return null;
  return tf.tidy(() => tf.matMul(transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b));
}

/**
 * Passes the gradient of each window to its first largest value, as the other backends do.
 *
 * @param inputs `input` `[n, h, w, c]`, `dy` `[n, oh, ow, c]`
 * @returns `[n, h, w, c]`
 */
function poolingGradient(inputs: tf.NamedTensorInfoMap, attrs: unknown): tf.Tensor {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as PoolingAttributes;
  const input = inputs.input as tf.Tensor4D;
  const info = tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad, dimRoundingMode);
  const x = input.dataSync<'float32'>();
  const dy = (inputs.dy as tf.Tensor4D).dataSync<'float32'>();
  return tf.tensor4d(spreadToMaxima(x, dy, info), input.shape);
}

function spreadToMaxima(x: Float32Array, dy: Float32Array, info: tf.backend_util.Conv2DInfo): Float32Array {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, padInfo } = info;
  const dx = new Float32Array(x.length);
  let from = 0;
  for (let n = 0; n < batchSize; n++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * info.strideHeight - padInfo.top;
      const firstRow = Math.max(0, top);
      const endRow = Math.min(inHeight, top + info.filterHeight);
      for (let column = 0; column < outWidth; column++) {
        const left = column * info.strideWidth - padInfo.left;
        const firstColumn = Math.max(0, left);
        const endColumn = Math.min(inWidth, left + info.filterWidth);
        for (let channel = 0; channel < inChannels; channel++) {
          let place = -1;
          let largest = -Infinity;
          for (let y = firstRow; y < endRow; y++) {
            let at = ((n * inHeight + y) * inWidth + firstColumn) * inChannels + channel;
            for (let i = firstColumn; i < endColumn; i++, at += inChannels) {
              if (x[at] > largest) {
                largest = x[at];
                place = at;
              }
            }
          }
          if (place >= 0) dx[place] += dy[from];
          from++;
        }
      }
    }
  }
  return dx;
}

function convolutionInfo(
  inputShape: Size4,
  filterShape: Size4,
  { strides, pad, dimRoundingMode }: ConvolutionAttributes,
  dilations: [number, number] | number = 1,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, dilations, pad, dimRoundingMode);
}

function explicitPadding(padding: tf.backend_util.Conv2DInfo['padInfo']): tf.backend_util.ExplicitPadding {
  const { top, bottom, left, right } = padding;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
