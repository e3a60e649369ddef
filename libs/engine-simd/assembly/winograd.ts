/*
 * 3x3 convolution with stride 1 by Winograd's method, F(4x4, 3x3) or F(6x6, 3x3): a tile of 4x4 outputs needs 36 products per
 * pair of channels instead of 144, one of 6x6 needs 64 instead of 324. With t = 4 or 6:
 *
 *   Y = A' [ (G g G') . (B' d B) ] A       g: 3x3 filter, d: (t + 2)^2 patch of the input, Y: t x t tile of the output
 *
 * Summed over input channels, "." becomes a small matrix product per point, [tiles, in] x [in, out]. The gradients use the
 * same transforms: dg = G' [ sum over tiles of (B' d B) . (A dY A') ] G and, patch by patch, dd = B [ (G g G') . (A dY A') ] B'.
 * Tiles are processed in blocks, so the data between the transforms stays in the caches.
 *
 * See Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015.
 */
import { accumulate, multiply, PANEL } from './matrix-tiles';
import {
  addPatches, periodOf, pointBytes, SCRATCH_ROW, tilesAlong, transformGradient, transformInput, transformOutput, VECTORS,
} from './winograd-tiles';
import { filterGradientTransform, filterTransform } from './winograd-transforms';

/**
 * Transforms one panel of 8 outputs of a filter: u[points][numOut / 8][numIn][8].
 *
 * @param tapStep bytes from one tap of the filter to the next
 * @param inStep bytes from one input channel to the next; `outStep` likewise
 * @param scale factor per output channel, from a folded batch normalisation; or 0
 */
export function transformFilterPanel(
  tile: i32, filter: usize, tapStep: usize, inStep: usize, outStep: usize,
  numIn: i32, numOut: i32, panel: i32, scale: usize,
  u: usize, scratch: usize,
): void {
  const patch = <usize>tile + 2;
  const pointStep = pointBytes(numIn, numOut);
  const half = scratch + 9 * 16;
  u += <usize>(panel * numIn) << 5;
  for (let i = 0; i < numIn; i++) {
    for (let part = 0; part < PANEL; part += 4) {
      const out = <usize>(panel * PANEL + part);
      const corner = filter + <usize>i * inStep + out * outStep;
      for (let tap = 0; tap < 9; tap++) {
        let g = loadLanes(corner + <usize>tap * tapStep, outStep);
        if (scale) g = f32x4.mul(g, v128.load(scale + (out << 2)));
        v128.store(scratch + (<usize>tap << 4), g);
      }
      for (let x: usize = 0; x < 3; x++) filterTransform(tile, scratch + x * 16, 48, half + x * 16, 48);
      const to = u + (<usize>i << 5) + (<usize>part << 2);
      for (let y: usize = 0; y < patch; y++) {
        filterTransform(tile, half + y * 48, 16, to + y * patch * pointStep, pointStep);
      }
    }
  }
}

/** Four floats, `step` bytes apart. */
// @ts-ignore: decorator
@inline
function loadLanes(from: usize, step: usize): v128 {
  if (step == 4) return v128.load(from);
  let lanes = v128.load32_zero(from);
  lanes = v128.load32_lane(from + step, lanes, 1);
  lanes = v128.load32_lane(from + 2 * step, lanes, 2);
  return v128.load32_lane(from + 3 * step, lanes, 3);
}

/**
 * Convolves `numImages` images with a filter that {@link transformFilterPanel} prepared.
 *
 * @param tile 4 or 6
 * @param blockTiles tiles between two transforms
 * @param stacked rows from image to image if they are stacked closely, else 0; see {@link periodOf}
 * @param scratch {@link VECTORS}, then v and m: a matrix of [blockTiles, inChannels] and of [blockTiles, outChannels] per point
 */
export function winogradConvolution(
  tile: i32,
  input: usize, inImage: usize, inHeight: i32, inWidth: i32, inChannels: i32, padTop: i32, padLeft: i32,
  output: usize, outImage: usize, outHeight: i32, outWidth: i32, outChannels: i32,
  u: usize, bias: usize, relu: bool,
  numImages: i32, blockTiles: i32, stacked: i32, scratch: usize,
): void {
  if (tile == 6) {
    convolve(
      6, input, inImage, inHeight, inWidth, inChannels, padTop, padLeft, output, outImage, outHeight, outWidth, outChannels,
      u, bias, relu, numImages, blockTiles, stacked, scratch,
    );
  } else {
    convolve(
      4, input, inImage, inHeight, inWidth, inChannels, padTop, padLeft, output, outImage, outHeight, outWidth, outChannels,
      u, bias, relu, numImages, blockTiles, stacked, scratch,
    );
  }
}

/** {@link winogradConvolution}, compiled once for each tile. */
// @ts-ignore: decorator
@inline
function convolve(
  tile: i32,
  input: usize, inImage: usize, inHeight: i32, inWidth: i32, inChannels: i32, padTop: i32, padLeft: i32,
  output: usize, outImage: usize, outHeight: i32, outWidth: i32, outChannels: i32,
  u: usize, bias: usize, relu: bool,
  numImages: i32, blockTiles: i32, stacked: i32, scratch: usize,
): void {
  const numPoints = <usize>((tile + 2) * (tile + 2));
  const period = periodOf(stacked, outHeight, tile), tilesX = tilesAlong(outWidth, tile);
  const numTiles = tilesAlong(numImages * period, tile) * tilesX;
  const vPoint = pointBytes(blockTiles, inChannels), mPoint = pointBytes(blockTiles, outChannels);
  const uPoint = pointBytes(inChannels, outChannels);
  const v = scratch + VECTORS;
  const m = v + numPoints * vPoint;
  for (let start = 0; start < numTiles; start += blockTiles) {
    const n = min(blockTiles, numTiles - start);
    transformInput(
      tile, input, inImage, numImages, inHeight, inWidth, inChannels, padTop, padLeft,
      period, stacked != 0, tilesX, start, n, v, vPoint, scratch,
    );
    for (let point: usize = 0; point < numPoints; point++) {
      multiply(
        v + point * vPoint, <usize>inChannels << 2, u + point * uPoint, m + point * mPoint, <usize>outChannels << 2,
        n, outChannels, inChannels, 0, false,
      );
    }
    transformOutput(
      tile, m, mPoint, output, outImage, numImages, outHeight, outWidth, outChannels,
      period, stacked != 0, tilesX, start, n, bias, relu, scratch,
    );
  }
}

