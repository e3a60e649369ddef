/*
 * Distortions of training images, in the integer arithmetic of `augment` in libs/data, which gives the same bytes.
 *
 * A plane is one channel of an image with a black margin, so no access needs a bounds check: MARGIN rows above and below, 16
 * bytes before each row and at least as many behind.
 */
import { portableCos, portableSin } from './portable-math';
import { drawBlock, symmetric, uniform, word0, word1, word2, word3 } from './random';

const MARGIN: i32 = 4;
const MARGIN_BYTES: usize = 16;
const RADIANS_PER_DEGREE: f64 = 0.017453292519943295;

/* As in `DISTORTIONS` of libs/data. */
const PURPOSE_AFFINE: u32 = 5;
const PURPOSE_ELASTIC: u32 = 6;
const PURPOSE_STROKE_WIDTH: u32 = 7;
const PURPOSE_ERASING: u32 = 8;

/*
 * The block that `placeAugmentation` of `src/program/input.ts` writes. First the addresses of the elastic grid's tables, as
 * words. Then float64 values in the order of `DISTORTIONS`: for each distortion whether it is applied (1 or 0), then its
 * settings (0 if it is not applied).
 */
const COLUMN_POINTS: usize = 0;
const COLUMN_WEIGHTS: usize = 4;
const ROW_POINTS: usize = 8;
const ROW_WEIGHTS: usize = 12;
const HAS_AFFINE: usize = 16;
const ROTATION: usize = 24;
const SCALE: usize = 32;
const SHEAR: usize = 40;
const TRANSLATION: usize = 48;
const HAS_ELASTIC: usize = 56;
const DISPLACEMENT: usize = 64;
const GRID_SIZE: usize = 72;
const HAS_STROKE_WIDTH: usize = 80;
const RADIUS: usize = 88;
const HAS_ERASING: usize = 96;
const PROBABILITY: usize = 104;
const ERASING_SIZE: usize = 112;

/** Affine map from output to source, as `InverseMap` of libs/data. */
let a: i32 = 0, b: i32 = 0, c: i32 = 0, d: i32 = 0, e: i32 = 0, f: i32 = 0;
let top: i32 = 0, left: i32 = 0, erasedHeight: i32 = 0, erasedWidth: i32 = 0;

// @ts-ignore: decorator
@inline
function planeRow(width: i32): usize {
  return 2 * MARGIN_BYTES + ((<usize>width + 15) & ~15);
}

// @ts-ignore: decorator
@inline
function planeBytes(height: i32, width: i32): usize {
  return <usize>(height + 2 * MARGIN) * planeRow(width) + 64;
}

// @ts-ignore: decorator
@inline
function firstPixel(plane: usize, width: i32): usize {
  return plane + <usize>MARGIN * planeRow(width) + MARGIN_BYTES;
}

/**
 * Writes one distorted image as the network takes it, float32 in [0, 1].
 *
 * @param image `[height, width, channels]` uint8
 * @param scratch two planes, then two displacement fields, the grid and the grid's rows at full width
 */
export function writeDistorted(
  image: usize, height: i32, width: i32, channels: i32, to: usize, rowBytes: usize, pixelBytes: usize,
  settings: usize, sample: u32, scratch: usize,
): void {
  const size = planeBytes(height, width);
  const field = scratch + 2 * size;
  const bends = applies(settings, HAS_ELASTIC);
  const warps = bends || applies(settings, HAS_AFFINE);
  if (warps) drawMap(settings, sample);
  if (bends) drawField(settings, sample, height, width, <i32>load<f64>(settings, GRID_SIZE), field);
  const radius = applies(settings, HAS_STROKE_WIDTH) ? drawRadius(settings, sample) : 0;
  const erases = applies(settings, HAS_ERASING) && drawRectangle(settings, sample, height, width);
  for (let channel: usize = 0; channel < <usize>channels; channel++) {
    let plane = scratch, other = scratch + size;
    memory.fill(plane, 0, size);
    readPlane(image + channel, height, width, channels, plane, radius < 0 && !warps);
    if (warps) {
      if (radius != 0) memory.fill(other, 0, size);
      warp(plane, other, height, width, bends ? field : 0, radius < 0);
      const swap = plane;
      plane = other;
      other = swap;
    }
    if (radius != 0) {
      dilate(plane, other, height, width, abs(radius));
      plane = other;
    }
    if (erases) erase(plane, width, radius < 0);
    writePlane(plane, height, width, to + (channel << 2), rowBytes, pixelBytes, radius < 0);
  }
}

