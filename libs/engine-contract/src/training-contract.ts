/// <reference types="jest" />
import { type AugmentationSettings, type DistortionName, DISTORTIONS, NO_AUGMENTATION } from '@digits/data';
import type { Architecture, Engine, OptimizerSettings, TrainingState } from '@digits/model';
import {
  expectClose,
  expectCloseStates,
  expectCloseTensors,
  expectSameReports,
  PASS_TOLERANCE,
  RUN_TOLERANCE,
  withSession,
  withSessions,
} from './agreement.ts';
import {
  planOf,
  randomDataset,
  randomTargets,
  randomTrainingImages,
  sessionSettings,
  smallNetwork,
  smallPixelNetwork,
} from './cases.ts';

/** Of gradients where each pixel may be one grey level off; other distortions than the reference's are off by about 1. */
const DISTORTED_TOLERANCE = 5e-2;

/** Distortions that leave a digit a digit. */
const MILD: Partial<AugmentationSettings> = {
  affine: { rotation: 20, scale: 0.2, shear: 0.2, translation: 2 },
  elastic: { displacement: 2, gridSize: 4 },
  strokeWidth: { radius: 0.8 },
  erasing: { probability: 0.7, size: 6 },
};

/** Whole runs: optimizers, averages, smaller batches, dropout. */
export function runsAgree(getEngine: () => Engine): void {
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

  it('agrees over 20 steps of a network that answers for pixels, averages and last, smaller batches included', async () => {
    const architecture = smallPixelNetwork();
    const dataset = randomTargets(architecture, 27, 24);
    const optimizer: OptimizerSettings = { type: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-7, weightDecay: 0.1 };
    const settings = sessionSettings(architecture, { optimizer, averageWeights: true });
    await withSessions(getEngine(), architecture, settings, dataset, async (actual, expected) => {
      for (let epoch = 0; epoch < 5; epoch++) {
        const plan = planOf([8, 8, 8, 3], dataset.count, { epoch, firstStep: epoch * 4, learningRate: 2e-3 });
        const [report, expectedReport] = [await actual.trainSteps(plan), await expected.trainSteps(plan)];
        expectClose('losses', report.losses, expectedReport.losses, RUN_TOLERANCE);
        // A logit that is almost 0 may have either sign.
        expectClose('numCorrect', report.numCorrect, expectedReport.numCorrect, RUN_TOLERANCE);
      }
      expectCloseStates(await actual.getState(), await expected.getState(), RUN_TOLERANCE);
      for (const which of ['current', 'averaged'] as const) {
        const logits = await actual.evaluate(dataset.images, which);
        expectClose(which, logits, await expected.evaluate(dataset.images, which), RUN_TOLERANCE);
      }
    });
  });

  it('stays finite for logits of any size', async () => {
    const [logits] = smallPixelNetwork().layers.slice(-1);
    const architecture: Architecture = { inputShape: [2, 3, 1], layers: [logits] };
    const initialWeights = sessionSettings(architecture).initialWeights.map((weight) => ({
      ...weight,
      values: weight.values.map((_, c) => [800, -900, -800][c]),
    }));
    const images = new Uint8Array(6); // so that the logits are the biases
    const targets = Uint8Array.from({ length: 18 }, (_, i) => [255, 255, 51][i % 3]);
    const dataset = { images, targets, count: 1, height: 2, width: 3, channels: 1, targetShape: [2, 3, 3] };
    const settings = sessionSettings(architecture, { initialWeights });
    const session = await getEngine().createTrainingSession(architecture, settings, dataset);
    try {
      const report = await session.trainSteps(planOf([1], 1, { learningRate: 0 }));
      // The losses are 0, 900 and, for a target of a fifth, 160; exp(800) is beyond float64.
      expectClose('losses', report.losses, [(900 + 160) / 3], PASS_TOLERANCE);
      expect([...report.numCorrect]).toEqual([12]);
      // sigmoid(x) - target is 0, -1 and -0.2 at each of 6 pixels.
      const bias = (await session.getState()).optimizer[1];
      expectClose(bias.name, bias.values, [0, -1 / 3, -0.2 / 3], PASS_TOLERANCE);
    } finally {
      await session.dispose();
    }
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

/** Augmentation, keyed as the reference keys it. */
export function distortionsAgree(getEngine: () => Engine, distortions: readonly DistortionName[]): void {
  const cases: readonly (readonly [string, Partial<AugmentationSettings>])[] = [
    ...distortions.filter((name) => name in MILD).map((name) => [name, { [name]: MILD[name] }] as const),
    ...distortions.map((name) => [`${name}, a quarter into its ranges`, quarterOf(name)] as const),
  ];
  it.each(cases)('distorts training images as data does: %s', async (_, distortion) => {
    const architecture = smallNetwork();
    const dataset = randomDataset(architecture, 16, 23);
    const augmentation = { ...NO_AUGMENTATION, ...distortion };
    const settings = sessionSettings(architecture, { augmentation, seed: 12 });
    await withSessions(getEngine(), architecture, settings, dataset, async (actual, expected) => {
      const plan = planOf([16], dataset.count, { epoch: 3 });
      await expectSameReports(actual, expected, plan, DISTORTED_TOLERANCE);
      const [state, expectedState] = [await actual.getState(), await expected.getState()];
      expectCloseTensors(state.optimizer, expectedState.optimizer, DISTORTED_TOLERANCE);
    });
  });
}

function quarterOf(name: DistortionName): Partial<AugmentationSettings> {
  const settings = Object.entries(DISTORTIONS[name].ranges).map(([setting, { min, max, integer = false }]) => {
    const value = min + (max - min) / 4;
    return [setting, integer ? Math.round(value) : value];
  });
  return { [name]: Object.fromEntries(settings) as unknown };
}

/** What a session remembers, gives and takes back. */
export function statesHold(getEngine: () => Engine, architecture: Architecture, reproducible: boolean): void {
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
      await session.evaluate(randomTrainingImages(architecture, 9, 33).images, 'current');
      await session.evaluate(randomTrainingImages(architecture, 9, 33).images, 'averaged');
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
