/*
 * Cuts images into tiles, and applies the transforms of Winograd's method to them. `winograd.ts` has the whole method,
 * `winograd-transforms.ts` the transforms along one axis.
 */
import { gradientTransform, inputTransform, outputTransform, patchGradientTransform } from './winograd-transforms';

/** Bytes of one row of a scratch square of vectors, and of the whole square: 8x8, for the larger tile. */
export const SCRATCH_ROW: usize = 8 * 16;
const SCRATCH: usize = 8 * SCRATCH_ROW;
/** Scratch before the blocks' matrices: two squares of vectors, a row of addresses. */
export const VECTORS: usize = 2 * SCRATCH + 64;

/** Number of tiles that cover `size` pixels. */
// @ts-ignore: decorator
@inline
export function tilesAlong(size: i32, tile: i32): i32 {
  return (size + tile - 1) / tile;
}

/**
 * Returns the number of rows from image to image; the images of a chunk are stacked vertically. Without `stacked` it is a
 * multiple of the tile, so no tile contains parts of two images. With `stacked` there are only the zeros between images that
 * the convolution needs, and fewer tiles are half empty.
 */
// @ts-ignore: decorator
@inline
export function periodOf(stacked: i32, outHeight: i32, tile: i32): i32 {
  return stacked ? stacked : tilesAlong(outHeight, tile) * tile;
}

/**
 * Finds the rows `first` to `first + count` of a stack of images: their addresses, or 0 for a row of zeros.
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

/** Bytes from the matrix of one point to that of the next. The extra 64 keep equal places of all matrices out of one cache set. */
// @ts-ignore: decorator
@inline
export function pointBytes(rows: i32, columns: i32): usize {
  return (<usize>(rows * columns) << 2) + 64;
}

/** B' d B of tiles `start` to `start + numTiles` of a stack of images: v[points][tile][channels]. */
// @ts-ignore: decorator
@inline
export function transformInput(
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

/** Whether a square of pixels is in one image, with its rows in order. */
// @ts-ignore: decorator
@inline
function isWhole(rows: usize, size: i32, rowBytes: usize, left: i32, width: i32): bool {
  const top = <usize>load<u32>(rows), bottom = <usize>load<u32>(rows + (<usize>(size - 1) << 2));
  return top != 0 && bottom == top + <usize>(size - 1) * rowBytes && left >= 0 && left + size <= width;
}

/** A dY A' of tiles `start` to `start + numTiles` of a stack of images: z[points][tile][channels]. */
// @ts-ignore: decorator
@inline
export function transformGradient(
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

/** A' M A of tiles `start` to `start + numTiles` of a stack of images, with bias and ReLU, cut to the images. */
// @ts-ignore: decorator
@inline
export function transformOutput(
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

/** Adds B P B' of tiles `start` to `start + numTiles` of a stack of images to the images that the patches p were taken from. */
// @ts-ignore: decorator
@inline
export function addPatches(
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
 * Copies 4 channels of the part of a square patch that is inside an image to `to`, in rows of vectors `toRow` bytes apart. The rest
 * of `to` stays.
 *
 * @param rows addresses of the patch's rows, 0 for a row outside
 * @param channel bytes from the beginning of a pixel to the first of the channels
 */
function copyPatch(
  rows: usize, channel: usize, width: i32, pixel: usize, left: i32, size: i32, to: usize, toRow: usize,
): void {
  const first = <usize>max(-left, 0);
  const end = <usize>min(size, width - left) << 4;
  for (const endRow = rows + (<usize>size << 2); rows < endRow; rows += 4, to += toRow) {
    const row = <usize>load<u32>(rows);
    if (!row) continue;
    let from = row + (<usize>left + first) * pixel + channel;
    for (let x = first << 4; x < end; x += 16, from += pixel) v128.store(to + x, v128.load(from));
  }
}
