/// <reference types="jest" />
import { normaliseImages } from '@digits/data';
import type { Engine } from '../engine.ts';
import { inferShapes } from '../shape-inference.ts';
import { expectClose, PASS_TOLERANCE, withPredictors } from './agreement.ts';
import { randomDataset, randomWeights, smallNetwork } from './contract-cases.ts';

/** Answers to any number of images, one call or many at once. */
export function predictorAnswers(getEngine: () => Engine): void {
  const architecture = smallNetwork(0.5);
  const weights = randomWeights(architecture, 41);
  const images = normaliseImages(randomDataset(architecture, 70, 42).images);
  const size = images.length / 70;

  it.each([0, 1, 2, 7, 70])('answers %i images at once', async (count) => {
    await withPredictors(getEngine(), architecture, weights, async (actual, expected) => {
      const batch = images.slice(0, count * size);
      expectClose('logits', await actual.predict(batch), await expected.predict(batch), PASS_TOLERANCE);
    });
  });

  it('answers concurrent calls, each with its own new array', async () => {
    await withPredictors(getEngine(), architecture, weights, async (actual, expected) => {
      const batches = [0, 1, 2, 3, 4].map((i) => images.slice(i * size, (2 * i + 3) * size));
      const answers = await Promise.all([...batches, batches[0]].map((batch) => actual.predict(batch)));
      for (const [i, batch] of batches.entries()) {
        expectClose(`call ${i}`, answers[i], await expected.predict(batch), PASS_TOLERANCE);
      }
      expect(answers[5]).not.toBe(answers[0]);
      expect(answers[5]).toEqual(answers[0]);
    });
  });

  it('gives every layer in order, the last one being the logits', async () => {
    await withPredictors(getEngine(), architecture, weights, async (actual) => {
      const image = images.slice(0, size);
      const activations = await actual.activations(image);
      expect(activations.map(({ layer }) => layer)).toEqual(architecture.layers.map(({ name }) => name));
      expect(activations.map(({ shape }) => shape)).toEqual(inferShapes(architecture));
      expectClose('logits', activations[activations.length - 1].values, await actual.predict(image), PASS_TOLERANCE);
    });
  });

  it('leaves its arguments as they were', async () => {
    await withPredictors(getEngine(), architecture, weights, async (actual) => {
      const batch = images.slice(0, 3 * size);
      await actual.predict(batch);
      expect(batch).toEqual(images.slice(0, 3 * size));
      expect(weights).toEqual(randomWeights(architecture, 41));
    });
  });
}
