import { type LabelledImages, selectImages } from '@digits/data';
import { parseCheckpoint, serialiseCheckpoint } from '../file/checkpoint-file.ts';
import type { Engine, TrainingSession } from '../network/engine.ts';
import { linearEngine } from '../network/linear-engine.fixture.ts';
import type { TrainingCheckpoint } from './checkpoint.ts';
import type { TrainingData } from './data.ts';
import { TrainingDivergedError, type TrainingProgress, type TrainingResult } from './result.ts';
import type { TrainingConfig } from './settings.ts';
import { train } from './train.ts';

/** 4x4 images whose class is the brightest quarter: easy to learn, with noise that is not. */
function quarters(count: number, seed: number): LabelledImages {
  const images = new Uint8Array(count * 16);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 4);
  let noise = seed;
  images.forEach((_, at) => {
    noise = (noise * 1103515245 + 12345) % 2 ** 31;
    const [y, x] = [Math.floor((at % 16) / 4), at % 4];
    const quarter = Math.floor(y / 2) * 2 + Math.floor(x / 2);
    images[at] = (noise % 120) + (quarter === labels[Math.floor(at / 16)] ? 100 : 0);
  });
  return { images, labels, count, height: 4, width: 4, channels: 1, numClasses: 4 };
}

const DATA: TrainingData = { train: quarters(43, 1), validation: quarters(20, 2) };

const CONFIG: TrainingConfig = {
  preset: null,
  architecture: {
    inputShape: [4, 4, 1],
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: 4, useBias: true },
    ],
  },
  seed: 5,
  epochs: 6,
  batchSize: 8,
  validationSize: 20,
  optimizer: { type: 'sgd', momentum: 0.9, nesterov: false },
  schedule: { type: 'oneCycle', learningRate: 0.3, warmupFraction: 0.25, initialDivisor: 10, finalDivisor: 100 },
  labelSmoothing: 0.05,
  averageDecay: 0.9,
  augmentation: null,
  handwriting: null,
  negatives: null,
  neighbours: null,
  sampling: 'shuffled',
  pages: null,
  earlyStopping: null,
  precision: 'float32',
};

const STEPS_PER_EPOCH = 6;

/** A result without its seconds, which no two runs share. */
function timeless(result: TrainingResult): unknown {
  return { ...result, history: result.history.map((summary) => ({ ...summary, seconds: 0 })) };
}

/** The linear engine, each session of which is passed through `change`. */
function engineWith(change: (session: TrainingSession) => TrainingSession): Engine {
  return {
    ...linearEngine,
    createTrainingSession: async (...args) => change(await linearEngine.createTrainingSession(...args)),
  };
}

/** An engine whose evaluation gets every image right with less and less confidence after `bestEpoch`. */
function engineWithBestEpoch(bestEpoch: number): Engine {
  let numEvaluations = 0;
  return engineWith((session) => ({
    ...session,
    evaluate: () => {
      const confidence = 3 - Math.abs(numEvaluations++ - bestEpoch) / 10;
      const logits = new Float32Array(DATA.validation.count * 4);
      DATA.validation.labels.forEach((label, i) => (logits[i * 4 + label] = confidence));
      return Promise.resolve(logits);
    },
  }));
}

