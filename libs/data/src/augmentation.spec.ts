import { createHash } from 'node:crypto';
import {
  augment,
  type AugmentationSettings,
  createAugmenter,
  DISTORTION_NAMES,
  type DistortionName,
  DISTORTIONS,
  NO_AUGMENTATION,
} from './augmentation.ts';
import { affineMatrix } from './augmentation/affine.ts';
import { cubicWeights, elasticField, elasticGrid } from './augmentation/elastic.ts';
import { applyErasing, erasedRectangle } from './augmentation/erasing.ts';
import { applyStrokeWidth, strokeRadius } from './augmentation/stroke-width.ts';
import { warp } from './augmentation/warp.ts';
import { RandomPurpose } from './randomness/random.ts';

const SIZE = { height: 28, width: 28 };
const KEY = { seed: 1, epoch: 2, sample: 3 };
const affine = { rotation: 15, scale: 0.15, shear: 0.2, translation: 2 };
const elastic = { displacement: 1.5, gridSize: 5 };
const strokeWidth = { radius: 0.6 };
const erasing = { probability: 1, size: 8 };
const EVERYTHING: AugmentationSettings = { ...NO_AUGMENTATION, affine, elastic, strokeWidth, erasing };

/** A slanted bar with soft edges. */
const BAR = Uint8Array.from({ length: 784 }, (_, i) => {
  const [x, y] = [i % 28, Math.floor(i / 28)];
  const distance = Math.abs(2 * x + y - 40);
  return y < 4 || y > 23 || distance > 5 ? 0 : 255 - 40 * distance;
});

/** One distortion alone, each setting at the end of its range, and `beyond` over it. */
function strongest(name: DistortionName, beyond = ''): AugmentationSettings {
  const ends = Object.entries(DISTORTIONS[name].ranges).map(([setting, { max }]) => [
    setting,
    max + Number(setting === beyond),
  ]);
  return { ...NO_AUGMENTATION, [name]: Object.fromEntries(ends) as unknown };
}

describe('DISTORTIONS', () => {
  it('has purposes that nothing else has', () => {
    const purposes = [...Object.values(RandomPurpose), ...Object.values(DISTORTIONS).map(({ purpose }) => purpose)];

    expect(new Set(purposes).size).toBe(purposes.length);
  });

  it('keeps the purposes of old: pixels hang on them', () => {
    expect(DISTORTIONS).toMatchObject({
      affine: { purpose: 5 },
      elastic: { purpose: 6 },
      strokeWidth: { purpose: 7 },
      erasing: { purpose: 8 },
    });
  });
});

