import { linearEngine } from '../network/linear-engine.fixture.ts';
import type { Architecture } from '../network/architecture.ts';
import { initialWeights } from '../network/weights.ts';
import { type Classifier, createClassifier } from './classifier.ts';
import { explain, type ExplainOptions } from './explain.ts';
import { createModel, type ModelMetadata } from './model.ts';

/** What each of the four pixels adds to the logits of the three classes; every row sums to 0. */
const KERNEL = Float32Array.of(2, -1, -1, -1, 1, 0, 0, 3, -3, 1, -2, 1);
/** Logits 1.5, 0.25 and -1.75: the answer is 0, the runner-up 1; what the pixels add to them is (2, -0.5, 0, 0) and (-1, 0.5, 0.75, 0). */
const IMAGE = Float32Array.of(1, 0.5, 0.25, 0);

function linearClassifier(facts: Partial<ModelMetadata> = {}, bias = [0, 0, 0]): Promise<Classifier> {
  const architecture: Architecture = {
    inputShape: [2, 2, 1],
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: 3, useBias: true },
    ],
  };
  const weights = [
    { name: 'logits/kernel', shape: [4, 3], values: KERNEL },
    { name: 'logits/bias', shape: [3], values: Float32Array.from(bias) },
  ];
  return createClassifier(createModel(architecture, weights, facts), linearEngine);
}

function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, 6);
  });
}

describe('explain', () => {
  it('gives each pixel of a linear network what it adds to the centred logits', async () => {
    const explanation = await explain(await linearClassifier(), IMAGE, { patchSize: 1, stride: 1 });
    expect(explanation).toMatchObject({
      method: 'occlusion',
      digit: 0,
      runnerUp: 1,
      height: 2,
      width: 2,
      patchSize: 1,
      stride: 1,
      numOcclusions: 3,
    });
    expectClose(explanation.evidenceFor, [2, -0.5, 0, 0]);
    expectClose(explanation.evidenceAgainst, [1, -0.5, -0.75, 0]);
    // exp(1.5), exp(0.25) and their share of exp(1.5) + exp(0.25) + exp(-1.75)
    expect(explanation.confidence).toBeCloseTo(0.75456, 5);
    expect(explanation.runnerUpConfidence).toBeCloseTo(0.21618, 5);
  });

  it('counts in calibrated probabilities', async () => {
    const classifier = await linearClassifier({ temperature: 2 });
    const { evidenceFor, evidenceAgainst } = await explain(classifier, IMAGE, { patchSize: 1, stride: 1 });
    expectClose(evidenceFor, [1, -0.25, 0, 0]);
    expectClose(evidenceAgainst, [0.5, -0.25, -0.375, 0]);
  });

  it('gives a pixel the mean over the squares that cover it', async () => {
    const { evidenceFor, numOcclusions } = await explain(await linearClassifier(), IMAGE, { patchSize: 2, stride: 1 });
    // Squares that cover the first pixel hide it alone (2), with its right (1.5), lower (2) and all neighbours (1.5).
    expectClose(evidenceFor, [1.75, 0.5, 0.875, 0.25]);
    // Of nine squares, the one over the black pixel alone hides nothing.
    expect(numOcclusions).toBe(8);
  });

  it('does not depend on what all logits have in common', async () => {
    const classifier = await linearClassifier({}, [7, 7, 7]);
    const { evidenceFor } = await explain(classifier, IMAGE, { patchSize: 1, stride: 1 });
    expectClose(evidenceFor, [2, -0.5, 0, 0]);
  });

  it('hides with the background that was asked for', async () => {
    const classifier = await linearClassifier();
    const { evidenceFor } = await explain(classifier, IMAGE, { patchSize: 1, stride: 1, background: 1 });
    // Each pixel is set to 1: (x - 1) times its row of the kernel.
    expectClose(evidenceFor, [0, 0.5, 0, -1]);
  });

  it('sums up to the fall of the odds between answer and runner-up', async () => {
    const architecture: Architecture = {
      inputShape: [7, 5, 1],
      layers: [
        { type: 'flatten', name: 'flatten' },
        { type: 'dense', name: 'logits', units: 4, useBias: true },
      ],
    };
    const model = createModel(architecture, initialWeights(architecture, 3));
    const classifier = await createClassifier(model, linearEngine);
    const size = architecture.inputShape.reduce((product, side) => product * side, 1);
    const image = Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) / 100);
    const patchSize = Math.min(architecture.inputShape[0], architecture.inputShape[1]);
    const { digit, runnerUp, evidenceFor, evidenceAgainst } = await explain(classifier, image, {
      patchSize,
      stride: patchSize,
    });
    // The first square covers the upper left pixel, and it alone does.
    const hidden = image.slice();
    const [, width, channels] = architecture.inputShape;
    for (let y = 0; y < patchSize; y++) hidden.fill(0, y * width * channels, (y * width + patchSize) * channels);
    const [before, after] = [await classifier.probabilities(image), await classifier.probabilities(hidden)];
    const odds = (row: Float64Array): number => Math.log(row[digit] / row[runnerUp]);
    expect(evidenceFor[0] + evidenceAgainst[0]).toBeCloseTo(odds(before) - odds(after), 5);
  });

  it('finds nothing in a blank image', async () => {
    const { evidenceFor, evidenceAgainst, numOcclusions } = await explain(
      await linearClassifier(),
      new Float32Array(4),
      { patchSize: 2 },
    );
    expect([...evidenceFor, ...evidenceAgainst]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(numOcclusions).toBe(0);
  });

  it('stays finite where a probability vanishes', async () => {
    const classifier = await linearClassifier({ temperature: 1e-4 });
    const { evidenceFor, evidenceAgainst } = await explain(classifier, IMAGE, { patchSize: 1, stride: 1 });
    expect([...evidenceFor, ...evidenceAgainst].every(Number.isFinite)).toBe(true);
  });

  it('asks the network once, whatever the number of squares', async () => {
    const classifier = await linearClassifier();
    const asked: number[] = [];
    const counting = {
      model: classifier.model,
      probabilities: (images: Float32Array) => {
        asked.push(images.length);
        return classifier.probabilities(images);
      },
    };
    await explain(counting, IMAGE, { patchSize: 1, stride: 1 });
    expect(asked).toEqual([16]);
  });

  it.each<[{ image?: Float32Array; options?: ExplainOptions }, string]>([
    [{ image: new Float32Array(3) }, 'explain: image must have [2, 2, 1] = 4 values, got 3'],
    [{ options: { patchSize: 3 } }, 'explain: patchSize must be a whole number from 1 to 2, got 3'],
    [{ options: { patchSize: 1.5 } }, 'explain: patchSize must be a whole number from 1 to 2, got 1.5'],
    [{ options: { patchSize: 2, stride: 3 } }, 'explain: stride must divide patchSize 2, got 3'],
    [{ options: { patchSize: 2, stride: 0 } }, 'explain: stride must divide patchSize 2, got 0'],
    [{ options: { patchSize: 2, background: NaN } }, 'explain: background must be in [0, 1], got NaN'],
  ])('refuses %j', async ({ image = IMAGE, options = {} }, message) => {
    await expect(explain(await linearClassifier(), image, options)).rejects.toThrow(message);
  });
});
