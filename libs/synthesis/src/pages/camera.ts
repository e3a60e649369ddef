import { portableCos, type Plane, type RandomStream, resample, toBytes } from '@digits/data';

/** What a camera or scanner did to a page. */
export interface Camera {
  /** How often each pixel is mixed with its neighbours, and how much. */
  readonly blurs: readonly number[];
  /** Largest error of a pixel, of 255. */
  readonly noise: number;
  /** Whether the noise is as coarse as paper's grain in a large photo that was scaled down. */
  readonly isCoarse: boolean;
  /** Pixels of the page per pixel of the file, at least 1. */
  readonly reduction: number;
  /** Step of the quantisation of 8x8 blocks, as JPEG does it, or 0 for none. */
  readonly compression: number;
  /** Whether pixels are black or white only. */
  readonly isBinary: boolean;
  readonly isInverted: boolean;
  /** Share of the pixels that become black or white: dust, dead pixels. */
  readonly impulses: number;
  /** Pixels over which neighbours are exchanged, as behind rough glass; 0 for none. */
  readonly shuffle: number;
  /** Bands at the left and right, or at the top and bottom, whose colours are inverted; null for none. */
  readonly bands: { readonly isUpright: boolean; readonly before: number; readonly after: number } | null;
}

/**
 * Draws how a page is taken.
 *
 * @param contrast difference between paper and ink, of 255
 */
export function drawCamera(random: RandomStream, contrast: number, characterHeight: number): Camera {
  const isPerfect = random.chance(0.12);
  const spread = random.uniform(0, 1);
  // A character has at least 7 pixels in the file.
  const mostReduction = Math.max(1, Math.min(11, characterHeight / 7));
  const reduction = random.chance(0.35) ? 1 + (mostReduction - 1) * random.uniform(0, 1) : 1;
  return {
    blurs: isPerfect ? [] : Array.from({ length: random.integer(0, 3) }, () => random.uniform(0, 0.75)),
    noise: isPerfect ? 0 : Math.min(60, (0.01 + 0.45 * spread * spread) * contrast),
    isCoarse: random.chance(0.3),
    reduction,
    compression: !isPerfect && random.chance(0.35) ? random.uniform(4, 0.5 * contrast + 5) : 0,
    isBinary: random.chance(0.08),
    isInverted: random.chance(1 / 3),
    impulses: random.chance(0.07) ? random.uniform(0.005, 0.2) : 0,
    shuffle: random.chance(0.05) ? random.integer(1, Math.max(1, Math.round(characterHeight / 14))) : 0,
    bands: random.chance(0.04)
      ? { isUpright: random.chance(0.5), before: random.uniform(-0.2, 0.45), after: random.uniform(0.55, 1.2) }
      : null,
  };
}

/**
 * Takes a picture of a page.
 *
 * @param page `[height, width]` in [0, 255]
 * @returns `[height, width]` uint8
 */
export function takePicture(random: RandomStream, page: Plane, camera: Camera): Uint8Array {
  let plane = camera.blurs.reduce(blur, page);
  const { width, height } = page;
  const whole = { x: 0, y: 0, width, height };
  const isReduced = camera.reduction > 1;
  if (isReduced) {
    const small = (side: number): number => Math.max(4, Math.round(side / camera.reduction));
    plane = resample(plane, whole, small(width), small(height));
  }
  if (camera.shuffle > 0) plane = shuffle(random, plane, Math.max(1, Math.round(camera.shuffle / camera.reduction)));
  plane = addNoise(random, plane, camera);
  if (camera.compression > 0) plane = compress(plane, camera.compression);
  if (camera.isBinary) plane = binarise(random, plane);
  const bytes = toBytes(plane.values, 1);
  if (camera.impulses > 0) addImpulses(random, bytes, camera.impulses);
  if (camera.bands !== null) invertBands(bytes, plane, camera.bands);
  if (camera.isInverted) for (let i = 0; i < bytes.length; i++) bytes[i] = 255 - bytes[i];
  if (!isReduced) return bytes;
  const decoded = { width: plane.width, height: plane.height, values: Float32Array.from(bytes) };
  const region = { x: 0, y: 0, width: decoded.width, height: decoded.height };
  return toBytes(resample(decoded, region, width, height).values, 1);
}

/** Mixes each pixel with the mean of its four neighbours. */
function blur({ width, height, values }: Plane, share: number): Plane {
  const blurred = new Float32Array(values.length);
  for (let y = 0, i = 0; y < height; y++) {
    const up = y > 0 ? -width : 0;
    const down = y < height - 1 ? width : 0;
    for (let x = 0; x < width; x++, i++) {
      const left = x > 0 ? -1 : 0;
      const right = x < width - 1 ? 1 : 0;
      const mean = (values[i + up] + values[i + down] + values[i + left] + values[i + right]) / 4;
      blurred[i] = values[i] + share * (mean - values[i]);
    }
  }
  return { width, height, values: blurred };
}

