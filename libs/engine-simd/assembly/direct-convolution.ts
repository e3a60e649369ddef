/*
 * Convolution of any size, stride and padding, straight from its definition:
 *
 *   y[oy][ox][k] = bias[k] + sum over ky, kx, c of x[oy * s0 + ky][ox * s1 + kx][c] * w[ky][kx][c][k]
 *
 * In an image stored with its padding, the (kx, c) of one ky are contiguous, so 4 neighbouring pixels by 8 outputs are one
 * tile of `multiplyPanel`. The input's gradient is the same sum over the output's gradient with its
 * pixels set `stride` apart, padded, and the filter turned by 180 degrees.
 */
import { accumulatePanel, multiplyPanel, PANEL } from './matrix-tiles';

/**
 * Convolves one image.
 *
 * @param input `[*, paddedWidth, inChannels]`, padding included
 * @param filter `[outChannels / 8][kernelHeight * kernelWidth * inChannels][8]`
 */
export function directConvolution(
  input: usize,
  paddedWidth: i32,
  inChannels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride0: i32,
  stride1: i32,
  filter: usize,
  bias: usize,
  relu: bool,
  output: usize,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
): void {
  const pixel = (<usize>inChannels) << 2;
  const row = <usize>paddedWidth * pixel;
  const outPixel = (<usize>outChannels) << 2;
  const runLength = kernelWidth * inChannels;
  const panelBytes = (<usize>(kernelHeight * runLength)) << 5;
  for (let y = 0; y < outHeight; y++) {
    for (let panel = 0; panel < outChannels / PANEL; panel++) {
      const column = (<usize>panel) << 5;
      multiplyPanel(
        input + <usize>(y * stride0) * row,
        <usize>stride1 * pixel,
        outWidth,
        kernelHeight,
        row,
        runLength,
        filter + <usize>panel * panelBytes,
        output + <usize>(y * outWidth) * outPixel + column,
        outPixel,
        bias ? bias + column : 0,
        relu,
      );
    }
  }
}

/**
 * Adds one image's part to the filter's gradient: dw[ky][kx][c][k] += sum over oy, ox of x[...] * dy[oy][ox][k].
 *
 * @param filterGradient `[kernelHeight, kernelWidth, inChannels, outChannels]`
 * @param isFirst whether `filterGradient` is overwritten instead
 */
export function directFilterGradient(
  input: usize,
  paddedWidth: i32,
  inChannels: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  stride0: i32,
  stride1: i32,
  gradient: usize,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterGradient: usize,
  isFirst: bool,
): void {
  const pixel = (<usize>inChannels) << 2;
  const row = <usize>paddedWidth * pixel;
  const outPixel = (<usize>outChannels) << 2;
  const runLength = kernelWidth * inChannels;
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let column: usize = 0; column < outPixel; column += PANEL << 2) {
      accumulatePanel(
        input + <usize>ky * row,
        <usize>stride0 * row,
        <usize>stride1 * pixel,
        gradient + column,
        <usize>outWidth * outPixel,
        outPixel,
        outHeight,
        outWidth,
        filterGradient + <usize>(ky * runLength) * outPixel + column,
        outPixel,
        runLength,
        isFirst,
      );
    }
  }
}

/**
 * Copies an image into the middle of zeros, its pixels `stride` apart.
 *
 * @param to `[paddedHeight, paddedWidth, channels]`, overwritten
 */
export function copyPadded(
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  stride0: i32,
  stride1: i32,
  to: usize,
  paddedHeight: i32,
  paddedWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2;
  memory.fill(to, 0, <usize>(paddedHeight * paddedWidth) * pixel);
  for (let y = 0; y < height; y++) {
    let target = to + <usize>((y * stride0 + top) * paddedWidth + left) * pixel;
    if (stride1 == 1) {
      memory.copy(target, image, <usize>width * pixel);
      image += <usize>width * pixel;
      continue;
    }
    for (let x = 0; x < width; x++, image += pixel, target += <usize>stride1 * pixel) memory.copy(target, image, pixel);
  }
}
