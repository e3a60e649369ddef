/*
 * 3x3 convolution with stride 1 by Winograd's F(4x4, 3x3): a tile of 4x4 outputs takes 36 products a channel pair instead of 144.
 *
 *   Y = A' [ (G g G') . (B' d B) ] A       g: 3x3 filter, d: 6x6 patch of the input, Y: 4x4 tile of the output
 *
 * Summed over input channels, "." becomes 36 small matrix products, [tiles, in] x [in, out]. The filter's gradient takes
 * the same road backwards: dg = G' [ sum over tiles of (B' d B) . (A dY A') ] G. The input's gradient is a convolution too.
 * Tiles are taken in blocks, so that what lies between the transforms stays in the caches.
 *
 * See Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015; the points are 0, 1, -1, 2, -2, infinity.
 */
import { accumulate, multiply, PANEL } from './matrix-tiles';
import { copyPatch } from './patches';

const TILE: i32 = 4;
const PATCH: i32 = 6;
const NUM_POINTS: usize = 36;
/** Bytes between two rows of a 6x6 scratch of vectors. */
const SCRATCH_ROW: usize = 6 * 16;

/** B' along one axis: 6 vectors to 6. */
// @ts-ignore: decorator
@inline
function inputTransform(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  const d4 = v128.load(from + 4 * fromStep);
  const d5 = v128.load(from + 5 * fromStep);
  const two = f32x4.splat(2), four = f32x4.splat(4), five = f32x4.splat(5);
  const even = f32x4.sub(d4, f32x4.mul(four, d2));
  const odd = f32x4.sub(d3, f32x4.mul(four, d1));
  const even2 = f32x4.sub(d4, d2);
  const odd2 = f32x4.mul(two, f32x4.sub(d3, d1));
  v128.store(to, f32x4.add(f32x4.sub(f32x4.mul(four, d0), f32x4.mul(five, d2)), d4));
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2));
  v128.store(to + 5 * toStep, f32x4.add(f32x4.sub(f32x4.mul(four, d1), f32x4.mul(five, d3)), d5));
}

/** A' along one axis: 6 vectors to 4; along the last one also the bias. */
// @ts-ignore: decorator
@inline
function outputTransform(from: usize, fromStep: usize, to: usize, toStep: usize, isLast: bool, bias: v128): void {
  const m0 = v128.load(from);
  const m1 = v128.load(from + fromStep);
  const m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep);
  const m4 = v128.load(from + 4 * fromStep);
  const m5 = v128.load(from + 5 * fromStep);
  const two = f32x4.splat(2), four = f32x4.splat(4), eight = f32x4.splat(8);
  const sum = f32x4.add(m1, m2), difference = f32x4.sub(m1, m2);
  const sum2 = f32x4.add(m3, m4), difference2 = f32x4.sub(m3, m4);
  const y0 = f32x4.add(f32x4.add(m0, sum), sum2);
  const y1 = f32x4.add(difference, f32x4.mul(two, difference2));
  const y2 = f32x4.add(sum, f32x4.mul(four, sum2));
  const y3 = f32x4.add(f32x4.add(difference, f32x4.mul(eight, difference2)), m5);
  v128.store(to, isLast ? f32x4.add(y0, bias) : y0);
  v128.store(to + toStep, isLast ? f32x4.add(y1, bias) : y1);
  v128.store(to + 2 * toStep, isLast ? f32x4.add(y2, bias) : y2);
  v128.store(to + 3 * toStep, isLast ? f32x4.add(y3, bias) : y3);
}

/** A along one axis: 4 vectors to 6. */
// @ts-ignore: decorator
@inline
function gradientTransform(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const y0 = v128.load(from);
  const y1 = v128.load(from + fromStep);
  const y2 = v128.load(from + 2 * fromStep);
  const y3 = v128.load(from + 3 * fromStep);
  const two = f32x4.splat(2), four = f32x4.splat(4);
  const even = f32x4.add(y0, y2), odd = f32x4.add(y1, y3);
  const even2 = f32x4.add(y0, f32x4.mul(four, y2));
  const odd2 = f32x4.mul(two, f32x4.add(y1, f32x4.mul(four, y3)));
  v128.store(to, y0);
  v128.store(to + toStep, f32x4.add(even, odd));
  v128.store(to + 2 * toStep, f32x4.sub(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2));
  v128.store(to + 5 * toStep, y3);
}

