import { normaliseImages } from '@digits/data';
import {
  type Architecture,
  checkImages,
  checkPlan,
  checkSession,
  checkState,
  type NamedTensor,
  optimizerSlotSpecs,
  type SessionSettings,
  shapeSize,
  type StepPlan,
  type StepReport,
  type TrainingImages,
  type TrainingSession,
  type TrainingState,
  weightSpecs,
} from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';
import { type BackendName, runOnBackend } from './backend.ts';
import { uploadAnswers } from './answers.ts';
import { createImageReader, dropoutMask, gatherImages, type ImageReader } from './batch.ts';
import { CallQueue } from './call-queue.ts';
import { createPlainLayers, type PlainLayers } from './layers-model.ts';
import { runNetwork, weightReader } from './network.ts';
import { runInChunks } from './predictor.ts';
import { takeStep, tidyObject, type TrainingTensors } from './training-step.ts';

/** Interval at which a plan yields to timers and messages (a cancel, a dispose), because steps are synchronous on most backends. */
const YIELD_INTERVAL_MS = 50;

/**
 * Opens a training session.
 *
 * @param backend an initialised backend
 * @throws RangeError if architecture, settings and dataset do not fit together
 */
export async function createTfjsTrainingSession(
  backend: BackendName,
  architecture: Architecture,
  settings: SessionSettings,
  dataset: TrainingImages,
): Promise<TrainingSession> {
  checkSession(architecture, settings, dataset);
  const readImage = createImageReader(dataset, settings.augmentation, settings.seed);
  const slots = optimizerSlotSpecs(architecture, settings.optimizer);
  const tensors = await runOnBackend(backend, () =>
    uploadState({
      weights: settings.initialWeights,
      averagedWeights: settings.averageWeights ? settings.initialWeights : null,
      optimizer: slots.map(({ name, shape }) => ({ name, shape, values: new Float32Array(shapeSize(shape)) })),
    }),
  );
  const plainLayers = await createPlainLayers(architecture);
  return new TfjsTrainingSession(backend, architecture, plainLayers, settings, dataset, readImage, tensors);
}

class TfjsTrainingSession implements TrainingSession {
  readonly #backend: BackendName;
  readonly #architecture: Architecture;
  readonly #plainLayers: PlainLayers;
  readonly #settings: SessionSettings;
  readonly #dataset: TrainingImages;
  readonly #readImage: ImageReader;
  readonly #calls = new CallQueue('session');
  #tensors: TrainingTensors;

  constructor(
    backend: BackendName,
    architecture: Architecture,
    plainLayers: PlainLayers,
    settings: SessionSettings,
    dataset: TrainingImages,
    readImage: ImageReader,
    tensors: TrainingTensors,
  ) {
    this.#backend = backend;
    this.#architecture = architecture;
    this.#plainLayers = plainLayers;
    this.#settings = settings;
    this.#dataset = dataset;
    this.#readImage = readImage;
    this.#tensors = tensors;
  }