function addNoise(random: RandomStream, { width, height, values }: Plane, { noise, isCoarse }: Camera): Plane {
  if (noise === 0) return { width, height, values };
  let errors: Plane = { width, height, values: new Float32Array(values.length) };
  for (let i = 0; i < values.length; i++) {
    const word = random.word();
    errors.values[i] = noise * ((word >>> 16) / 65536 + (word & 0xffff) / 65536 - 1);
  }
  if (isCoarse) errors = blur(blur(errors, 0.8), 0.8);
  return { width, height, values: values.map((value, i) => value + errors.values[i]) };
}

/** Exchanges each pixel with one near it. */
function shuffle(random: RandomStream, { width, height, values }: Plane, reach: number): Plane {
  const shuffled = values.slice();
  for (let y = reach; y < height - reach; y++) {
    for (let x = reach; x < width - reach; x++) {
      const i = y * width + x;
      const j = i + random.integer(-reach, reach) * width + random.integer(-reach, reach);
      [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
    }
  }
  return { width, height, values: shuffled };
}

/** Makes some pixels black and some white. */
function addImpulses(random: RandomStream, bytes: Uint8Array, share: number): void {
  for (let i = 0; i < bytes.length; i++) {
    if (random.chance(share)) bytes[i] = random.chance(0.5) ? 255 : 0;
  }
}

function invertBands(
  bytes: Uint8Array,
  { width, height }: Plane,
  { isUpright, before, after }: NonNullable<Camera['bands']>,
): void {
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const at = isUpright ? x / width : y / height;
      if (at < before || at > after) bytes[i] = 255 - bytes[i];
    }
  }
}

/** Black or white, at a threshold near the middle between the darkest and the lightest pixel. */
function binarise(random: RandomStream, { width, height, values }: Plane): Plane {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const threshold = low + (high - low) * random.uniform(0.4, 0.6);
  return { width, height, values: values.map((value) => (value > threshold ? 255 : 0)) };
}

const BLOCK = 8;

/** `[8, 8]` basis of the discrete cosine transform: row k, column n. */
const COSINES = Float64Array.from({ length: BLOCK * BLOCK }, (_, i) => {
  const [k, n] = [Math.floor(i / BLOCK), i % BLOCK];
  return (
    portableCos(((2 * n + 1) * k * Math.PI) / (2 * BLOCK)) * (k === 0 ? Math.sqrt(1 / BLOCK) : Math.sqrt(2 / BLOCK))
  );
});

/** Rounds the cosine coefficients of 8x8 blocks to multiples of a step that grows with frequency. */
function compress({ width, height, values }: Plane, step: number): Plane {
  const result = values.slice();
  const block = new Float64Array(BLOCK * BLOCK);
  const half = new Float64Array(BLOCK * BLOCK);
  for (let top = 0; top + BLOCK <= height; top += BLOCK) {
    for (let left = 0; left + BLOCK <= width; left += BLOCK) {
      for (let i = 0; i < block.length; i++) block[i] = result[(top + (i >> 3)) * width + left + (i & 7)];
      transform(block, half, false);
      for (let i = 0; i < block.length; i++) {
        const size = step * (0.35 + 0.15 * ((i >> 3) + (i & 7)));
        block[i] = Math.floor(block[i] / size + 0.5) * size;
      }
      transform(block, half, true);
      for (let i = 0; i < block.length; i++) result[(top + (i >> 3)) * width + left + (i & 7)] = block[i];
    }
  }
  return { width, height, values: result };
}

/** Transforms rows, then columns, of a block in place. */
function transform(block: Float64Array, half: Float64Array, isInverse: boolean): void {
  const basis = (k: number, n: number): number => (isInverse ? COSINES[n * BLOCK + k] : COSINES[k * BLOCK + n]);
  for (let row = 0; row < BLOCK; row++) {
    for (let k = 0; k < BLOCK; k++) {
      let sum = 0;
      for (let n = 0; n < BLOCK; n++) sum += basis(k, n) * block[row * BLOCK + n];
      half[row * BLOCK + k] = sum;
    }
  }
  for (let column = 0; column < BLOCK; column++) {
    for (let k = 0; k < BLOCK; k++) {
      let sum = 0;
      for (let n = 0; n < BLOCK; n++) sum += basis(k, n) * half[n * BLOCK + column];
      block[k * BLOCK + column] = sum;
    }
  }
}
