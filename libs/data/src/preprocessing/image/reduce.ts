import type { Box } from '../geometry.ts';
import type { Picture } from '../picture.ts';

/** Colour at working size. */
export interface ColourPlanes {
  readonly width: number;
  readonly height: number;
  /** One plane for grey, three for colour, each `[height, width]` float32 in [0, 255]. */
  readonly planes: readonly Float32Array[];
  /** Whether any pixel is not wholly transparent. */
  readonly visible: boolean;
}

/**
 * Cuts a region out of a picture, shrinks it by a whole factor by area averaging, and puts transparent pixels on a ground that
 * shows the ink.
 */
export function reducePicture(picture: Picture, region: Box, factor: number): ColourPlanes {
  const width = Math.ceil(region.width / factor);
  const height = Math.ceil(region.height / factor);
  const numColours = picture.channels === 1 ? 1 : 3;
  const planes = Array.from({ length: numColours }, () => new Float32Array(width * height));
  const reduced = { width, height, planes };
  if (picture.channels === 4 && hasTransparency(picture, region)) {
    return { ...reduced, visible: averageWithAlpha(picture, region, factor, planes, width) };
  }
  if (numColours === 1) averageGrey(picture, region, factor, planes[0], width);
  else averageColours(picture, region, factor, planes, width);
  return { ...reduced, visible: true };
}

function hasTransparency({ data, width }: Picture, region: Box): boolean {
  for (let y = region.y; y < region.y + region.height; y++) {
    const end = (y * width + region.x + region.width) * 4;
    for (let i = (y * width + region.x) * 4 + 3; i < end; i += 4) if (data[i] !== 255) return true;
  }
  return false;
}

function averageGrey(
  { data, width: stride }: Picture,
  region: Box,
  factor: number,
  out: Float32Array,
  width: number,
): void {
  for (let y = 0; y < region.height; y++) {
    const row = Math.floor(y / factor) * width;
    let i = (region.y + y) * stride + region.x;
    for (let column = 0, left = 0; column < width; column++, left += factor) {
      const end = i + (left + factor < region.width ? factor : region.width - left);
      let sum = 0;
      for (; i < end; i++) sum += data[i];
      out[row + column] += sum;
    }
  }
  divideByArea(out, region, factor, width);
}

/** All three colours in one pass: a large picture's bytes are fetched from memory once. */
function averageColours(
  { data, width: stride, channels }: Picture,
  region: Box,
  factor: number,
  [red, green, blue]: readonly Float32Array[],
  width: number,
): void {
  for (let y = 0; y < region.height; y++) {
    const row = Math.floor(y / factor) * width;
    let i = ((region.y + y) * stride + region.x) * channels;
    if (factor === 1) {
      for (let out = row; out < row + width; out++, i += channels) {
        red[out] = data[i];
        green[out] = data[i + 1];
        blue[out] = data[i + 2];
      }
      continue;
    }
    for (let column = 0, left = 0; column < width; column++, left += factor) {
      const end = i + (left + factor < region.width ? factor : region.width - left) * channels;
      let r = 0;
      let g = 0;
      let b = 0;
      for (; i < end; i += channels) {
        r += data[i];
        g += data[i + 1];
        b += data[i + 2];
      }
      red[row + column] += r;
      green[row + column] += g;
      blue[row + column] += b;
    }
  }
  for (const plane of [red, green, blue]) divideByArea(plane, region, factor, width);
}

/** Sums of blocks to means; sums are whole numbers below 2^24 for any factor, so that float32 holds them exactly. */
function divideByArea(plane: Float32Array, region: Box, factor: number, width: number): void {
  if (factor === 1) return;
  const height = plane.length / width;
  for (let row = 0, i = 0; row < height; row++) {
    const rows = Math.min(factor, region.height - row * factor);
    for (let column = 0; column < width; column++, i++) {
      const columns = column + 1 < width ? factor : region.width - column * factor;
      plane[i] /= rows * columns;
    }
  }
}

/** Averages premultiplied colour, then fills what shines through with the ground. */
function averageWithAlpha(
  picture: Picture,
  region: Box,
  factor: number,
  planes: readonly Float32Array[],
  width: number,
): boolean {
  const { data, width: stride } = picture;
  const ground = chooseGround(picture, region);
  for (let y = 0; y < region.height; y++) {
    const row = Math.floor(y / factor) * width;
    let i = ((region.y + y) * stride + region.x) * 4;
    for (let x = 0; x < region.width; x++, i += 4) {
      const out = row + Math.floor(x / factor);
      const alpha = data[i + 3] / 255;
      for (let colour = 0; colour < 3; colour++) {
        planes[colour][out] += data[i + colour] * alpha + ground.colour[colour] * (1 - alpha);
      }
    }
  }
  for (const plane of planes) divideByArea(plane, region, factor, width);
  return ground.visible;
}

/**
 * The colour behind transparent pixels. A picture that is mostly opaque and not of one colour is a sheet with holes or
 * soft corners: they get the sheet's mean colour. Else what is opaque is the ink: it gets white behind it, or black
 * behind light ink.
 */
function chooseGround({ data, width: stride }: Picture, region: Box): { colour: number[]; visible: boolean } {
  const sums = [0, 0, 0];
  let weight = 0;
  let lightness = 0;
  let squares = 0;
  for (let y = region.y; y < region.y + region.height; y++) {
    for (let i = (y * stride + region.x) * 4, end = i + region.width * 4; i < end; i += 4) {
      const alpha = data[i + 3] / 255;
      const mean = (data[i] + data[i + 1] + data[i + 2]) / 3;
      for (let colour = 0; colour < 3; colour++) sums[colour] += alpha * data[i + colour];
      weight += alpha;
      lightness += alpha * mean;
      squares += alpha * mean * mean;
    }
  }
  if (weight === 0) return { colour: [255, 255, 255], visible: false };
  const mean = lightness / weight;
  const deviation = Math.sqrt(Math.max(0, squares / weight - mean * mean));
  const isSheet = weight > (region.width * region.height) / 2 && deviation > 8;
  if (isSheet) return { colour: sums.map((sum) => sum / weight), visible: true };
  return { colour: mean < 128 ? [255, 255, 255] : [0, 0, 0], visible: true };
}