/** G along one axis: 3 vectors to 6. */
// @ts-ignore: decorator
@inline
function filterTransform(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const g0 = v128.load(from);
  const g1 = v128.load(from + fromStep);
  const g2 = v128.load(from + 2 * fromStep);
  const even = f32x4.mul(f32x4.add(g0, g2), f32x4.splat(<f32>(-1.0 / 6.0)));
  const odd = f32x4.mul(g1, f32x4.splat(<f32>(1.0 / 6.0)));
  const even2 = f32x4.add(f32x4.mul(g0, f32x4.splat(<f32>(1.0 / 24.0))), f32x4.mul(g2, f32x4.splat(<f32>(1.0 / 6.0))));
  const odd2 = f32x4.mul(g1, f32x4.splat(<f32>(1.0 / 12.0)));
  v128.store(to, f32x4.mul(g0, f32x4.splat(0.25)));
  v128.store(to + toStep, f32x4.sub(even, odd));
  v128.store(to + 2 * toStep, f32x4.add(even, odd));
  v128.store(to + 3 * toStep, f32x4.add(even2, odd2));
  v128.store(to + 4 * toStep, f32x4.sub(even2, odd2));
  v128.store(to + 5 * toStep, g2);
}

/** G' along one axis: 6 vectors to 3. */
// @ts-ignore: decorator
@inline
function filterGradientTransform(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const u0 = v128.load(from);
  const u1 = v128.load(from + fromStep);
  const u2 = v128.load(from + 2 * fromStep);
  const u3 = v128.load(from + 3 * fromStep);
  const u4 = v128.load(from + 4 * fromStep);
  const u5 = v128.load(from + 5 * fromStep);
  const sixth = f32x4.splat(<f32>(1.0 / 6.0)), twelfth = f32x4.splat(<f32>(1.0 / 12.0));
  const near = f32x4.mul(f32x4.add(u1, u2), sixth);
  const far = f32x4.mul(f32x4.add(u3, u4), sixth);
  const nearOdd = f32x4.mul(f32x4.sub(u2, u1), sixth);
  const farOdd = f32x4.mul(f32x4.sub(u3, u4), twelfth);
  const quarter = f32x4.splat(0.25);
  v128.store(to, f32x4.add(f32x4.sub(f32x4.mul(u0, quarter), near), f32x4.mul(far, quarter)));
  v128.store(to + toStep, f32x4.add(nearOdd, farOdd));
  v128.store(to + 2 * toStep, f32x4.add(f32x4.sub(far, near), u5));
}

/** Tiles that cover so many pixels. */
// @ts-ignore: decorator
@inline
function tilesAlong(size: i32): i32 {
  return (size + TILE - 1) / TILE;
}

/**
 * Images of a chunk lie one below the other, `period` rows apart. As a rule a period is whole tiles, so that no tile reaches
 * into two images. Where images stand closer (`stacked`: just the zeros between them that the convolution asks for), fewer
 * tiles are left half empty.
 */
