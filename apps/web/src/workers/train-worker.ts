import { lineChart } from '@digits/charts';
import { createSimdEngine } from '@digits/engine-simd';
import { expose } from 'comlink';
import { loadMnist, type Mnist } from '../training/load-mnist.ts';
import type { DrawCurves, TrainingEvent } from '../training/run-watch.ts';
import { createWheel, type Wheel } from '../training/steering.ts';
import { runTraining, type TrainingOutcome, type PageRequest } from '../training/training-run.ts';

let mnist: Promise<Mnist> | null = null;
let run: { readonly wheel: Wheel; readonly abort: AbortController } | null = null;

/** Trains, one run at a time. */
const calls = {
  /**
   * @param onEvent lives in the page; has been told everything before the outcome is returned
   * @throws Error where MNIST does not load, or the request is out of range
   */
  train: async (
    request: PageRequest,
    mnistUrl: string,
    onEvent: (event: TrainingEvent) => unknown,
  ): Promise<TrainingOutcome> => {
    const wheel = createWheel();
    const abort = new AbortController();
    run = { wheel, abort };
    let told: unknown;
    const emit = (event: TrainingEvent) => {
      told = onEvent(event);
    };
    try {
      mnist ??= loadMnist(mnistUrl, (loadedBytes, totalBytes) => {
        emit({ type: 'loading', loadedBytes, totalBytes });
      });
      const options = { engine: createSimdEngine(), wheel, emit, drawCurves, signal: abort.signal };
      return await runTraining(request, await mnist, options);
    } catch (error) {
      mnist = null;
      throw error;
    } finally {
      run = null;
      // Events have a channel of their own, which the outcome must not overtake.
      await told;
    }
  },
  pause: (): void => run?.wheel.pause(),
  resume: (): void => run?.wheel.resume(),
  /** Ends the run with the best weights so far. */
  stop: (): void => {
    run?.abort.abort();
    run?.wheel.resume();
  },
  /** Multiplies the learning rate of the schedule from now on. */
  scaleLearningRate: (factor: number): void => run?.wheel.scaleLearningRate(factor),
};

/** What the worker can be asked. */
export type TrainCalls = typeof calls;

const CHART = { width: 480, height: 280, xName: '% of the run' } as const;

const drawCurves: DrawCurves = ({ loss, accuracy }) => ({
  loss: lineChart({ ...CHART, title: 'Loss', series: loss }),
  accuracy: lineChart({ ...CHART, title: 'Accuracy', series: accuracy, format: 'percent' }),
});

expose(calls);
