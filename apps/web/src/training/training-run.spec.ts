import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import { decodeModel, hashWeights, prepareTrainingData, train, trainingConfigFor } from '@digits/model';
import type { Mnist } from './load-mnist.ts';
import type { RunCurves } from './run-record.ts';
import type { TrainingEvent } from './run-watch.ts';
import { createWheel, type Wheel } from './steering.ts';
import { runTraining, type PageRequest } from './training-run.ts';

jest.setTimeout(180_000);

const REQUEST = { preset: 'fast', settings: { seed: 3, epochs: 1 } } as const;
/** The charts' own tests look at them. */
const drawCurves = ({ loss, accuracy }: ReturnType<RunCurves['read']>) => ({
  loss: `${loss.length} curves`,
  accuracy: `${accuracy.length} curves`,
});
const engine = createSimdEngine({ threads: 1 });

async function loadSome(split: 'train' | 'test', count: number) {
  const all = await loadSplit('mnist', split);
  return { ...all, images: all.images.slice(0, count * 784), labels: all.labels.slice(0, count), count };
}

describe('runTraining', () => {
  let mnist: Mnist;
  let plain: Awaited<ReturnType<typeof run>>;

  beforeAll(async () => {
    // A twelfth, 466, is set aside for validation.
    mnist = { train: await loadSome('train', 5600), test: await loadSome('test', 200) };
    plain = await run();
  });

  async function run(
    request: PageRequest = REQUEST,
    steer: (wheel: Wheel, event: TrainingEvent, abort: AbortController) => void = () => {},
  ) {
    const events: TrainingEvent[] = [];
    const wheel = createWheel();
    const abort = new AbortController();
    const emit = (event: TrainingEvent) => {
      events.push(event);
      steer(wheel, event, abort);
    };
    const outcome = await runTraining(request, mnist, { engine, wheel, emit, drawCurves, signal: abort.signal });
    return { outcome, events };
  }

  it("ends with the engine's own weights, to the bit, when nobody steers", async () => {
    const config = trainingConfigFor(REQUEST, mnist.train);
    const { weights } = await train(config, prepareTrainingData(mnist.train, config), engine);
    const { outcome, events } = plain;
    expect(outcome.weightsSha256).toBe(hashWeights(weights));
    expect(outcome).toMatchObject({ isComparable: true, stopped: 'completed', bestEpoch: 1 });
    expect([...new Set(events.map(({ type }) => type))].sort()).toEqual(
      ['epoch', 'preparing', 'progress', 'snapshot', 'testing'].sort(),
    );
  });

  it('tells of every validation image after an epoch', () => {
    const { events } = plain;
    const answers = events.flatMap((event) => (event.type === 'snapshot' ? [event.snapshot.answers] : [])).at(-1);
    expect(answers).toMatchObject({ numAnswered: 466 });
    const summary = events.flatMap((event) => (event.type === 'epoch' ? [event.summary] : [])).at(-1);
    expect((answers?.numRight ?? 0) / 466).toBeCloseTo(summary?.validationAccuracy ?? 0, 10);
  });

  it('gives a model file with the figures of the test split', () => {
    const { outcome } = plain;
    const { metadata } = decodeModel(outcome.files);
    expect(metadata).toMatchObject({ preset: 'fast', seed: 3, weightsSha256: outcome.weightsSha256 });
    expect(metadata.testMetrics).toEqual(outcome.test);
    expect(outcome.test.count).toBe(200);
  });

  it('says that a run with a changed learning rate is not comparable', async () => {
    const steered = await run(REQUEST, (wheel, { type }) => {
      if (type === 'preparing') wheel.scaleLearningRate(0.3);
    });
    expect(steered.outcome.isComparable).toBe(false);
    expect(steered.outcome.weightsSha256).not.toBe(plain.outcome.weightsSha256);
  });

  it('is the same run when it was paused', async () => {
    const paused = await run(REQUEST, (wheel, { type }) => {
      if (type !== 'snapshot') return;
      wheel.pause();
      setTimeout(wheel.resume, 20);
    });
    expect(paused.outcome.weightsSha256).toBe(plain.outcome.weightsSha256);
    expect(paused.outcome.isComparable).toBe(true);
  });

  it('ends with the best weights so far when it is stopped', async () => {
    const { outcome } = await run({ ...REQUEST, settings: { seed: 3, epochs: 50 } }, (_, { type }, abort) => {
      if (type === 'epoch') abort.abort();
    });
    expect(outcome).toMatchObject({ stopped: 'aborted', bestEpoch: 1, isComparable: false });
  });
});
