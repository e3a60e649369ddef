/// <reference types="jest" />
import { type AugmentationSettings, normaliseImages } from '@digits/data';
import type { Architecture } from '../architecture.ts';
import type { Engine, Predictor, SessionSettings, StepPlan, TrainingSession, TrainingState } from '../engine.ts';
import { inferShapes } from '../shape-inference.ts';
import type { OptimizerSettings } from '../settings.ts';
import type { NamedTensor } from '../weights.ts';
import {
  type ContractCase,
  layerCases,
  planOf,
  randomDataset,
  randomWeights,
  sessionSettings,
  smallNetwork,
} from './contract-cases.ts';
import { engineRefusals } from './engine-refusals.ts';
import { referenceEngine } from './reference-engine.ts';

/** What an engine may do differently. */
export interface EngineContractOptions {
  /** Whether the same steps give the same bits, however they are cut into plans; default true. */
  readonly reproducible?: boolean;
  /** Distortions of training images that the engine knows; default: affine ones only. */
  readonly distortions?: readonly (keyof AugmentationSettings)[];
  /** Jest's limit for one test; default 60,000. */
  readonly timeoutMs?: number;
}

/** Allowed max|a - b| / max|b| for one pass through a network, and after 20 steps. */
const PASS_TOLERANCE = 1e-4;
const RUN_TOLERANCE = 1e-3;
/** Of gradients where each pixel may be one grey level off; other distortions than the reference's are off by about 1. */
const DISTORTED_TOLERANCE = 5e-2;

const DISTORTIONS: AugmentationSettings = {
  affine: { rotation: 20, scale: 0.2, shear: 0.2, translation: 2 },
  elastic: { displacement: 2, gridSize: 4 },
  strokeWidth: { radius: 0.8 },
  erasing: { probability: 0.7, size: 6 },
};

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
  { reproducible = true, distortions = ['affine'], timeoutMs = 60_000 }: EngineContractOptions = {},
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

