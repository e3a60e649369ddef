import { portableCos, portableSin } from '../portable-math.ts';
import { fillRandomWords, type RandomKey, symmetricFromWord } from '../randomness/random.ts';
import type { InverseMap } from './warp.ts';

/**
 * About the picture's centre: scale each axis, shear, rotate, then move; sampled bilinearly, black outside.
 * Each number is a range: the value applied is drawn uniformly from [-range, range).
 */
export interface AffineSettings {
  /** Degrees either way, in [0, 180]; clockwise as seen when positive. */
  readonly rotation: number;
  /** In [0, 0.5]: each axis' factor is drawn on its own from [1 - scale, 1 + scale). */
  readonly scale: number;
  /** Horizontal shear either way, in [0, 1]: x += shear * y, with y downwards from the centre. */
  readonly shear: number;
  /** Pixels either way, in [0, 64], drawn for each axis on its own. */
  readonly translation: number;
}

const RADIANS_PER_DEGREE = Math.PI / 180;

/**
 * Draws an affine distortion. From the key's stream, each word by `symmetricFromWord`: word 0 is the rotation, 1 and 2 the
 * scales of x and y less 1, 3 the shear, 4 and 5 the translations of x and y.
 *
 * The image is scaled by S, sheared by K (x += shear * y), rotated by R and moved by t about its centre. Hence the
 * inverse: A = S^-1 K^-1 R^-1 and c = -A t, in double precision, rounded half up to the fractions of {@link InverseMap}.
 *
 * @param settings must have passed `validateAugmentation`
 * @throws RangeError when a part of the key is out of range
 */
export function affineMatrix(settings: AffineSettings, key: RandomKey): InverseMap {
  const words = new Uint32Array(8);
  fillRandomWords(key, words);
  const angle = symmetricFromWord(words[0], settings.rotation) * RADIANS_PER_DEGREE;
  const scaleX = 1 + symmetricFromWord(words[1], settings.scale);
  const scaleY = 1 + symmetricFromWord(words[2], settings.scale);
  const shear = symmetricFromWord(words[3], settings.shear);
  const moveX = symmetricFromWord(words[4], settings.translation);
  const moveY = symmetricFromWord(words[5], settings.translation);

  const cos = portableCos(angle);
  const sin = portableSin(angle);
  const a = (cos + shear * sin) / scaleX;
  const b = (sin - shear * cos) / scaleX;
  const d = -sin / scaleY;
  const e = cos / scaleY;
  return Int32Array.of(
    roundHalfUp(a * 4096),
    roundHalfUp(b * 4096),
    roundHalfUp(-(a * moveX + b * moveY) * 2 ** 20),
    roundHalfUp(d * 4096),
    roundHalfUp(e * 4096),
    roundHalfUp(-(d * moveX + e * moveY) * 2 ** 20),
  );
}

function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5);
}
