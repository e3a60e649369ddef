import type { Engine, StepPlan, TrainingSession } from '@digits/model';
import { NUM_CHECKED, type Task } from '../protocol.ts';
import type { Contestant, Workload } from './serve.ts';
import { predictionWorkload, readDataset, readWeights, sampleAt } from './workload.ts';

/** How long one call of `trainSteps` should last: many steps, so that the call itself costs nothing, yet within a slice. */
const CALL_SECONDS = 0.1;
const MAX_STEPS_A_CALL = 200;

/**
 * An implementation of the port as a contestant.
 *
 * @param version what it is, with its version
 * @param createEngine is called for each task, with its number of threads
 */
export function engineContestant(version: string, createEngine: (threads: number) => Promise<Engine>): Contestant {
  return {
    greeting: { version, variants: { train: [''], predict: [''] } },
    async prepare(task) {
      const engine = await createEngine(task.threads);
      return task.kind === 'train' ? trainingWorkload(engine, task) : enginePrediction(engine, task);
    },
  };
}

async function enginePrediction(engine: Engine, task: Task): Promise<Workload> {
  const predictor = await engine.createPredictor(task.architecture, readWeights(task));
  const predicting = {
    toInput: (images: Float32Array) => images,
    predict: (images: Float32Array) => predictor.predict(images),
    dispose: () => predictor.dispose(),
  };
  return predictionWorkload(task, predicting, predicting);
}

async function trainingWorkload(engine: Engine, task: Task): Promise<Workload> {
  const { batchSize, optimizer, labelSmoothing } = task;
  const dataset = readDataset(task);
  const session = await engine.createTrainingSession(
    task.architecture,
    {
      seed: 1,
      batchSize,
      optimizer,
      labelSmoothing,
      averageWeights: false,
      augmentation: null,
      initialWeights: readWeights(task),
    },
    dataset,
  );
  const steps = new Steps(session, task, dataset.count);
  const outcome = await steps.take(NUM_CHECKED);
  return {
    outcome: [...outcome],
    async run(seconds) {
      const start = performance.now();
      const before = steps.taken;
      for (;;) {
        await steps.takeFor(Math.min(CALL_SECONDS, seconds));
        const elapsed = (performance.now() - start) / 1000;
        if (elapsed >= seconds) return { amount: (steps.taken - before) * batchSize, seconds: elapsed };
      }
    },
    dispose: () => session.dispose(),
  };
}

/** Training steps one after the other, whole batches only, beginning again where the training set ends. */
class Steps {
  taken = 0;
  private position = 0;
  private secondsAStep = Infinity;
  private readonly session: TrainingSession;
  private readonly task: Task;
  private readonly numImages: number;

  constructor(session: TrainingSession, task: Task, numImages: number) {
    this.session = session;
    this.task = task;
    this.numImages = numImages;
  }

  /** As many steps as last about so long, judged by the call before. */
  async takeFor(seconds: number): Promise<void> {
    const numSteps = Math.min(MAX_STEPS_A_CALL, Math.max(1, Math.floor(seconds / this.secondsAStep)));
    await this.take(numSteps);
  }

  /** @returns the loss of each step */
  async take(numSteps: number): Promise<Float32Array> {
    const plan = this.nextPlan(numSteps);
    const start = performance.now();
    const { losses } = await this.session.trainSteps(plan);
    this.secondsAStep = (performance.now() - start) / 1000 / numSteps;
    this.taken += numSteps;
    return losses;
  }

  private nextPlan(numSteps: number): StepPlan {
    const { batchSize, learningRate } = this.task;
    const samples = new Uint32Array(numSteps * batchSize);
    for (let step = 0; step < numSteps; step++) {
      if (this.position + batchSize > this.numImages) this.position = 0;
      for (let i = 0; i < batchSize; i++) samples[step * batchSize + i] = sampleAt(this.position + i, this.numImages);
      this.position += batchSize;
    }
    return {
      epoch: 0,
      firstStep: this.taken,
      samples,
      batchSizes: new Uint32Array(numSteps).fill(batchSize),
      learningRates: new Float32Array(numSteps).fill(learningRate),
      averageDecays: new Float32Array(numSteps),
    };
  }
}