/** Whether the distortion with this flag is applied. */
// @ts-ignore: decorator
@inline
function applies(settings: usize, flag: usize): bool {
  return load<f64>(settings + flag) != 0;
}

/** From word 0 on: rotation, scales of x and y less 1, shear, translations of x and y. */
function drawMap(settings: usize, sample: u32): void {
  a = 4096; b = 0; c = 0; d = 0; e = 4096; f = 0;
  if (!applies(settings, HAS_AFFINE)) return;
  drawBlock(0, sample, PURPOSE_AFFINE);
  const angle = symmetric(word0, load<f64>(settings, ROTATION)) * RADIANS_PER_DEGREE;
  const scaleX = 1 + symmetric(word1, load<f64>(settings, SCALE));
  const scaleY = 1 + symmetric(word2, load<f64>(settings, SCALE));
  const shear = symmetric(word3, load<f64>(settings, SHEAR));
  drawBlock(1, sample, PURPOSE_AFFINE);
  const moveX = symmetric(word0, load<f64>(settings, TRANSLATION));
  const moveY = symmetric(word1, load<f64>(settings, TRANSLATION));
  const cos = portableCos(angle), sin = portableSin(angle);
  const xx = (cos + shear * sin) / scaleX, xy = (sin - shear * cos) / scaleX;
  const yx = -sin / scaleY, yy = cos / scaleY;
  a = roundHalfUp(xx * 4096);
  b = roundHalfUp(xy * 4096);
  c = roundHalfUp(-(xx * moveX + xy * moveY) * 1048576);
  d = roundHalfUp(yx * 4096);
  e = roundHalfUp(yy * 4096);
  f = roundHalfUp(-(yx * moveX + yy * moveY) * 1048576);
}

// @ts-ignore: decorator
@inline
function roundHalfUp(value: f64): i32 {
  return <i32>floor(value + 0.5);
}

// @ts-ignore: decorator
@inline
function fieldRow(width: i32): i32 {
  return (width + 3) & ~3;
}

/**
 * Draws the displacements of the grid's points, x before y, in 1/4096 pixel, and interpolates them to every pixel, in 1/256: along x,
 * then along y. The field of y lies behind that of x.
 */
function drawField(settings: usize, sample: u32, height: i32, width: i32, gridSize: i32, field: usize): void {
  const row = fieldRow(width);
  const grid = field + (<usize>(2 * height * row) << 2);
  const alongX = grid + (<usize>(2 * gridSize * gridSize) << 2);
  const displacement = load<f64>(settings, DISPLACEMENT);
  const numWords = 2 * gridSize * gridSize;
  for (let i = 0; i < numWords; i += 4) {
    drawBlock(i >> 2, sample, PURPOSE_ELASTIC);
    const at = grid + (<usize>i << 2);
    store<i32>(at, roundHalfUp(symmetric(word0, displacement) * 4096));
    store<i32>(at, roundHalfUp(symmetric(word1, displacement) * 4096), 4);
    store<i32>(at, roundHalfUp(symmetric(word2, displacement) * 4096), 8);
    store<i32>(at, roundHalfUp(symmetric(word3, displacement) * 4096), 12);
  }
  for (let axis = 0; axis < 2; axis++) {
    interpolateAlongX(settings, grid + (<usize>axis << 2), gridSize, width, row, alongX);
    interpolateAlongY(settings, alongX, height, row, field + (<usize>(axis * height * row) << 2));
  }
}