/**
 * Adds the part of `numImages` images to the gradient of the transformed filter, du[points][inChannels][outChannels], and
 * computes the gradient of their input: dx = sum over tiles of B [(G g G') . (A dY A')] B'.
 *
 * @param tile 4 or 6
 * @param isFirst whether `du` is overwritten instead
 * @param dx has the layout of the input, overwritten; 0 if nothing before the layer is trained
 * @param u the filter, {@link transformFilterPanel} with in and out exchanged
 * @param scratch {@link VECTORS}, then v and z: a matrix of [blockTiles, inChannels] and of [blockTiles, outChannels] per point
 */
export function winogradGradients(
  tile: i32,
  input: usize, inImage: usize, inHeight: i32, inWidth: i32, inChannels: i32, padTop: i32, padLeft: i32,
  gradient: usize, outImage: usize, outHeight: i32, outWidth: i32, outChannels: i32,
  du: usize, isFirst: bool, dx: usize, dxImage: usize, u: usize,
  numImages: i32, blockTiles: i32, stacked: i32, scratch: usize,
): void {
  if (dx) memory.fill(dx, 0, <usize>numImages * dxImage);
  if (tile == 6) {
    addGradients(
      6, input, inImage, inHeight, inWidth, inChannels, padTop, padLeft,
      gradient, outImage, outHeight, outWidth, outChannels, du, isFirst, dx, dxImage, u, numImages, blockTiles, stacked, scratch,
    );
  } else {
    addGradients(
      4, input, inImage, inHeight, inWidth, inChannels, padTop, padLeft,
      gradient, outImage, outHeight, outWidth, outChannels, du, isFirst, dx, dxImage, u, numImages, blockTiles, stacked, scratch,
    );
  }
}

/** {@link winogradGradients}, compiled once for each tile. */
// @ts-ignore: decorator
@inline
function addGradients(
  tile: i32,
  input: usize, inImage: usize, inHeight: i32, inWidth: i32, inChannels: i32, padTop: i32, padLeft: i32,
  gradient: usize, outImage: usize, outHeight: i32, outWidth: i32, outChannels: i32,
  du: usize, isFirst: bool, dx: usize, dxImage: usize, u: usize,
  numImages: i32, blockTiles: i32, stacked: i32, scratch: usize,
): void {
  const numPoints = <usize>((tile + 2) * (tile + 2));
  const period = periodOf(stacked, outHeight, tile), tilesX = tilesAlong(outWidth, tile);
  const numTiles = tilesAlong(numImages * period, tile) * tilesX;
  const vPoint = pointBytes(blockTiles, inChannels), zPoint = pointBytes(blockTiles, outChannels);
  const uPoint = pointBytes(inChannels, outChannels);
  const v = scratch + VECTORS;
  const z = v + numPoints * vPoint;
  for (let start = 0; start < numTiles; start += blockTiles) {
    const n = min(blockTiles, numTiles - start);
    transformInput(
      tile, input, inImage, numImages, inHeight, inWidth, inChannels, padTop, padLeft,
      period, stacked != 0, tilesX, start, n, v, vPoint, scratch,
    );
    transformGradient(
      tile, gradient, outImage, numImages, outHeight, outWidth, outChannels,
      period, stacked != 0, tilesX, start, n, z, zPoint, scratch,
    );
    for (let point: usize = 0; point < numPoints; point++) {
      accumulate(
        v + point * vPoint, <usize>inChannels << 2, z + point * zPoint, <usize>outChannels << 2, n,
        du + point * uPoint, inChannels, outChannels, isFirst && start == 0,
      );
      // The matrix v of this point is not needed any more, so the gradient of the patches overwrites it.
      if (dx) {
        multiply(
          z + point * zPoint, <usize>outChannels << 2, u + point * uPoint, v + point * vPoint, <usize>inChannels << 2,
          n, inChannels, outChannels, 0, false,
        );
      }
    }
    if (dx) {
      addPatches(
        tile, v, vPoint, dx, dxImage, numImages, inHeight, inWidth, inChannels, padTop, padLeft,
        period, stacked != 0, tilesX, start, n, scratch,
      );
    }
  }
}

/** G' du G: the filter's gradient, [3, 3, inChannels, outChannels], overwritten. */
export function finishFilterGradient(
  tile: i32, du: usize, inChannels: i32, outChannels: i32, filter: usize, scratch: usize,
): void {
  const size = <usize>tile + 2;
  const bytes = <usize>(inChannels * outChannels) << 2;
  const duPoint = pointBytes(inChannels, outChannels);
  for (let c: usize = 0; c < bytes; c += 16) {
    for (let x: usize = 0; x < size; x++) {
      filterGradientTransform(tile, du + c + x * duPoint, size * duPoint, scratch + x * 16, SCRATCH_ROW);
    }
    for (let y: usize = 0; y < 3; y++) {
      filterGradientTransform(tile, scratch + y * SCRATCH_ROW, 16, filter + c + y * 3 * bytes, bytes);
    }
  }
}