describe('augment', () => {
  it.each(DISTORTION_NAMES)('applies %s, to each sample in its own way', (name) => {
    const distorted = Array.from({ length: 20 }, (_, sample) =>
      augment(BAR, SIZE, strongest(name), { ...KEY, sample }).join(),
    );

    expect(new Set(distorted).size).toBeGreaterThan(1);
  });

  it.each(DISTORTION_NAMES)('refuses settings of %s beyond their ranges', (name) => {
    for (const [setting, { min, max, integer = false }] of Object.entries(DISTORTIONS[name].ranges)) {
      expect(() => augment(BAR, SIZE, strongest(name, setting), KEY)).toThrow(
        new RangeError(
          `validateAugmentation: ${name}.${setting} must be ${integer ? 'an integer in' : 'in'} [${min}, ${max}], got ${max + 1}`,
        ),
      );
    }
  });

  it('gives a copy where every distortion is null', () => {
    const copy = augment(BAR, SIZE, NO_AUGMENTATION, KEY);

    expect(copy).toEqual(BAR);
    expect(copy).not.toBe(BAR);
  });

  it.each([{ strokeWidth }, { erasing }, {}])('leaves a Node Buffer as it was under %j', (settings) => {
    const image = Buffer.from(BAR);

    augment(image, SIZE, { ...NO_AUGMENTATION, ...settings }, KEY).fill(1);

    expect(new Uint8Array(image)).toEqual(BAR);
  });

  it('is affine and elastic in one, then stroke width, then erasing', () => {
    const weights = cubicWeights(28, 5);
    const field = elasticField(elasticGrid(elastic, { ...KEY, purpose: 6 }), weights, weights);
    const warped = warp(BAR, SIZE, affineMatrix(affine, { ...KEY, purpose: 5 }), field);
    const widened = applyStrokeWidth(warped, SIZE, strokeRadius(strokeWidth, { ...KEY, purpose: 7 }));
    const rectangle = erasedRectangle(erasing, { ...KEY, purpose: 8 }, SIZE) ?? {
      left: 0,
      top: 0,
      width: 0,
      height: 0,
    };

    expect(augment(BAR, SIZE, EVERYTHING, KEY)).toEqual(applyErasing(widened, SIZE, rectangle));
  });

  it('draws each distortion from its own numbers, whatever else is applied', () => {
    const alone = augment(BAR, SIZE, { ...NO_AUGMENTATION, strokeWidth }, KEY);
    const withIdleAffine = { rotation: 0, scale: 0, shear: 0, translation: 0 };

    expect(augment(BAR, SIZE, { ...NO_AUGMENTATION, affine: withIdleAffine, strokeWidth }, KEY)).toEqual(alone);
  });

  it('never changes: these bytes are part of the reproducibility contract', () => {
    const bytes = createHash('sha256');
    for (let sample = 0; sample < 50; sample++) bytes.update(augment(BAR, SIZE, EVERYTHING, { ...KEY, sample }));

    expect(bytes.digest('hex')).toBe('cdb47b70ce215cc3d2a2457eb87c44acf89c41d811282ccf9d162cc5032aac46');
  });

  it('takes images that are not square', () => {
    expect(augment(BAR.subarray(0, 12 * 5), { height: 5, width: 12 }, EVERYTHING, KEY)).toHaveLength(60);
    expect(augment(Uint8Array.of(7), { height: 1, width: 1 }, { ...NO_AUGMENTATION, elastic }, KEY)).toHaveLength(1);
  });

  it('refuses an image of another size', () => {
    expect(() => augment(BAR.subarray(1), SIZE, NO_AUGMENTATION, KEY)).toThrow(
      new RangeError('augment: image must have 28 x 28 = 784 pixels, got 783'),
    );
  });

  it.each([
    [{ height: 0, width: 28 }, 'augment: height must be an integer in [1, 256], got 0'],
    [{ height: 28, width: 257 }, 'augment: width must be an integer in [1, 256], got 257'],
  ])('refuses the size %j', (size, message) => {
    expect(() => augment(BAR, size, NO_AUGMENTATION, KEY)).toThrow(new RangeError(message));
  });

  it.each<[Partial<AugmentationSettings>, string]>([
    [{ affine: { ...affine, rotation: 181 } }, 'affine.rotation must be in [0, 180], got 181'],
    [{ affine: { ...affine, scale: -0.1 } }, 'affine.scale must be in [0, 0.5], got -0.1'],
    [{ affine: { ...affine, shear: Number.NaN } }, 'affine.shear must be in [0, 1], got NaN'],
    [{ affine: { ...affine, translation: 65 } }, 'affine.translation must be in [0, 64], got 65'],
    [{ elastic: { ...elastic, displacement: 17 } }, 'elastic.displacement must be in [0, 16], got 17'],
    [{ elastic: { ...elastic, gridSize: 1 } }, 'elastic.gridSize must be an integer in [2, 64], got 1'],
    [{ elastic: { ...elastic, gridSize: 4.5 } }, 'elastic.gridSize must be an integer in [2, 64], got 4.5'],
    [{ strokeWidth: { radius: 4 } }, 'strokeWidth.radius must be in [0, 3], got 4'],
    [{ erasing: { ...erasing, probability: 2 } }, 'erasing.probability must be in [0, 1], got 2'],
    [{ erasing: { ...erasing, size: 0 } }, 'erasing.size must be an integer in [1, 256], got 0'],
  ])('refuses %j', (settings, message) => {
    expect(() => augment(BAR, SIZE, { ...NO_AUGMENTATION, ...settings }, KEY)).toThrow(
      new RangeError(`validateAugmentation: ${message}`),
    );
  });
});

describe('createAugmenter', () => {
  it('distorts many images as augment does one', () => {
    const augmenter = createAugmenter(EVERYTHING, SIZE);

    for (const sample of [0, 9, 0]) {
      expect(augmenter(BAR, { ...KEY, sample })).toEqual(augment(BAR, SIZE, EVERYTHING, { ...KEY, sample }));
    }
  });
});