/** max|a - b| / max|b|; max|a| where b is all zeros; infinite for a NaN. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < actual.length; i++) {
    const gap = Math.abs(actual[i] - expected[i]);
    if (Number.isNaN(gap)) return Infinity;
    difference = Math.max(difference, gap);
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return scale === 0 ? difference : difference / scale;
}

function layerAgrees(getEngine: () => Engine, { architecture, batchSize }: ContractCase): void {
  const dataset = randomDataset(architecture, batchSize + 2, 3);

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

function runsAgree(getEngine: () => Engine): void {
  const optimizers: readonly (readonly [string, OptimizerSettings, number])[] = [
    ['sgd', { type: 'sgd', momentum: 0, nesterov: false }, 0.05],
    ['sgd with momentum', { type: 'sgd', momentum: 0.9, nesterov: false }, 0.02],
    ['sgd with Nesterov momentum', { type: 'sgd', momentum: 0.9, nesterov: true }, 0.02],
    ['adam', { type: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, 2e-3],
    ['adamw', { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.5 }, 2e-3],
  ];
  it.each(optimizers)(
    'agrees over 20 steps of %s, averages and last, smaller batches included',
    async (_, optimizer, learningRate) => {
      const architecture = smallNetwork();
      const dataset = randomDataset(architecture, 45, 21);
      const settings = sessionSettings(architecture, { optimizer, averageWeights: true, labelSmoothing: 0.05 });
      await withSessions(getEngine(), architecture, settings, dataset, async (actual, expected) => {
        for (let epoch = 0; epoch < 4; epoch++) {
          const plan = planOf([10, 10, 10, 10, 5], dataset.count, { epoch, firstStep: epoch * 5, learningRate });
          await expectSameReports(actual, expected, plan, RUN_TOLERANCE);
        }
        const [state, expectedState] = [await actual.getState(), await expected.getState()];
        expectCloseStates(state, expectedState, RUN_TOLERANCE);
        for (const which of ['current', 'averaged'] as const) {
          const logits = await actual.evaluate(dataset.images, which);
          expectClose(which, logits, await expected.evaluate(dataset.images, which), RUN_TOLERANCE);
        }
      });
    },
  );

  it('draws dropout masks anew for each epoch and sample, as the reference does', async () => {
    const architecture = smallNetwork(0.3);
    const dataset = randomDataset(architecture, 30, 22);
    const settings = sessionSettings(architecture, { seed: 2 ** 40 + 3 });
    await withSessions(getEngine(), architecture, settings, dataset, async (actual, expected) => {
      for (const epoch of [0, 1, 17]) {
        const plan = planOf([7, 6], dataset.count, { epoch, firstStep: epoch, learningRate: 0.01 });
        await expectSameReports(actual, expected, plan, RUN_TOLERANCE);
      }
      expectCloseStates(await actual.getState(), await expected.getState(), RUN_TOLERANCE);
    });
  });

  it('takes no step for an empty plan', async () => {
    const architecture = smallNetwork();
    await withSession(getEngine(), architecture, sessionSettings(architecture), async (session) => {
      const before = await session.getState();
      const report = await session.trainSteps(planOf([], 20));
      expect([report.losses.length, report.numCorrect.length]).toEqual([0, 0]);
      expect(await session.getState()).toEqual(before);
    });
  });
}

function distortionsAgree(getEngine: () => Engine, distortions: readonly (keyof AugmentationSettings)[]): void {
  const none: AugmentationSettings = { affine: null, elastic: null, strokeWidth: null, erasing: null };
  it.each(distortions)('distorts training images as data does: %s', async (distortion) => {
    const architecture = smallNetwork();
    const dataset = randomDataset(architecture, 16, 23);
    const augmentation = { ...none, [distortion]: DISTORTIONS[distortion] };
    const settings = sessionSettings(architecture, { augmentation, seed: 12 });
    await withSessions(getEngine(), architecture, settings, dataset, async (actual, expected) => {
      const plan = planOf([16], dataset.count, { epoch: 3 });
      await expectSameReports(actual, expected, plan, DISTORTED_TOLERANCE);
      const [state, expectedState] = [await actual.getState(), await expected.getState()];
      expectCloseTensors(state.optimizer, expectedState.optimizer, DISTORTED_TOLERANCE);
    });
  });
}

function statesHold(getEngine: () => Engine, reproducible: boolean): void {
  const architecture = smallNetwork(0.2);
  const optimizer: OptimizerSettings = { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.05 };
  const settings = sessionSettings(architecture, { optimizer, averageWeights: true });
  const expectSame = (actual: TrainingState, expected: TrainingState): void => {
    if (reproducible) expect(actual).toEqual(expected);
    else expectCloseStates(actual, expected, PASS_TOLERANCE);
  };
  const first = planOf([8, 8, 8], 20, { learningRate: 2e-3 });
  const second = planOf([8, 8, 5], 20, { epoch: 1, firstStep: 3, learningRate: 2e-3 });

  it('starts with the initial weights, the same as average, and an optimizer memory of zeros', async () => {
    await withSession(getEngine(), architecture, settings, async (session) => {
      const state = await session.getState();
      expect(state.weights).toEqual(settings.initialWeights);
      expect(state.averagedWeights).toEqual(settings.initialWeights);
      expect(state.optimizer.every(({ values }) => values.every((value) => value === 0))).toBe(true);
    });
  });

  it('gives null for the average where none is kept', async () => {
    await withSession(getEngine(), architecture, { ...settings, averageWeights: false }, async (session) => {
      expect((await session.getState()).averagedWeights).toBeNull();
    });
  });

  it('goes on from a state as if it had never been away', async () => {
    await withSession(getEngine(), architecture, settings, async (session) => {
      await session.trainSteps(first);
      const state = await session.getState();
      await session.trainSteps(second);
      await withSession(getEngine(), architecture, settings, async (resumed) => {
        await resumed.setState(state);
        expect(await resumed.getState()).toEqual(state);
        await resumed.trainSteps(second);
        expectSame(await resumed.getState(), await session.getState());
      });
    });
  });

  it('gives the same weights however the steps are cut into plans', async () => {
    await withSession(getEngine(), architecture, settings, async (whole) => {
      await whole.trainSteps(first);
      await withSession(getEngine(), architecture, settings, async (cut) => {
        let start = 0;
        for (let i = 0; i < first.batchSizes.length; i++) {
          const size = first.batchSizes[i];
          await cut.trainSteps({
            ...first,
            firstStep: first.firstStep + i,
            samples: first.samples.slice(start, (start += size)),
            batchSizes: first.batchSizes.slice(i, i + 1),
            learningRates: first.learningRates.slice(i, i + 1),
            averageDecays: first.averageDecays.slice(i, i + 1),
          });
        }
        expectSame(await cut.getState(), await whole.getState());
      });
    });
  });

  it('is not changed by evaluating, nor by what is done to a state that it gave', async () => {
    await withSession(getEngine(), architecture, settings, async (session) => {
      await session.trainSteps(first);
      const before = await session.getState();
      await session.evaluate(randomDataset(architecture, 9, 33).images, 'current');
      await session.evaluate(randomDataset(architecture, 9, 33).images, 'averaged');
      const state = await session.getState();
      expect(state).toEqual(before);
      state.weights.forEach(({ values }) => values.fill(0));
      expect(await session.getState()).toEqual(before);
    });
  });

  it('evaluates no images as no logits', async () => {
    await withSession(getEngine(), architecture, settings, async (session) => {
      expect(await session.evaluate(new Uint8Array(0), 'current')).toEqual(new Float32Array(0));
    });
  });
}

function predictorAnswers(getEngine: () => Engine): void {
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

async function expectSameReports(
  actual: TrainingSession,
  expected: TrainingSession,
  plan: StepPlan,
  tolerance: number,
): Promise<void> {
  const [report, expectedReport] = [await actual.trainSteps(plan), await expected.trainSteps(plan)];
  expectClose('losses', report.losses, expectedReport.losses, tolerance);
  expect(report.numCorrect).toEqual(expectedReport.numCorrect);
}

function expectCloseStates(actual: TrainingState, expected: TrainingState, tolerance: number): void {
  expectCloseTensors(actual.weights, expected.weights, tolerance);
  expectCloseTensors(actual.averagedWeights ?? [], expected.averagedWeights ?? [], tolerance);
  expectCloseTensors(actual.optimizer, expected.optimizer, tolerance);
}

function expectCloseTensors(actual: readonly NamedTensor[], expected: readonly NamedTensor[], tolerance: number): void {
  expect(actual.map(({ name, shape }) => ({ name, shape }))).toEqual(
    expected.map(({ name, shape }) => ({ name, shape })),
  );
  actual.forEach(({ name, values }, i) => {
    expectClose(name, values, expected[i].values, tolerance);
  });
}

/** Jest shows what differed as well as by how much. */
function expectClose(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const difference = relativeDifference(actual, expected);
  if (difference <= tolerance) return;
  expect({ what, length: actual.length, difference }).toEqual({
    what,
    length: expected.length,
    difference: `at most ${tolerance}`,
  });
}

async function withSession(
  engine: Engine,
  architecture: Architecture,
  settings: SessionSettings,
  use: (session: TrainingSession) => Promise<void>,
): Promise<void> {
  const session = await engine.createTrainingSession(architecture, settings, randomDataset(architecture, 20, 31));
  try {
    await use(session);
  } finally {
    await session.dispose();
  }
}

async function withSessions(
  engine: Engine,
  architecture: Architecture,
  settings: SessionSettings,
  dataset: ReturnType<typeof randomDataset>,
  use: (actual: TrainingSession, expected: TrainingSession) => Promise<void>,
): Promise<void> {
  const expected = await referenceEngine.createTrainingSession(architecture, settings, dataset);
  const session = await engine.createTrainingSession(architecture, settings, dataset);
  try {
    await use(session, expected);
  } finally {
    await session.dispose();
  }
}

async function withPredictors(
  engine: Engine,
  architecture: Architecture,
  weights: readonly NamedTensor[],
  use: (actual: Predictor, expected: Predictor) => Promise<void>,
): Promise<void> {
  const predictor = await engine.createPredictor(architecture, weights);
  try {
    await use(predictor, await referenceEngine.createPredictor(architecture, weights));
  } finally {
    await predictor.dispose();
  }
}
