/// <reference types="jest" />
import { DISTORTION_NAMES, type DistortionName, normaliseImages } from '@digits/data';
import type { Engine } from '../engine.ts';
import {
  expectClose,
  expectCloseTensors,
  expectSameReports,
  PASS_TOLERANCE,
  withPredictors,
  withSessions,
} from './agreement.ts';
import type { ContractCase } from './case-networks.ts';
import { layerCases, planOf, randomDataset, randomWeights, sessionSettings } from './contract-cases.ts';
import { predictorAnswers } from './contract-predictor.ts';
import { distortionsAgree, runsAgree, statesHold } from './contract-training.ts';
import { engineRefusals } from './engine-refusals.ts';

/** What an engine may do differently. */
export interface EngineContractOptions {
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

    describe.each(layerCases().map((layerCase) => [layerCase.title, layerCase] as const))('%s', (_, layerCase) => {
      layerAgrees(getEngine, layerCase);
    });
    describe('training', () => {
      runsAgree(getEngine);
      distortionsAgree(getEngine, distortions);
    });
    describe('state', () => {
      statesHold(getEngine, reproducible);
    });
    describe('predictor', () => {
      predictorAnswers(getEngine);
    });
    describe('refusals', () => {
      engineRefusals(getEngine);
    });
  });
}

function layerAgrees(getEngine: () => Engine, { architecture, batchSize }: ContractCase): void {
  // With this seed no two values of a pooling window are closer than 1e-5, so rounding cannot choose another maximum.
  const dataset = randomDataset(architecture, batchSize + 2, 7);

  it('gives the activations and logits of the reference', async () => {
    const weights = randomWeights(architecture, 5);
    const images = normaliseImages(randomDataset(architecture, 3, 4).images);
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
    const settings = sessionSettings(architecture, { batchSize, labelSmoothing: 0.1 });
    await withSessions(getEngine(), architecture, settings, dataset, async (actual, expected) => {
      const plan = planOf([batchSize], dataset.count, { epoch: 2 });
      await expectSameReports(actual, expected, plan, PASS_TOLERANCE);
      const [state, expectedState] = [await actual.getState(), await expected.getState()];
      expectCloseTensors(state.optimizer, expectedState.optimizer, PASS_TOLERANCE);
      expectCloseTensors(state.weights, expectedState.weights, PASS_TOLERANCE);
    });
  });
}
