import {
  augment,
  type AugmentationSettings,
  DISTORTION_NAMES,
  type DistortionName,
  DISTORTIONS,
  NO_AUGMENTATION,
} from '@digits/data';
import type { Architecture } from '@digits/model';
import { planOf, randomDataset, sessionSettings } from '@digits/engine-contract';
import fc from 'fast-check';
import { createSimdEngine } from './node.ts';

const affine = { rotation: 40, scale: 0.3, shear: 0.4, translation: 3 };
const elastic = { displacement: 3, gridSize: 5 };
const strokeWidth = { radius: 2.3 };
const erasing = { probability: 0.8, size: 7 };

/**
 * The image that the network saw: a dense layer's kernel gradient is the image times the bias' gradient.
 *
 * @returns `[height, width, channels]` uint8
 */
async function seenImage(
  shape: readonly [number, number, number],
  image: Uint8Array,
  augmentation: AugmentationSettings,
  seed: number,
  epoch: number,
): Promise<Uint8Array> {
  const [height, width, channels] = shape;
  const architecture: Architecture = {
    inputShape: shape,
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: 2, useBias: true },
    ],
  };
  const dataset = { images: image, labels: Uint8Array.of(1), count: 1, height, width, channels, numClasses: 2 };
  const settings = sessionSettings(architecture, { augmentation, seed });
  const session = await createSimdEngine({ threads: 1 }).createTrainingSession(architecture, settings, dataset);
  await session.trainSteps(planOf([1], 1, { epoch }));
  const [kernel, bias] = (await session.getState()).optimizer;
  await session.dispose();
  return Uint8Array.from({ length: image.length }, (_, i) => Math.round((255 * kernel.values[2 * i]) / bias.values[0]));
}

/** What libs/data makes of it, channel by channel. */
function expectedImage(
  [height, width, channels]: readonly [number, number, number],
  image: Uint8Array,
  augmentation: AugmentationSettings,
  seed: number,
  epoch: number,
): Uint8Array {
  const expected = new Uint8Array(image.length);
  for (let c = 0; c < channels; c++) {
    const plane = Uint8Array.from({ length: height * width }, (_, i) => image[i * channels + c]);
    const distorted = augment(plane, { height, width }, augmentation, { seed, epoch, sample: 0 });
    distorted.forEach((value, i) => (expected[i * channels + c] = value));
  }
  return expected;
}

const STEPS = 1000;

/** Any settings that the ranges of a distortion allow. */
function settingsOf(name: DistortionName): fc.Arbitrary<Record<string, number>> {
  const settings = Object.entries(DISTORTIONS[name].ranges).map(([setting, { min, max, integer = false }]) => [
    setting,
    // Evenly spread, where fc.double would draw next to the ends nearly always.
    integer ? fc.integer({ min, max }) : fc.nat({ max: STEPS }).map((step) => min + ((max - min) * step) / STEPS),
  ]);
  return fc.record(Object.fromEntries(settings) as Record<string, fc.Arbitrary<number>>);
}

async function expectSameBytes(settings: fc.Arbitrary<AugmentationSettings>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(fc.integer({ min: 1, max: 33 }), fc.integer({ min: 1, max: 33 }), fc.constantFrom(1, 3)),
      settings,
      fc.nat({ max: 2 ** 50 }),
      fc.nat({ max: 99 }),
      async (shape, augmentation, seed, epoch) => {
        const architecture = {
          inputShape: shape,
          layers: [{ type: 'dense', name: 'x', units: 2, useBias: true }],
        } as const;
        const { images } = randomDataset(architecture, 1, seed % 1000);
        const expected = expectedImage(shape, images, augmentation, seed, epoch);
        expect(await seenImage(shape, images, augmentation, seed, epoch)).toEqual(expected);
      },
    ),
    { numRuns, seed: 11 },
  );
}

jest.setTimeout(60_000);

describe('augmentation in the kernels', () => {
  it.each([
    ['affine', { ...NO_AUGMENTATION, affine }],
    ['elastic', { ...NO_AUGMENTATION, elastic }],
    ['stroke width', { ...NO_AUGMENTATION, strokeWidth }],
    ['erasing', { ...NO_AUGMENTATION, erasing }],
    ['all of them', { ...NO_AUGMENTATION, affine, elastic, strokeWidth, erasing }],
  ] as [string, AugmentationSettings][])('gives the bytes of libs/data: %s', async (_, augmentation) => {
    await expectSameBytes(fc.constant(augmentation), 12);
  });

  it.each(DISTORTION_NAMES)('gives the bytes of libs/data for any settings of %s', async (name) => {
    const alone = settingsOf(name).map((settings) => ({ ...NO_AUGMENTATION, [name]: settings }));
    await expectSameBytes(alone, 12);
  });

  it('gives the bytes of libs/data for any settings of any distortions', async () => {
    const some = Object.fromEntries(DISTORTION_NAMES.map((name) => [name, fc.option(settingsOf(name))]));
    await expectSameBytes(
      fc.record(some).map((settings) => ({ ...NO_AUGMENTATION, ...settings })),
      24,
    );
  });
});
