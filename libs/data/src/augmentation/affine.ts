import type { AffineSettings, SampleKey } from '../augmentation.ts';
import { portableCos, portableSin } from '../portable-math.ts';
import { symmetricFromWord } from '../random-draws.ts';
import { fillRandomWords, RandomPurpose } from '../random.ts';
import { type ImageSize, type InverseMap, warp } from './warp.ts';

const RADIANS_PER_DEGREE = Math.PI / 180;

/**
 * Draws an affine distortion. From the stream of purpose `affine`, each word by `symmetricFromWord`: word 0 is the
 * rotation, 1 and 2 the scales of x and y less 1, 3 the shear, 4 and 5 the translations of x and y.
 *
 * The image is scaled by S, sheared by K (x += shear * y), rotated by R and moved by t about its centre. Hence the
 * inverse: A = S^-1 K^-1 R^-1 and c = -A t, in double precision, rounded half up to the fractions of {@link InverseMap}.
 *
 * @param settings must have passed `validateAugmentation`
 * @throws RangeError when a part of the key is out of range
 */
export function affineMatrix(settings: AffineSettings, key: SampleKey): InverseMap {
  const words = new Uint32Array(8);
  fillRandomWords({ ...key, purpose: RandomPurpose.affine }, words);
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

/**
 * Distorts an image by an affine map; see {@link warp} for the arithmetic.
 *
 * @param image `[height, width]` uint8
 * @param map from {@link affineMatrix}
 * @returns a new image of the same size
 */
export function applyAffine(image: Uint8Array, size: ImageSize, map: InverseMap): Uint8Array {
  return warp(image, size, map, null);
}

function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5);
}