function interpolateAlongX(settings: usize, grid: usize, gridSize: i32, width: i32, row: i32, to: usize): void {
  const points = <usize>load<i32>(settings, COLUMN_POINTS), weights = <usize>load<i32>(settings, COLUMN_WEIGHTS);
  for (let r = 0; r < gridSize; r++) {
    for (let x = 0; x < width; x++) {
      let sum = 2048;
      const at = <usize>x << 4;
      for (let j: usize = 0; j < 16; j += 4) {
        const point = load<i32>(points + at + j);
        sum += load<i32>(weights + at + j) * load<i32>(grid + (<usize>(r * gridSize + point) << 3));
      }
      store<i32>(to + (<usize>(r * row + x) << 2), sum >> 12);
    }
  }
}

function interpolateAlongY(settings: usize, alongX: usize, height: i32, row: i32, to: usize): void {
  const points = <usize>load<i32>(settings, ROW_POINTS), weights = <usize>load<i32>(settings, ROW_WEIGHTS);
  const half = i32x4.splat(32768);
  for (let y = 0; y < height; y++) {
    const at = <usize>y << 4;
    for (let x = 0; x < row; x += 4, to += 16) {
      let sum = half;
      for (let j: usize = 0; j < 16; j += 4) {
        const from = alongX + (<usize>(load<i32>(points + at + j) * row + x) << 2);
        sum = i32x4.add(sum, i32x4.mul(i32x4.splat(load<i32>(weights + at + j)), v128.load(from)));
      }
      v128.store(to, i32x4.shr_s(sum, 16));
    }
  }
}

/** In 1/256 pixel; positive for thicker strokes. */
function drawRadius(settings: usize, sample: u32): i32 {
  drawBlock(0, sample, PURPOSE_STROKE_WIDTH);
  return roundHalfUp(symmetric(word0, load<f64>(settings, RADIUS)) * 256);
}

/** Whether a rectangle is erased, and where: word 0 decides, then height, width, top and left. */
function drawRectangle(settings: usize, sample: u32, height: i32, width: i32): bool {
  drawBlock(0, sample, PURPOSE_ERASING);
  if (<f64>uniform(word0) >= load<f64>(settings, PROBABILITY)) return false;
  const size = <i32>load<f64>(settings, ERASING_SIZE);
  erasedHeight = 1 + integerBelow(word1, min(size, height));
  erasedWidth = 1 + integerBelow(word2, min(size, width));
  top = integerBelow(word3, height - erasedHeight + 1);
  drawBlock(1, sample, PURPOSE_ERASING);
  left = integerBelow(word0, width - erasedWidth + 1);
  return true;
}

// @ts-ignore: decorator
@inline
function integerBelow(word: u32, n: i32): i32 {
  return <i32>((<u64>word * <u64>n) >> 32);
}

/** Copies a channel into the middle of a black plane; of its negative, when strokes get thinner. */
function readPlane(image: usize, height: i32, width: i32, channels: i32, plane: usize, negative: bool): void {
  const flip = <u8>(negative ? 255 : 0);
  let row = firstPixel(plane, width);
  for (let y = 0; y < height; y++, row += planeRow(width)) {
    if (channels == 1 && !negative) {
      memory.copy(row, image, <usize>width);
      image += <usize>width;
      continue;
    }
    for (let x: usize = 0; x < <usize>width; x++, image += <usize>channels) store<u8>(row + x, load<u8>(image) ^ flip);
  }
}