// @ts-ignore: decorator
@inline
function periodOf(stacked: i32, outHeight: i32): i32 {
  return stacked ? stacked : tilesAlong(outHeight) * TILE;
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

/** Bytes between two points' matrices in a block; the 64 on top keep the 36 of them out of each other's cache lines. */
// @ts-ignore: decorator
@inline
function pointBytes(blockTiles: i32, channels: i32): usize {
  return (<usize>(blockTiles * channels) << 2) + 64;
}

/**
 * Transforms one panel of 8 outputs of a filter: u[36][numOut / 8][numIn][8].
 *
 * @param tapStep bytes from one tap of the filter to the next, negative to turn it by 180 degrees
 * @param inStep bytes from one input channel to the next; `outStep` likewise
 * @param scale per output channel, or 0: what a folded batch normalisation multiplies
 */
export function transformFilterPanel(
  filter: usize, tapStep: isize, inStep: usize, outStep: usize,
  numIn: i32, numOut: i32, panel: i32, scale: usize,
  u: usize, scratch: usize,
): void {
  const pointStep = <usize>(numIn * numOut) << 2;
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
      for (let x: usize = 0; x < 3; x++) filterTransform(scratch + x * 16, 48, half + x * 16, 48);
      const to = u + (<usize>i << 5) + (<usize>part << 2);
      for (let y: usize = 0; y < <usize>PATCH; y++) filterTransform(half + y * 48, 16, to + y * 6 * pointStep, pointStep);
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

/** B' d B of tiles `start` to `start + numTiles` of a pile of images: v[36][tile][channels]. */
function transformInput(
  input: usize, imageBytes: usize, numImages: i32, height: i32, width: i32, channels: i32, padTop: i32, padLeft: i32,
  period: i32, stacked: bool, tilesX: i32, start: i32, numTiles: i32,
  v: usize, vPoint: usize, scratch: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const patch = scratch + NUM_POINTS * 16;
  const rows = patch + NUM_POINTS * 16;
  for (let t = start; t < start + numTiles; t++, v += pixel) {
    const pileTop = (t / tilesX) * TILE;
    const left = (t % tilesX) * TILE - padLeft;
    const owner = stacked ? -1 : pileTop / period;
    findRows(input, imageBytes, numImages, height, row, period, owner, pileTop - padTop, PATCH, rows);
    const top = <usize>load<u32>(rows);
    const inside = top != 0 && <usize>load<u32>(rows, 20) == top + 5 * row && left >= 0 && left + PATCH <= width;
    const corner = top + <usize>(left * <i32>pixel);
    for (let c: usize = 0; c < pixel; c += 16) {
      if (inside) {
        for (let x: usize = 0; x < <usize>PATCH; x++) inputTransform(corner + x * pixel + c, row, scratch + x * 16, SCRATCH_ROW);
      } else {
        copyPatch(rows, c, width, pixel, left, PATCH, patch);
        for (let x: usize = 0; x < <usize>PATCH; x++) inputTransform(patch + x * 16, SCRATCH_ROW, scratch + x * 16, SCRATCH_ROW);
      }
      for (let y: usize = 0; y < <usize>PATCH; y++) inputTransform(scratch + y * SCRATCH_ROW, 16, v + c + y * 6 * vPoint, vPoint);
    }
  }
}

/** A dY A' of tiles `start` to `start + numTiles` of a pile of images: z[36][tile][channels]. */
function transformGradient(
  gradient: usize, imageBytes: usize, numImages: i32, height: i32, width: i32, channels: i32,
  period: i32, stacked: bool, tilesX: i32, start: i32, numTiles: i32,
  z: usize, zPoint: usize, scratch: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const patch = scratch + NUM_POINTS * 16;
  const rows = patch + NUM_POINTS * 16;
  for (let t = start; t < start + numTiles; t++, z += pixel) {
    const pileTop = (t / tilesX) * TILE;
    const left = (t % tilesX) * TILE;
    const owner = stacked ? -1 : pileTop / period;
    findRows(gradient, imageBytes, numImages, height, row, period, owner, pileTop, TILE, rows);
    const top = <usize>load<u32>(rows);
    const inside = top != 0 && <usize>load<u32>(rows, 12) == top + 3 * row && left + TILE <= width;
    const corner = top + <usize>left * pixel;
    for (let c: usize = 0; c < pixel; c += 16) {
      if (inside) {
        for (let x: usize = 0; x < <usize>TILE; x++) gradientTransform(corner + x * pixel + c, row, scratch + x * 16, 64);
      } else {
        copyPatch(rows, c, width, pixel, left, TILE, patch);
        for (let x: usize = 0; x < <usize>TILE; x++) gradientTransform(patch + x * 16, 64, scratch + x * 16, 64);
      }
      for (let y: usize = 0; y < <usize>PATCH; y++) gradientTransform(scratch + y * 64, 16, z + c + y * 6 * zPoint, zPoint);
    }
  }
}

/** A' M A of tiles `start` to `start + numTiles` of a pile of images, with bias and ReLU, cut to the images. */
function transformOutput(
  m: usize, mPoint: usize,
  output: usize, imageBytes: usize, numImages: i32, height: i32, width: i32, channels: i32,
  period: i32, stacked: bool, tilesX: i32, start: i32, numTiles: i32,
  bias: usize, relu: bool, scratch: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  const tileRow = scratch + 4 * SCRATCH_ROW;
  const rows = scratch + 2 * NUM_POINTS * 16;
  for (let t = start; t < start + numTiles; t++, m += pixel) {
    const pileTop = (t / tilesX) * TILE;
    const left = (t % tilesX) * TILE;
    const numColumns = min(TILE, width - left);
    const owner = stacked ? -1 : pileTop / period;
    findRows(output, imageBytes, numImages, height, row, period, owner, pileTop, TILE, rows);
    for (let c: usize = 0; c < pixel; c += 16) {
      const start = bias ? v128.load(bias + c) : f32x4.splat(0);
      for (let x: usize = 0; x < <usize>PATCH; x++) {
        outputTransform(m + c + x * mPoint, 6 * mPoint, scratch + x * 16, SCRATCH_ROW, false, start);
      }
      for (let y: usize = 0; y < <usize>TILE; y++) {
        const line = <usize>load<u32>(rows + (y << 2));
        if (!line) continue;
        let to = line + <usize>left * pixel + c;
        if (numColumns == TILE && !relu) {
          outputTransform(scratch + y * SCRATCH_ROW, 16, to, pixel, true, start);
          continue;
        }
        outputTransform(scratch + y * SCRATCH_ROW, 16, tileRow, 16, true, start);
        for (let x = 0; x < numColumns; x++, to += pixel) {
          const value = v128.load(tileRow + (<usize>x << 4));
          v128.store(to, relu ? f32x4.pmax(value, f32x4.splat(0)) : value);
        }
      }
    }
  }
}

/**
 * Convolves `numImages` images with a filter that {@link transformFilterPanel} prepared.
 *
 * @param blockTiles tiles between two transforms
 * @param stacked rows from image to image where they are stacked closely, else 0; see {@link periodOf}
 * @param scratch 76 vectors, then v and m: 36 matrices of [blockTiles, inChannels] and of [blockTiles, outChannels]
 */
export function winogradConvolution(
  input: usize, inImage: usize, inHeight: i32, inWidth: i32, inChannels: i32, padTop: i32, padLeft: i32,
  output: usize, outImage: usize, outHeight: i32, outWidth: i32, outChannels: i32,
  u: usize, bias: usize, relu: bool,
  numImages: i32, blockTiles: i32, stacked: i32, scratch: usize,
): void {
  const period = periodOf(stacked, outHeight), tilesX = tilesAlong(outWidth);
  const numTiles = tilesAlong(numImages * period) * tilesX;
  const vPoint = pointBytes(blockTiles, inChannels), mPoint = pointBytes(blockTiles, outChannels);
  const uPoint = <usize>(inChannels * outChannels) << 2;
  const v = scratch + 76 * 16;
  const m = v + NUM_POINTS * vPoint;
  for (let start = 0; start < numTiles; start += blockTiles) {
    const n = min(blockTiles, numTiles - start);
    transformInput(
      input, inImage, numImages, inHeight, inWidth, inChannels, padTop, padLeft,
      period, stacked != 0, tilesX, start, n, v, vPoint, scratch,
    );
    for (let point: usize = 0; point < NUM_POINTS; point++) {
      multiply(
        v + point * vPoint, <usize>inChannels << 2, u + point * uPoint, m + point * mPoint, <usize>outChannels << 2,
        n, outChannels, inChannels, 0, false,
      );
    }
    transformOutput(
      m, mPoint, output, outImage, numImages, outHeight, outWidth, outChannels,
      period, stacked != 0, tilesX, start, n, bias, relu, scratch,
    );
  }
}

/**
 * Adds to the transformed filter's gradient, du[36][inChannels][outChannels], what `numImages` images give.
 *
 * @param scratch 76 vectors, then v and z: 36 matrices of [blockTiles, inChannels] and of [blockTiles, outChannels]
 */
export function winogradFilterGradient(
  input: usize, inImage: usize, inHeight: i32, inWidth: i32, inChannels: i32, padTop: i32, padLeft: i32,
  gradient: usize, outImage: usize, outHeight: i32, outWidth: i32, outChannels: i32,
  du: usize,
  numImages: i32, blockTiles: i32, stacked: i32, scratch: usize,
): void {
  const period = periodOf(stacked, outHeight), tilesX = tilesAlong(outWidth);
  const numTiles = tilesAlong(numImages * period) * tilesX;
  const vPoint = pointBytes(blockTiles, inChannels), zPoint = pointBytes(blockTiles, outChannels);
  const uPoint = <usize>(inChannels * outChannels) << 2;
  const v = scratch + 76 * 16;
  const z = v + NUM_POINTS * vPoint;
  for (let start = 0; start < numTiles; start += blockTiles) {
    const n = min(blockTiles, numTiles - start);
    transformInput(
      input, inImage, numImages, inHeight, inWidth, inChannels, padTop, padLeft,
      period, stacked != 0, tilesX, start, n, v, vPoint, scratch,
    );
    transformGradient(
      gradient, outImage, numImages, outHeight, outWidth, outChannels,
      period, stacked != 0, tilesX, start, n, z, zPoint, scratch,
    );
    for (let point: usize = 0; point < NUM_POINTS; point++) {
      accumulate(
        v + point * vPoint, <usize>inChannels << 2, z + point * zPoint, <usize>outChannels << 2, n,
        du + point * uPoint, inChannels, outChannels,
      );
    }
  }
}

/** G' du G: the filter's gradient, [3, 3, inChannels, outChannels], overwritten. */
export function finishFilterGradient(du: usize, inChannels: i32, outChannels: i32, filter: usize, scratch: usize): void {
  const bytes = <usize>(inChannels * outChannels) << 2;
  for (let c: usize = 0; c < bytes; c += 16) {
    for (let x: usize = 0; x < <usize>PATCH; x++) filterGradientTransform(du + c + x * bytes, 6 * bytes, scratch + x * 16, SCRATCH_ROW);
    for (let y: usize = 0; y < 3; y++) filterGradientTransform(scratch + y * SCRATCH_ROW, 16, filter + c + y * 3 * bytes, bytes);
  }
}