  async trainSteps(plan: StepPlan): Promise<StepReport> {
    checkPlan(plan, this.#settings, this.#dataset.count);
    return this.#calls.run('trainSteps', () => this.#runPlan(plan));
  }

  async evaluate(images: Uint8Array, which: 'current' | 'averaged'): Promise<Float32Array> {
    const numImages = checkImages('evaluate', this.#architecture, images);
    if (which === 'averaged' && !this.#settings.averageWeights) {
      throw new RangeError(
        'evaluate: which must be "current" in a session without averaged weights, got "averaged"; set averageWeights',
      );
    }
    return this.#calls.run('evaluate', () => this.#predict(images, numImages, which));
  }

  getState(): Promise<TrainingState> {
    return this.#calls.run('getState', async () => {
      const { weights, averagedWeights, optimizer } = this.#tensors;
      const specs = weightSpecs(this.#architecture);
      return {
        weights: await downloadTensors(specs, weights),
        averagedWeights: averagedWeights && (await downloadTensors(specs, averagedWeights)),
        optimizer: await downloadTensors(optimizerSlotSpecs(this.#architecture, this.#settings.optimizer), optimizer),
      };
    });
  }

  async setState(state: TrainingState): Promise<void> {
    checkState(this.#architecture, this.#settings, state);
    return this.#calls.run('setState', async () => {
      this.#replaceTensors(await runOnBackend(this.#backend, () => uploadState(state)));
    });
  }

  dispose(): Promise<void> {
    return this.#calls.close(() => {
      disposeTensors(this.#tensors);
    });
  }

  async #runPlan(plan: StepPlan): Promise<StepReport> {
    const numSteps = plan.batchSizes.length;
    const report = { losses: new Float32Array(numSteps), numCorrect: new Uint32Array(numSteps) };
    const figures: tf.Tensor[] = [];
    try {
      let first = 0;
      let lastYield = performance.now();
      for (let step = 0; step < numSteps; step++) {
        const samples = plan.samples.subarray(first, (first += plan.batchSizes[step]));
        figures.push(await this.#takeStep(plan, step, samples));
        if (performance.now() - lastYield > YIELD_INTERVAL_MS) {
          await new Promise((resolve) => setTimeout(resolve, 0));
          lastYield = performance.now();
        }
      }
      for (let step = 0; step < numSteps; step++) {
        const [loss, ...numCorrect] = await figures[step].data<'float32'>();
        report.losses[step] = loss;
        report.numCorrect[step] = numCorrect.reduce((sum, count) => sum + count, 0);
      }
      return report;
    } finally {
      tf.dispose(figures);
    }
  }

  #takeStep(plan: StepPlan, step: number, samples: Uint32Array): Promise<tf.Tensor> {
    return runOnBackend(this.#backend, () => {
      this.#calls.requireOpen('trainSteps');
      const { tensors, figures } = tidyObject(() =>
        takeStep({
          architecture: this.#architecture,
          plainLayers: this.#plainLayers,
          settings: this.#settings,
          specs: weightSpecs(this.#architecture),
          tensors: this.#tensors,
          batch: this.#uploadBatch(samples, plan.epoch),
          learningRate: plan.learningRates[step],
          averageDecay: plan.averageDecays[step],
          step: plan.firstStep + step + 1,
        }),
      );
      this.#replaceTensors(tensors);
      return figures;
    });
  }

  #uploadBatch(samples: Uint32Array, epoch: number) {
    const { seed } = this.#settings;
    const { inputShape } = this.#architecture;
    const images = gatherImages(this.#readImage, samples, shapeSize(inputShape), epoch);
    return {
      images: tf.tensor4d(images, [samples.length, ...inputShape]),
      answers: uploadAnswers(this.#dataset, samples, this.#settings),
      dropoutMask: (layerIndex: number, rate: number, shape: readonly number[]) =>
        tf.tensor(dropoutMask({ seed, epoch, layerIndex, rate }, samples, shapeSize(shape)), [
          samples.length,
          ...shape,
        ]),
    };
  }

  #predict(images: Uint8Array, numImages: number, which: 'current' | 'averaged'): Promise<Float32Array> {
    const size = shapeSize(this.#architecture.inputShape);
    const { weights, averagedWeights } = this.#tensors;
    const used = which === 'averaged' && averagedWeights !== null ? averagedWeights : weights;
    const weight = weightReader(weightSpecs(this.#architecture), used);
    return runInChunks(numImages, {
      backend: this.#backend,
      architecture: this.#architecture,
      pixels: (first, end) => normaliseImages(images.subarray(first * size, end * size)),
      run: (batch) => runNetwork(this.#architecture, this.#plainLayers, weight, batch, null),
      check: () => {
        this.#calls.requireOpen('evaluate');
      },
    });
  }

  #replaceTensors(tensors: TrainingTensors): void {
    disposeTensors(this.#tensors);
    this.#tensors = tensors;
  }
}

function uploadState(state: TrainingState): TrainingTensors {
  return {
    weights: uploadTensors(state.weights),
    averagedWeights: state.averagedWeights && uploadTensors(state.averagedWeights),
    optimizer: uploadTensors(state.optimizer),
  };
}

function disposeTensors({ weights, averagedWeights, optimizer }: TrainingTensors): void {
  tf.dispose([weights, averagedWeights ?? [], optimizer]);
}

/**
 * Uploads named tensors.
 *
 * @returns one tensor per value, in the same order, outside of any tidy; the caller disposes them
 */
function uploadTensors(named: readonly NamedTensor[]): tf.Tensor[] {
  // Copied, because the cpu backend computes on the array that it gets.
  return named.map(({ values, shape }) => tf.keep(tf.tensor(values.slice(), [...shape], 'float32')));
}

/**
 * Downloads tensors under their names.
 *
 * @param specs as many as `tensors`, in the same order
 * @returns copies, which later steps do not change
 */
function downloadTensors(
  specs: readonly Pick<NamedTensor, 'name' | 'shape'>[],
  tensors: readonly tf.Tensor[],
): Promise<NamedTensor[]> {
  return Promise.all(
    specs.map(async ({ name, shape }, i) => {
      const values = await tensors[i].data<'float32'>();
      return { name, shape: [...shape], values: values.slice() };
    }),
  );
}