/** Each pixel takes the source at map(pixel + displacement), interpolated bilinearly; all in 1/256 pixel. */
function warp(plane: usize, to: usize, height: i32, width: i32, field: usize, negative: bool): void {
  const row = planeRow(width);
  const source = firstPixel(plane, width);
  const flip = <u8>(negative ? 255 : 0);
  const centreX = 128 * (width - 1), centreY = 128 * (height - 1);
  const fieldBytes = <usize>(height * fieldRow(width)) << 2;
  let target = firstPixel(to, width);
  for (let y = 0; y < height; y++, target += row) {
    let displacement = field + (<usize>(y * fieldRow(width)) << 2);
    for (let x = 0; x < width; x++, displacement += 4) {
      let offsetX = 256 * x - centreX, offsetY = 256 * y - centreY;
      if (field) {
        offsetX += load<i32>(displacement);
        offsetY += load<i32>(displacement + fieldBytes);
      }
      const u = ((a * offsetX + b * offsetY + c + 2048) >> 12) + centreX;
      const v = ((d * offsetX + e * offsetY + f + 2048) >> 12) + centreY;
      const column = u >> 8, line = v >> 8;
      let value: i32 = 0;
      // One compare each: from -1, where the last pixel still reaches in, to the last pixel.
      if (<u32>(column + 1) <= <u32>width && <u32>(line + 1) <= <u32>height) {
        const right = u & 255, bottom = v & 255;
        const at = source + <usize>(line * <i32>row + column);
        const upper = <i32>load<u8>(at) * (256 - right) + <i32>load<u8>(at, 1) * right;
        const lower = <i32>load<u8>(at + row) * (256 - right) + <i32>load<u8>(at + row, 1) * right;
        value = (upper * (256 - bottom) + lower * bottom + 32768) >> 16;
      }
      store<u8>(target + <usize>x, <u8>value ^ flip);
    }
  }
}

/**
 * Grey dilation: the largest neighbour, each times min(1, radius + 1 - distance). Of a negative it is erosion.
 * What it leaves behind the rows' ends is of no account.
 */
function dilate(plane: usize, to: usize, height: i32, width: i32, radius: i32): void {
  const row = planeRow(width);
  const reach = (radius + 255) >> 8;
  memory.fill(to, 0, planeBytes(height, width));
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const distance = <i32>floor(256 * sqrt(<f64>(dx * dx + dy * dy)) + 0.5);
      const weight = min(256, radius + 256 - distance);
      if (weight <= 0) continue;
      const factor = i16x8.splat(<i16>weight);
      let from = firstPixel(plane, width) + <usize>(dy * <i32>row + dx);
      let target = firstPixel(to, width);
      for (let y = 0; y < height; y++, from += row, target += row) {
        for (let x: usize = 0; x < <usize>width; x += 16) raise(target + x, from + x, factor);
      }
    }
  }
}

/** to = max(to, (weight * from + 128) >> 8), 16 pixels at once. */
// @ts-ignore: decorator
@inline
function raise(to: usize, from: usize, weight: v128): void {
  const pixels = v128.load(from);
  const half = i16x8.splat(128);
  const low = i16x8.shr_u(i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(pixels), weight), half), 8);
  const high = i16x8.shr_u(i16x8.add(i16x8.mul(i16x8.extend_high_i8x16_u(pixels), weight), half), 8);
  v128.store(to, i8x16.max_u(v128.load(to), i8x16.narrow_i16x8_u(low, high)));
}

function erase(plane: usize, width: i32, negative: bool): void {
  let row = firstPixel(plane, width) + <usize>top * planeRow(width) + <usize>left;
  for (let y = 0; y < erasedHeight; y++, row += planeRow(width)) {
    memory.fill(row, negative ? 255 : 0, <usize>erasedWidth);
  }
}

function writePlane(
  plane: usize, height: i32, width: i32, to: usize, rowBytes: usize, pixelBytes: usize, negative: bool,
): void {
  const flip = <u8>(negative ? 255 : 0);
  let row = firstPixel(plane, width);
  for (let y = 0; y < height; y++, row += planeRow(width), to += rowBytes) {
    let pixel = to;
    for (let x: usize = 0; x < <usize>width; x++, pixel += pixelBytes) {
      store<f32>(pixel, <f32>(load<u8>(row + x) ^ flip) / 255);
    }
  }
}
