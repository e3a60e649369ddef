import { quantiles, type Plane } from './plane.ts';
import type { ColourPlanes } from './reduce.ts';

/** Pixels that the ink's colour is judged by: enough that a stroke over 1% of the picture is met 40 times. */
const NUM_COLOUR_SAMPLES = 4096;

/**
 * Colour to grey, by the mixture of channels in which ink and paper differ most: yellow ink on white differs in blue
 * alone, where luminance would lose it. The mixture is the direction of greatest deviation from the paper's colour,
 * pixels weighted by their deviation, so that it is the ink's and not the noise's; channels that go the other way
 * (red ink on green paper) are left out.
 *
 * @returns `[h, w]` in [0, 255]
 */
export function mixChannels({ width, height, planes }: ColourPlanes): Plane {
  if (planes.length === 1) return { width, height, values: planes[0].slice() };
  const values = new Float32Array(width * height);
  const [red, green, blue] = planes;
  const [r, g, b] = channelWeights(planes);
  for (let i = 0; i < values.length; i++) values[i] = r * red[i] + g * green[i] + b * blue[i];
  return { width, height, values };
}

function channelWeights(planes: readonly Float32Array[]): number[] {
  const stride = Math.max(1, Math.floor(planes[0].length / NUM_COLOUR_SAMPLES)) | 1;
  const [red, green, blue] = planes.map((plane) => everyNth(plane, stride));
  const [paperRed, paperGreen, paperBlue] = [red, green, blue].map((values) => quantiles(values, [0.5])[0]);
  let [rr, rg, rb, gg, gb, bb] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < red.length; i++) {
    const r = red[i] - paperRed;
    const g = green[i] - paperGreen;
    const b = blue[i] - paperBlue;
    const weight = r * r + g * g + b * b;
    rr += weight * r * r;
    rg += weight * r * g;
    rb += weight * r * b;
    gg += weight * g * g;
    gb += weight * g * b;
    bb += weight * b * b;
  }
  const covariance = [
    [rr, rg, rb],
    [rg, gg, gb],
    [rb, gb, bb],
  ];
  const direction = principalDirection(covariance);
  const positive = direction.reduce((sum, d) => sum + Math.max(0, d), 0);
  const negative = direction.reduce((sum, d) => sum + Math.max(0, -d), 0);
  const sign = positive >= negative ? 1 : -1;
  const total = Math.max(positive, negative);
  return total > 0 ? direction.map((d) => Math.max(0, sign * d) / total) : [1 / 3, 1 / 3, 1 / 3];
}

function everyNth(values: Float32Array, stride: number): Float32Array {
  const samples = new Float32Array(Math.ceil(values.length / stride));
  for (let i = 0; i < samples.length; i++) samples[i] = values[i * stride];
  return samples;
}

/** By power iteration; zeros where all is one colour. */
function principalDirection(matrix: readonly (readonly number[])[]): number[] {
  let direction = matrix.reduce((longest, row) => (lengthOf(row) > lengthOf(longest) ? row : longest));
  for (let iteration = 0; iteration < 16; iteration++) {
    const length = lengthOf(direction);
    if (length === 0) return [0, 0, 0];
    const unit = direction.map((value) => value / length);
    direction = matrix.map((row) => row.reduce((sum, value, i) => sum + value * unit[i], 0));
  }
  return [...direction];
}

function lengthOf(vector: readonly number[]): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
