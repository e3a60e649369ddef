/// <reference types="jest" />
import { DISTORTION_NAMES, type DistortionName, normaliseImages } from '@digits/data';
import { type Architecture, type Engine, inferShapes, outputKind } from '@digits/model';
import {
  expectClose,
  expectCloseTensors,
  expectSameReports,
  PASS_TOLERANCE,
  withPredictors,
  withSessions,
} from './agreement.ts';
import {
  type ContractCase,
  layerCases,
  pixelCases,
  planOf,
  randomTrainingImages,
  randomWeights,
  sessionSettings,
  smallNetwork,
  smallPixelNetwork,
} from './cases.ts';
import { engineRefusals } from './refusals-contract.ts';
import { distortionsAgree, runsAgree, statesHold } from './training-contract.ts';

/** What an engine may do differently. */
interface EngineContractOptions {
  /** Whether the same steps give the same bits, however they are cut into plans; default true. */
  readonly reproducible?: boolean;
  /** Distortions of training images that the engine knows; default: all. */
  readonly distortions?: readonly DistortionName[];
  /** Jest's limit for one test; default 60,000. */
  readonly timeoutMs?: number;
}

/**
 * Declares the Jest tests that every engine must pass: forward values, gradients, optimizers, averages and states agree
 * with a reference in double precision, and calls are answered or refused as the port says.
 *
 * @param createEngine called once, before the first test
 * @example
 * ```ts
 * engineContract(() => createSimdEngine({ threads: 2 }));
 * ```
 */
export function engineContract(
  createEngine: () => Engine | Promise<Engine>,
  { reproducible = true, distortions = DISTORTION_NAMES, timeoutMs = 60_000 }: EngineContractOptions = {},
): void {
  describe('engine contract', () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine();
    }, timeoutMs);
    const getEngine = (): Engine => engine;
    jest.setTimeout(timeoutMs);

    const cases = [...layerCases(), ...pixelCases()];
    describe.each(cases.map((layerCase) => [layerCase.title, layerCase] as const))('%s', (_, layerCase) => {
      layerAgrees(getEngine, layerCase);
    });
    describe('training', () => {
      runsAgree(getEngine);
      distortionsAgree(getEngine, distortions);
    });
    describe('state', () => {
      statesHold(getEngine, smallNetwork(0.2), reproducible);
    });
    describe('state for pixels', () => {
      statesHold(getEngine, smallPixelNetwork(), reproducible);
    });
    describe('predictor', () => {
      predictorAnswers(getEngine, smallNetwork(0.5));
    });
    describe('predictor for pixels', () => {
      predictorAnswers(getEngine, smallPixelNetwork());
    });
    describe('refusals', () => {
      engineRefusals(getEngine);
    });
  });
}

function layerAgrees(getEngine: () => Engine, { architecture, batchSize }: ContractCase): void {
  // With this seed no two values of a pooling window are closer than 1e-5, so rounding cannot choose another maximum.
  const dataset = randomTrainingImages(architecture, batchSize + 2, 7);

  it('gives the activations and logits of the reference', async () => {
    const weights = randomWeights(architecture, 5);
    const images = normaliseImages(randomTrainingImages(architecture, 3, 4).images);
    const image = images.slice(0, images.length / 3);
    await withPredictors(getEngine(), architecture, weights, async (actual, expected) => {
      expectClose('logits', await actual.predict(images), await expected.predict(images), PASS_TOLERANCE);
      const layers = await actual.activations(image);
      const expectedLayers = await expected.activations(image);
      expect(layers.map(({ layer, shape }) => ({ layer, shape }))).toEqual(
        expectedLayers.map(({ layer, shape }) => ({ layer, shape })),
      );
      layers.forEach(({ layer, values }, i) => {
        expectClose(layer, values, expectedLayers[i].values, PASS_TOLERANCE);
      });
    });
  });

  it('gives the loss, the gradients and the moving statistics of the reference', async () => {
    const labelSmoothing = outputKind(architecture) === 'classes' ? 0.1 : 0;
    const settings = sessionSettings(architecture, { batchSize, labelSmoothing });
    await withSessions(getEngine(), architecture, settings, dataset, async (actual, expected) => {
      const plan = planOf([batchSize], dataset.count, { epoch: 2 });
      await expectSameReports(actual, expected, plan, PASS_TOLERANCE);
      const [state, expectedState] = [await actual.getState(), await expected.getState()];
      expectCloseTensors(state.optimizer, expectedState.optimizer, PASS_TOLERANCE);
      expectCloseTensors(state.weights, expectedState.weights, PASS_TOLERANCE);
    });
  });
}

/** Answers to any number of images, one call or many at once. */
function predictorAnswers(getEngine: () => Engine, architecture: Architecture): void {
  const weights = randomWeights(architecture, 41);
  const images = normaliseImages(randomTrainingImages(architecture, 70, 42).images);
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
