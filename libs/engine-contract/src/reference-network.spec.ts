import { type Architecture, weightSpecs } from '@digits/model';
import { layerCases, pixelCases, randomTrainingImages, randomWeights, smallNetwork } from './cases.ts';
import { backwardPass, forwardPass, widen } from './reference-network.ts';

const STEP = 1e-5;
/** Central differences in double precision are good to about 1e-9 of the loss' scale. */
const TOLERANCE = 1e-6;

/** Largest gap between the derivatives and central differences, over a few elements of each trainable weight. */
function finiteDifferenceGap(architecture: Architecture, numImages: number): number {
  const dataset = randomTrainingImages(architecture, numImages, 61);
  const answers = 'labels' in dataset ? dataset.labels : dataset.targets;
  const images = Float64Array.from(dataset.images, (pixel) => pixel / 255);
  const weights = widen(randomWeights(architecture, 62));
  const batch = { seed: 3, epoch: 1, samples: Array.from({ length: numImages }, (_, i) => i) };
  const run = () => {
    const pass = forwardPass(architecture, weights, images, batch);
    return backwardPass(architecture, weights, pass, answers, 0.1);
  };
  const { gradients } = run();
  let gap = 0;
  for (const { name } of weightSpecs(architecture).filter(({ trainable }) => trainable)) {
    const values = weights.get(name) ?? new Float64Array(0);
    const gradient = gradients.get(name) ?? new Float64Array(0);
    const stride = Math.ceil(values.length / 3);
    for (let i = 0; i < values.length; i += stride) {
      const value = values[i];
      values[i] = value + STEP;
      const above = run().loss;
      values[i] = value - STEP;
      const below = run().loss;
      values[i] = value;
      gap = Math.max(gap, Math.abs((above - below) / (2 * STEP) - gradient[i]));
    }
  }
  return gap;
}

describe('backwardPass', () => {
  it.each([...layerCases(), ...pixelCases()].map(({ title, architecture }) => [title, architecture] as const))(
    'agrees with finite differences for %s',
    (_, architecture) => {
      expect(finiteDifferenceGap(architecture, 3)).toBeLessThan(TOLERANCE);
    },
  );

  it('agrees with finite differences for a whole network with dropout', () => {
    expect(finiteDifferenceGap(smallNetwork(0.3), 4)).toBeLessThan(TOLERANCE);
  });
});
