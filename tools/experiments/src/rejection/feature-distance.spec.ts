import type { LabelledImages } from '@digits/data';
import type { Architecture } from '@digits/model';
import { referenceEngine } from '@digits/engine-contract';
import { fitFeatureDistance } from './feature-distance.ts';

/** Features are the brightest pixels of the picture's quarters. */
const ARCHITECTURE: Architecture = {
  inputShape: [28, 28, 1],
  layers: [
    { type: 'maxPooling2d', name: 'pool', poolSize: [14, 14], strides: [14, 14], padding: 'valid' },
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 2, useBias: true },
  ],
};
const WEIGHTS = [
  { name: 'logits/kernel', shape: [4, 2], values: new Float32Array(8) },
  { name: 'logits/bias', shape: [2], values: new Float32Array(2) },
];

/** Pictures of one brightness each. */
const plain = (...levels: number[]): Uint8Array =>
  Uint8Array.from({ length: levels.length * 784 }, (_, i) => levels[Math.floor(i / 784)]);

const DIGITS: LabelledImages = {
  images: plain(0, 51, 204, 255),
  labels: Uint8Array.of(0, 0, 1, 1),
  count: 4,
  height: 28,
  width: 28,
  channels: 1,
  numClasses: 2,
};

describe('fitFeatureDistance', () => {
  it('is minus the squared distance to the nearest mean, each feature in its standard deviations', async () => {
    const distance = await fitFeatureDistance(
      referenceEngine,
      { architecture: ARCHITECTURE, weights: WEIGHTS },
      DIGITS,
    );
    // Means 0.1 and 0.9, variance 0.01 (and 0.001 more) of each of four features: 4 * 0.1^2 / 0.011 and 4 * 0.4^2 / 0.011.
    const scores = await distance.score(plain(0, 255));
    expect(scores[0]).toBeCloseTo(-0.04 / 0.011, 4);
    expect(scores[1]).toBeCloseTo(-0.04 / 0.011, 4);
    expect((await distance.score(plain(127)))[0]).toBeCloseTo((-4 * (127 / 255 - 0.1) ** 2) / 0.011, 3);
  });
});
