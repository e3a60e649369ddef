/// <reference types="jest" />
import type {
  Architecture,
  Engine,
  NamedTensor,
  Predictor,
  SessionSettings,
  StepPlan,
  TrainingImages,
  TrainingSession,
  TrainingState,
} from '@digits/model';
import { randomTrainingImages } from './cases.ts';
import { referenceEngine } from './reference-engine.ts';

/** Allowed max|a - b| / max|b| for one pass through a network, and after 20 steps. */
export const PASS_TOLERANCE = 1e-4;
export const RUN_TOLERANCE = 1e-3;
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

/** Both take the plan; losses agree, numbers of right answers are equal. */
export async function expectSameReports(
  actual: TrainingSession,
  expected: TrainingSession,
  plan: StepPlan,
  tolerance: number,
): Promise<void> {
  const [report, expectedReport] = [await actual.trainSteps(plan), await expected.trainSteps(plan)];
  expectClose('losses', report.losses, expectedReport.losses, tolerance);
  expect(report.numCorrect).toEqual(expectedReport.numCorrect);
}

/** Weights, averages and optimizer memory agree. */
export function expectCloseStates(actual: TrainingState, expected: TrainingState, tolerance: number): void {
  expectCloseTensors(actual.weights, expected.weights, tolerance);
  expectCloseTensors(actual.averagedWeights ?? [], expected.averagedWeights ?? [], tolerance);
  expectCloseTensors(actual.optimizer, expected.optimizer, tolerance);
}

/** Names and shapes are equal, values agree. */
export function expectCloseTensors(
  actual: readonly NamedTensor[],
  expected: readonly NamedTensor[],
  tolerance: number,
): void {
  expect(actual.map(({ name, shape }) => ({ name, shape }))).toEqual(
    expected.map(({ name, shape }) => ({ name, shape })),
  );
  actual.forEach(({ name, values }, i) => {
    expectClose(name, values, expected[i].values, tolerance);
  });
}

/** Jest shows what differed as well as by how much. */
export function expectClose(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void {
  const difference = relativeDifference(actual, expected);
  if (difference <= tolerance) return;
  expect({ what, length: actual.length, difference }).toEqual({
    what,
    length: expected.length,
    difference: `at most ${tolerance}`,
  });
}

/** A session of 20 images, disposed of afterwards. */
export async function withSession(
  engine: Engine,
  architecture: Architecture,
  settings: SessionSettings,
  use: (session: TrainingSession) => Promise<void>,
): Promise<void> {
  const session = await engine.createTrainingSession(
    architecture,
    settings,
    randomTrainingImages(architecture, 20, 31),
  );
  try {
    await use(session);
  } finally {
    await session.dispose();
  }
}

/** A session of the engine and one of the reference, disposed of afterwards. */
export async function withSessions(
  engine: Engine,
  architecture: Architecture,
  settings: SessionSettings,
  dataset: TrainingImages,
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

/** A predictor of the engine and one of the reference, disposed of afterwards. */
export async function withPredictors(
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
