/*
 * 3x3 convolution with stride 1 by Winograd's method, F(4x4, 3x3) or F(6x6, 3x3): a tile of 4x4 outputs takes 36 products a
 * channel pair instead of 144, one of 6x6 takes 64 instead of 324. With t = 4 or 6:
 *
 *   Y = A' [ (G g G') . (B' d B) ] A       g: 3x3 filter, d: (t + 2)^2 patch of the input, Y: t x t tile of the output
 *
 * Summed over input channels, "." becomes a small matrix product a point, [tiles, in] x [in, out]. The gradients take the same
 * road backwards: dg = G' [ sum over tiles of (B' d B) . (A dY A') ] G and, patch by patch, dd = B [ (G g G') . (A dY A') ] B'.
 * Tiles are taken in blocks, so that what lies between the transforms stays in the caches.
 *
 * See Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015.
 */
import { accumulate, multiply, PANEL } from './matrix-tiles';
import { copyPatch } from './patches';
import {
  filterGradientTransform, filterTransform, gradientTransform, inputTransform, outputTransform, patchGradientTransform,
} from './winograd-transforms';

/** Bytes between two rows of a scratch of vectors, and of a whole one: 8x8, what the larger tile takes. */
const SCRATCH_ROW: usize = 8 * 16;
const SCRATCH: usize = 8 * SCRATCH_ROW;
/** Scratch before the blocks' matrices: two squares of vectors, a row of addresses. */
const VECTORS: usize = 2 * SCRATCH + 64;

/** Tiles that cover so many pixels. */
// @ts-ignore: decorator
@inline
function tilesAlong(size: i32, tile: i32): i32 {
  return (size + tile - 1) / tile;
}

/**
 * Images of a chunk lie one below the other, `period` rows apart. As a rule a period is whole tiles, so that no tile reaches
 * into two images. Where images stand closer (`stacked`: just the zeros between them that the convolution asks for), fewer
 * tiles are left half empty.
 */
// @ts-ignore: decorator
@inline
function periodOf(stacked: i32, outHeight: i32, tile: i32): i32 {
  return stacked ? stacked : tilesAlong(outHeight, tile) * tile;
}

/**
 * Finds the rows `first` to `first + count` of a pile of images: their addresses, or 0 for a row of zeros.
 *
 * @param owner the only image that counts, or -1 for all
 */
// @ts-ignore: decorator
@inline
function findRows(
  images: usize, imageBytes: usize, numImages: i32, height: i32, rowBytes: usize, period: i32, owner: i32,
  first: i32, count: i32, rows: usize,
): void {
  for (let y = first; y < first + count; y++, rows += 4) {
    const image = owner >= 0 ? owner : y < 0 ? -1 : y / period;
    const line = y - image * period;
    const exists = <u32>image < <u32>numImages && <u32>line < <u32>height;
    store<u32>(rows, exists ? <u32>(images + <usize>image * imageBytes + <usize>line * rowBytes) : 0);
  }
}

/** Bytes between two points' matrices; the 64 on top keep the same place in all of them out of one set of cache lines. */
// @ts-ignore: decorator
@inline
export function pointBytes(rows: i32, columns: i32): usize {
  return (<usize>(rows * columns) << 2) + 64;
}

/**
 * Transforms one panel of 8 outputs of a filter: u[points][numOut / 8][numIn][8].
 *
 * @param tapStep bytes from one tap of the filter to the next, negative to turn it by 180 degrees
 * @param inStep bytes from one input channel to the next; `outStep` likewise
 * @param scale per output channel, or 0: what a folded batch normalisation multiplies
 */
