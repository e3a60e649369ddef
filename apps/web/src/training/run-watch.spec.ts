import { presetConfig, type StepPlan, type TrainingSession } from '@digits/model';
import type { RunCurves } from './run-record.ts';
import { type RunSnapshot, watchRun } from './run-watch.ts';

const NUM_IMAGES = 1000;
const CONFIG = { ...presetConfig('fast'), epochs: 10, batchSize: 100 };
/** Images of the label 0 alone. */
const SET = {
  images: new Uint8Array(NUM_IMAGES * 784),
  labels: new Uint8Array(NUM_IMAGES),
  count: NUM_IMAGES,
  height: 28,
  width: 28,
  channels: 1,
  numClasses: 10,
};

/** A session that gives the same answer to every image. */
function sessionThatAnswers(digit: number): TrainingSession {
  const evaluate = (images: Uint8Array) =>
    Promise.resolve(new Float32Array((images.length / 784) * 10).map((_, i) => (i % 10 === digit ? 5 : 0)));
  return { evaluate } as unknown as TrainingSession;
}

const plan = (firstStep: number): StepPlan => ({
  epoch: 0,
  firstStep,
  samples: new Uint32Array(100),
  batchSizes: Uint32Array.of(100),
  learningRates: Float32Array.of(0.1),
  averageDecays: Float32Array.of(0),
});

describe('watchRun', () => {
  let snapshots: RunSnapshot[];
  let accuracyCurves: ReturnType<RunCurves['read']>['accuracy'][];
  let watch: ReturnType<typeof watchRun>;

  beforeEach(() => {
    jest.useFakeTimers();
    snapshots = [];
    accuracyCurves = [];
    const data = { train: SET, validation: SET } as unknown as Parameters<typeof watchRun>[1];
    watch = watchRun(CONFIG, data, {
      emit: (event) => {
        if (event.type === 'snapshot') snapshots.push(event.snapshot);
      },
      drawCurves: ({ accuracy }) => {
        accuracyCurves.push(accuracy);
        return { loss: '', accuracy: '' };
      },
    });
  });
  afterEach(() => jest.useRealTimers());

  /** Takes a step that gets so many of 100 training images right, two seconds after the last one. */
  async function step(index: number, digit: number, numCorrect: number): Promise<void> {
    jest.advanceTimersByTime(2000);
    const report = { losses: Float32Array.of(1 / (index + 1)), numCorrect: Uint32Array.of(numCorrect) };
    await watch.onSteps(sessionThatAnswers(digit), plan(index), report, 0.1);
  }

  it('counts the answers of the latest weights alone', async () => {
    await step(0, 1, 10);
    await step(1, 0, 90);
    expect(snapshots.map(({ answers: { numRight, numAnswered } }) => [numRight, numAnswered])).toEqual([
      [0, 500],
      [500, 500],
    ]);
  });

  it('gives the same figures as the curves, from the same moment', async () => {
    await step(0, 1, 10);
    await step(1, 0, 90);
    const latest = accuracyCurves.map((curves) =>
      curves.map(({ name, values }) => [name, values.findLast((value) => value !== null)]),
    );
    const told = snapshots.map(({ training, answers: { numRight, numAnswered } }) => [
      ['training', training.accuracy],
      ['validation', numRight / numAnswered],
    ]);
    expect(told).toEqual(latest);
    expect(told).toEqual([
      [
        ['training', 0.1],
        ['validation', 0],
      ],
      [
        ['training', 0.9],
        ['validation', 1],
      ],
    ]);
    expect(snapshots.map((snapshot) => snapshot.step)).toEqual([1, 2]);
  });

  it('forgets the answers in passing once all images are asked about', async () => {
    await step(0, 1, 10);
    const right = new Float32Array(600 * 10).map((_, i) => (i % 10 === 0 ? 5 : 0));
    watch.onLogits(SET.images.subarray(0, 600 * 784), right);
    watch.onLogits(SET.images.subarray(600 * 784), right.subarray(0, 4000));
    watch.onEpoch({ validationLoss: 0.1, validationAccuracy: 1 } as Parameters<typeof watch.onEpoch>[0]);
    expect(snapshots.at(-1)?.answers).toMatchObject({ numRight: 1000, numAnswered: 1000 });
  });
});