describe('train', () => {
  it('learns, and reports each epoch', async () => {
    const epochs: number[] = [];
    const onEpoch = ({ epoch }: { epoch: number }): void => void epochs.push(epoch);
    const result = await train(CONFIG, DATA, linearEngine, { onEpoch });
    expect(result).toMatchObject({ stopped: 'completed', steps: 36 });
    expect(epochs).toEqual([1, 2, 3, 4, 5, 6]);
    expect(result.history.at(-1)?.validationAccuracy).toBeGreaterThan(0.8);
    expect(result.history.map(({ epoch }) => epoch)).toEqual(epochs);
    expect(result.history.at(-1)?.learningRate).toBe(Math.fround(0.003));
  });

  it('keeps the weights of the epoch with the lowest validation loss', async () => {
    const states: TrainingCheckpoint[] = [];
    const control = { onCheckpoint: (checkpoint: TrainingCheckpoint) => void states.push(checkpoint) };
    const result = await train(CONFIG, DATA, engineWithBestEpoch(2), control);
    expect(result.bestEpoch).toBe(3);
    expect(result.weights).toEqual(states[2].state.averagedWeights);
    expect(result.weights).not.toEqual(states[5].state.averagedWeights);
  });

  it('stops early when the loss has not fallen for as many epochs as its patience', async () => {
    const config = { ...CONFIG, earlyStopping: { patience: 2, minDelta: 0 } };
    const result = await train(config, DATA, engineWithBestEpoch(1));
    expect(result).toMatchObject({ stopped: 'earlyStopping', bestEpoch: 2, steps: 4 * STEPS_PER_EPOCH });
  });

  it('takes a loss that falls by less than minDelta for no improvement, yet keeps its weights', async () => {
    const config = { ...CONFIG, earlyStopping: { patience: 2, minDelta: 1 } };
    const result = await train(config, DATA, engineWithBestEpoch(5));
    expect(result).toMatchObject({ stopped: 'earlyStopping', bestEpoch: 3, steps: 3 * STEPS_PER_EPOCH });
  });

  it('tells of the loss of each step, whose mean over an epoch is the loss of that epoch', async () => {
    const sums = new Array<number>(CONFIG.epochs).fill(0);
    let numSteps = 0;
    const { history } = await train(CONFIG, DATA, linearEngine, {
      onSteps: (plan, { losses }) => {
        expect(plan.firstStep).toBe(numSteps);
        numSteps += losses.length;
        losses.forEach((loss, i) => (sums[plan.epoch] += loss * plan.batchSizes[i]));
      },
    });
    expect(numSteps).toBe(36);
    history.forEach(({ trainLoss }, i) => {
      expect(sums[i] / DATA.train.count).toBeCloseTo(trainLoss, 12);
    });
  });

  it('draws every class equally often with balanced sampling, in a run that is resumed too', async () => {
    const uneven = [...DATA.train.labels.keys()].filter((i) => DATA.train.labels[i] !== 3 || i < 12);
    const data = { ...DATA, train: selectImages(DATA.train, uneven) };
    const config: TrainingConfig = { ...CONFIG, sampling: 'balanced' };
    const numDrawn = [0, 0, 0, 0];
    const seen: { labels?: Uint8Array } = {};
    const engine: Engine = {
      ...linearEngine,
      createTrainingSession: (architecture, settings, images) => {
        seen.labels = 'labels' in images ? images.labels : new Uint8Array(0);
        return linearEngine.createTrainingSession(architecture, settings, images);
      },
    };
    const checkpoints: TrainingCheckpoint[] = [];
    const whole = await train(config, data, engine, {
      onSteps: ({ samples }) => {
        for (const sample of samples) numDrawn[seen.labels?.[sample] ?? 0]++;
      },
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    });
    // 36 images, of which 3 are of the last class, give 9 of each class in each of 6 epochs.
    expect(data.train.count).toBe(36);
    expect(numDrawn).toEqual([54, 54, 54, 54]);
    const resumed = await train(config, data, linearEngine, { resumeFrom: checkpoints[2] });
    expect(timeless(resumed)).toEqual(timeless(whole));
    const shuffled = await train(CONFIG, data, linearEngine);
    expect(shuffled.weights).not.toEqual(whole.weights);
  });

  it('gives the same result however steps are cut into plans', async () => {
    const [one, many] = await Promise.all(
      [1, 64].map((stepsPerPlan) => train(CONFIG, DATA, linearEngine, { stepsPerPlan })),
    );
    expect(timeless(one)).toEqual(timeless(many));
  });

  it('takes every image once an epoch, in another order each time, and a last batch of what is left', async () => {
    const plans: number[][] = [];
    const sizes: number[] = [];
    const spy = engineWith((session) => ({
      ...session,
      trainSteps: (plan) => {
        plans.push([...plan.samples]);
        sizes.push(...plan.batchSizes);
        return session.trainSteps(plan);
      },
    }));
    await train({ ...CONFIG, epochs: 2 }, DATA, spy, { stepsPerPlan: 64 });
    const everyImage = Array.from({ length: 43 }, (_, i) => i);
    expect(plans.map((plan) => [...plan].sort((a, b) => a - b))).toEqual([everyImage, everyImage]);
    expect(plans[0]).not.toEqual(plans[1]);
    expect(sizes).toEqual([8, 8, 8, 8, 8, 3, 8, 8, 8, 8, 8, 3]);
  });

  it('reports progress with means over the epoch so far', async () => {
    const reports: TrainingProgress[] = [];
    const onProgress = (progress: TrainingProgress): void => void reports.push(progress);
    const result = await train({ ...CONFIG, epochs: 2 }, DATA, linearEngine, { onProgress, stepsPerPlan: 4 });
    expect(reports.map(({ epoch, step }) => [epoch, step])).toEqual([[1, 4], [1, 6], [2, 10], [2, 12]]); // prettier-ignore
    expect(reports[0]).toMatchObject({ numEpochs: 2, totalSteps: 12, stepsPerEpoch: 6, numSamples: 43 });
    expect(reports.map(({ numSamplesDone }) => numSamplesDone)).toEqual([32, 43, 32, 43]);
    expect(reports.map(({ secondsLeft, imagesPerSecond }) => Math.round(secondsLeft * imagesPerSecond))).toEqual(
      [8, 6, 2, 0].map((stepsLeft) => stepsLeft * 8),
    );
    expect(reports[0].learningRate).toBeGreaterThan(reports[3].learningRate);
    expect(reports[3].loss).toBe(result.history[1].trainLoss);
    expect(reports[3].accuracy).toBe(result.history[1].trainAccuracy);
  });

  it('ends in the same bytes when resumed from any checkpoint', async () => {
    const whole = await train(CONFIG, DATA, linearEngine);
    for (const abortAtStep of [0, 1, 8, 12, 35]) {
      const abort = new AbortController();
      const files: Uint8Array[] = [];
      if (abortAtStep === 0) abort.abort();
      const first = await train(CONFIG, DATA, linearEngine, {
        signal: abort.signal,
        stepsPerPlan: 1,
        onProgress: ({ step }) => {
          if (step === abortAtStep) abort.abort();
        },
        onCheckpoint: (checkpoint) => void files.push(serialiseCheckpoint(checkpoint)),
      });
      expect(first).toMatchObject({ stopped: 'aborted', steps: abortAtStep });
      const resumeFrom = parseCheckpoint(files[files.length - 1]);
      const resumed = await train(CONFIG, DATA, linearEngine, { resumeFrom });
      expect(timeless(resumed)).toEqual(timeless(whole));
    }
  });

  it('goes on with more epochs: with a constant learning rate as if they had been asked for at first', async () => {
    const constant = { ...CONFIG, schedule: { type: 'constant', learningRate: 0.1 } } as const;
    const checkpoints: TrainingCheckpoint[] = [];
    await train({ ...constant, epochs: 3 }, DATA, linearEngine, {
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    });
    const extended = await train(constant, DATA, linearEngine, { resumeFrom: checkpoints[2] });
    expect(timeless(extended)).toEqual(timeless(await train(constant, DATA, linearEngine)));
  });

  it('follows the schedule of the new number of epochs from there on, and refuses fewer than are begun', async () => {
    const checkpoints: TrainingCheckpoint[] = [];
    await train({ ...CONFIG, epochs: 3 }, DATA, linearEngine, {
      stepsPerPlan: 2,
      checkpointSeconds: 1e-9,
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    });
    const last = checkpoints[checkpoints.length - 1];
    const { history } = await train(CONFIG, DATA, linearEngine, { resumeFrom: last });
    const whole = await train(CONFIG, DATA, linearEngine);
    const rates = (summaries: TrainingResult['history']) => summaries.map(({ learningRate }) => learningRate);
    expect(rates(history.slice(3))).toEqual(rates(whole.history.slice(3)));
    expect(history.slice(0, 3)).toEqual(last.history);

    const within = checkpoints[checkpoints.length - 2];
    expect(within.stepInEpoch).toBeGreaterThan(0);
    await expect(train({ ...CONFIG, epochs: 2 }, DATA, linearEngine, { resumeFrom: within })).rejects.toThrow(
      new RangeError(
        'train: epochs must be at least 3, which the checkpoint has begun, got 2; start a new run for fewer',
      ),
    );
  });

  it('gives the latest weights when aborted before the first epoch ends', async () => {
    const abort = new AbortController();
    const onProgress = (): void => {
      abort.abort();
    };
    const control = { signal: abort.signal, stepsPerPlan: 2, onProgress };
    const result = await train(CONFIG, DATA, linearEngine, control);
    expect(result).toMatchObject({ stopped: 'aborted', bestEpoch: null, steps: 2, history: [] });
    expect(result.weights).toHaveLength(2);
  });

  it('gives checkpoints within an epoch when they are due', async () => {
    const steps: number[] = [];
    await train({ ...CONFIG, epochs: 1 }, DATA, linearEngine, {
      stepsPerPlan: 2,
      checkpointSeconds: 1e-9,
      onCheckpoint: ({ epoch, stepInEpoch }) => void steps.push(epoch * STEPS_PER_EPOCH + stepInEpoch),
    });
    expect(steps).toEqual([2, 4, 6]);
  });

  it('starts from given weights', async () => {
    const { weights } = await train(CONFIG, DATA, linearEngine);
    const given: unknown[] = [];
    const spy: Engine = {
      ...linearEngine,
      createTrainingSession: (architecture, settings, dataset) => {
        given.push(settings.initialWeights);
        return linearEngine.createTrainingSession(architecture, settings, dataset);
      },
    };
    await train({ ...CONFIG, epochs: 1 }, DATA, spy, { initialWeights: weights });
    expect(given).toEqual([weights]);
  });

  it('stops with step, learning rate and advice when the loss is no number, and disposes of the session', async () => {
    let disposed = false;
    const broken = engineWith((session) => ({
      ...session,
      trainSteps: (plan) =>
        Promise.resolve({
          losses: Float32Array.from(plan.batchSizes, (_, i) => (plan.firstStep + i === 7 ? NaN : 1)),
          numCorrect: new Uint32Array(plan.batchSizes.length),
        }),
      dispose: () => {
        disposed = true;
        return session.dispose();
      },
    }));
    const config: TrainingConfig = { ...CONFIG, schedule: { type: 'constant', learningRate: 0.5 } };
    const message =
      'train: loss must be finite, got NaN in step 8 with learning rate 0.5; lower the learning rate or lengthen its warm-up';
    const failed = train(config, DATA, broken);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toBeInstanceOf(TrainingDivergedError);
    expect(disposed).toBe(true);
  });

  it('stops when the validation loss is no number, in the epoch’s last step', async () => {
    const broken = engineWith((session) => ({
      ...session,
      evaluate: () => Promise.resolve(new Float32Array(DATA.validation.count * 4).fill(NaN)),
    }));
    const config: TrainingConfig = { ...CONFIG, schedule: { type: 'constant', learningRate: 0.5 } };
    await expect(train(config, DATA, broken)).rejects.toMatchObject({
      name: 'TrainingDivergedError',
      message:
        'train: loss must be finite, got NaN in step 6 with learning rate 0.5; lower the learning rate or lengthen its warm-up',
      step: STEPS_PER_EPOCH,
      learningRate: 0.5,
    });
  });

  it('refuses a checkpoint of another run', async () => {
    const checkpoints: TrainingCheckpoint[] = [];
    const onCheckpoint = (checkpoint: TrainingCheckpoint): void => void checkpoints.push(checkpoint);
    await train({ ...CONFIG, epochs: 1 }, DATA, linearEngine, { onCheckpoint });
    const resumeFrom = checkpoints[0];
    await expect(train({ ...CONFIG, epochs: 1, seed: 6 }, DATA, linearEngine, { resumeFrom })).rejects.toThrow(
      'train: seed must be as in the checkpoint, 5, got 6; start a new run for other settings',
    );
    const others = { ...DATA, train: quarters(42, 1) };
    await expect(train(resumeFrom.config, others, linearEngine, { resumeFrom })).rejects.toThrow(
      /^train: labels or targets must be those of the checkpoint \(SHA-256 .*\); resume with the same data set and split$/,
    );
  });

  it('refuses data that do not fit', async () => {
    const wide = { ...DATA.validation, height: 2, width: 8 };
    await expect(train(CONFIG, { ...DATA, validation: wide }, linearEngine)).rejects.toThrow(
      'train: validation: images must be [4, 4, 1] for this architecture, got [2, 8, 1]',
    );
    await expect(train(CONFIG, { ...DATA, train: quarters(0, 1) }, linearEngine)).rejects.toThrow(
      'train: train images must be at least 1, got 0',
    );
    await expect(train({ ...CONFIG, epochs: 0 }, DATA, linearEngine)).rejects.toThrow(
      'validateTrainingConfig: config.epochs must be a whole number in [1, 100000], got 0',
    );
  });

  it.each([
    [{ stepsPerPlan: 0 }, 'train: stepsPerPlan must be a whole number of at least 1, got 0'],
    [{ stepsPerPlan: 2.5 }, 'train: stepsPerPlan must be a whole number of at least 1, got 2.5'],
    [{ checkpointSeconds: 0 }, 'train: checkpointSeconds must be above 0, got 0'],
    [{ checkpointSeconds: NaN }, 'train: checkpointSeconds must be above 0, got NaN'],
  ])('refuses the control %p', async (control, message) => {
    await expect(train(CONFIG, DATA, linearEngine, control)).rejects.toThrow(new RangeError(message));
  });
});