export function transformFilterPanel(
  tile: i32, filter: usize, tapStep: isize, inStep: usize, outStep: usize,
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
        let g = loadLanes(corner + <usize>(<isize>tap * tapStep), outStep);
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

/** B' d B of tiles `start` to `start + numTiles` of a pile of images: v[points][tile][channels]. */
// @ts-ignore: decorator
@inline
function transformInput(
  tile: i32, input: usize, imageBytes: usize, numImages: i32, height: i32, width: i32, channels: i32, padTop: i32, padLeft: i32,
  period: i32, stacked: bool, tilesX: i32, start: i32, numTiles: i32,
  v: usize, vPoint: usize, scratch: usize,
): void {
  const size = tile + 2;
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const patch = scratch + SCRATCH;
  const rows = patch + SCRATCH;
  for (let t = start; t < start + numTiles; t++, v += pixel) {
    const pileTop = (t / tilesX) * tile;
    const left = (t % tilesX) * tile - padLeft;
    const owner = stacked ? -1 : pileTop / period;
    findRows(input, imageBytes, numImages, height, row, period, owner, pileTop - padTop, size, rows);
    const inside = isWhole(rows, size, row, left, width);
    if (!inside) memory.fill(patch, 0, SCRATCH);
    const corner = inside ? <usize>load<u32>(rows) + <usize>left * pixel : patch;
    const cornerPixel = inside ? pixel : 16;
    const cornerRow = inside ? row : SCRATCH_ROW;
    for (let c: usize = 0; c < pixel; c += 16) {
      if (!inside) copyPatch(rows, c, width, pixel, left, size, patch, SCRATCH_ROW);
      const from = inside ? corner + c : patch;
      for (let x: usize = 0; x < <usize>size; x++) {
        inputTransform(tile, from + x * cornerPixel, cornerRow, scratch + x * 16, SCRATCH_ROW);
      }
      for (let y: usize = 0; y < <usize>size; y++) {
        inputTransform(tile, scratch + y * SCRATCH_ROW, 16, v + c + y * <usize>size * vPoint, vPoint);
      }
    }
  }
}

/** Whether a square of pixels lies in one image, its rows one behind the other. */
// @ts-ignore: decorator
@inline
function isWhole(rows: usize, size: i32, rowBytes: usize, left: i32, width: i32): bool {
  const top = <usize>load<u32>(rows), bottom = <usize>load<u32>(rows + (<usize>(size - 1) << 2));
  return top != 0 && bottom == top + <usize>(size - 1) * rowBytes && left >= 0 && left + size <= width;
}

/** A dY A' of tiles `start` to `start + numTiles` of a pile of images: z[points][tile][channels]. */
// @ts-ignore: decorator
@inline
function transformGradient(
  tile: i32, gradient: usize, imageBytes: usize, numImages: i32, height: i32, width: i32, channels: i32,
  period: i32, stacked: bool, tilesX: i32, start: i32, numTiles: i32,
  z: usize, zPoint: usize, scratch: usize,
): void {
  const size = <usize>tile + 2;
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const patch = scratch + SCRATCH;
  const rows = patch + SCRATCH;
  for (let t = start; t < start + numTiles; t++, z += pixel) {
    const pileTop = (t / tilesX) * tile;
    const left = (t % tilesX) * tile;
    const owner = stacked ? -1 : pileTop / period;
    findRows(gradient, imageBytes, numImages, height, row, period, owner, pileTop, tile, rows);
    const inside = isWhole(rows, tile, row, left, width);
    if (!inside) memory.fill(patch, 0, SCRATCH);
    const corner = inside ? <usize>load<u32>(rows) + <usize>left * pixel : patch;
    const cornerPixel = inside ? pixel : 16;
    const cornerRow = inside ? row : SCRATCH_ROW;
    for (let c: usize = 0; c < pixel; c += 16) {
      if (!inside) copyPatch(rows, c, width, pixel, left, tile, patch, SCRATCH_ROW);
      const from = inside ? corner + c : patch;
      for (let x: usize = 0; x < <usize>tile; x++) {
        gradientTransform(tile, from + x * cornerPixel, cornerRow, scratch + x * 16, SCRATCH_ROW);
      }
      for (let y: usize = 0; y < size; y++) {
        gradientTransform(tile, scratch + y * SCRATCH_ROW, 16, z + c + y * size * zPoint, zPoint);
      }
    }
  }
}

/** A' M A of tiles `start` to `start + numTiles` of a pile of images, with bias and ReLU, cut to the images. */
// @ts-ignore: decorator
@inline
function transformOutput(
  tile: i32, m: usize, mPoint: usize,
  output: usize, imageBytes: usize, numImages: i32, height: i32, width: i32, channels: i32,
  period: i32, stacked: bool, tilesX: i32, start: i32, numTiles: i32,
  bias: usize, relu: bool, scratch: usize,
): void {
  const size = <usize>tile + 2;
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const tileRow = scratch + SCRATCH;
  const rows = tileRow + SCRATCH;
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  for (let t = start; t < start + numTiles; t++, m += pixel) {
    const pileTop = (t / tilesX) * tile;
    const left = (t % tilesX) * tile;
    const numColumns = min(tile, width - left);
    const owner = stacked ? -1 : pileTop / period;
    findRows(output, imageBytes, numImages, height, row, period, owner, pileTop, tile, rows);
    for (let c: usize = 0; c < pixel; c += 16) {
      const constant = bias ? v128.load(bias + c) : f32x4.splat(0);
      for (let x: usize = 0; x < size; x++) {
        outputTransform(tile, m + c + x * mPoint, size * mPoint, scratch + x * 16, SCRATCH_ROW, false, constant, floor);
      }
      for (let y: usize = 0; y < <usize>tile; y++) {
        const line = <usize>load<u32>(rows + (y << 2));
        if (!line) continue;
        let to = line + <usize>left * pixel + c;
        if (numColumns == tile) {
          outputTransform(tile, scratch + y * SCRATCH_ROW, 16, to, pixel, true, constant, floor);
          continue;
        }
        outputTransform(tile, scratch + y * SCRATCH_ROW, 16, tileRow, 16, true, constant, floor);
        for (let x: usize = 0; x < <usize>numColumns; x++, to += pixel) v128.store(to, v128.load(tileRow + (x << 4)));
      }
    }
  }
}

/** Adds B P B' of tiles `start` to `start + numTiles` of a pile of images to the images that the patches p were taken from. */
// @ts-ignore: decorator
@inline
function addPatches(
  tile: i32, p: usize, pPoint: usize,
  input: usize, imageBytes: usize, numImages: i32, height: i32, width: i32, channels: i32, padTop: i32, padLeft: i32,
  period: i32, stacked: bool, tilesX: i32, start: i32, numTiles: i32, scratch: usize,
): void {
  const size = tile + 2;
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const patchRow = scratch + SCRATCH;
  const rows = patchRow + SCRATCH;
  for (let t = start; t < start + numTiles; t++, p += pixel) {
    const pileTop = (t / tilesX) * tile;
    const left = (t % tilesX) * tile - padLeft;
    const owner = stacked ? -1 : pileTop / period;
    findRows(input, imageBytes, numImages, height, row, period, owner, pileTop - padTop, size, rows);
    const first = <usize>max(-left, 0), end = <usize>min(size, width - left);
    for (let c: usize = 0; c < pixel; c += 16) {
      for (let x: usize = 0; x < <usize>size; x++) {
        patchGradientTransform(tile, p + c + x * pPoint, <usize>size * pPoint, scratch + x * 16, SCRATCH_ROW);
      }
      for (let y: usize = 0; y < <usize>size; y++) {
        const line = <usize>load<u32>(rows + (y << 2));
        if (!line) continue;
        patchGradientTransform(tile, scratch + y * SCRATCH_ROW, 16, patchRow, 16);
        let to = line + (<usize>left + first) * pixel + c;
        for (let x = first; x < end; x++, to += pixel) {
          v128.store(to, f32x4.add(v128.load(to), v128.load(patchRow + (x << 4))));
        }
      }
    }
  }
}

/**
 * Convolves `numImages` images with a filter that {@link transformFilterPanel} prepared.
 *
 * @param tile 4 or 6
 * @param blockTiles tiles between two transforms
 * @param stacked rows from image to image where they are stacked closely, else 0; see {@link periodOf}
 * @param scratch {@link VECTORS}, then v and m: a matrix of [blockTiles, inChannels] and of [blockTiles, outChannels] a point
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
 * Adds to the transformed filter's gradient, du[points][inChannels][outChannels], what `numImages` images give, and works out
 * the gradient of their input, whose patches take the convolution's road backwards: dx = sum over tiles of B [(G g G') . (A dY A')] B'.
 *
 * @param tile 4 or 6
 * @param isFirst whether du is overwritten instead
 * @param dx laid out as the input, overwritten; 0 where nothing before the layer is trained
 * @param u the filter, {@link transformFilterPanel} with in and out exchanged
 * @param scratch {@link VECTORS}, then v and z: a matrix of [blockTiles, inChannels] and of [blockTiles, outChannels] a point
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
      // v's matrix of this point is done with: the patches' gradient takes its place.
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
