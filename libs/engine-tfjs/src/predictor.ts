import {
  type Activation,
  type Architecture,
  checkImages,
  checkWeights,
  inferShapes,
  numClassesOf,
  type Predictor,
  validateArchitecture,
  type Weights,
} from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';
import { type BackendName, runOnBackend } from './backend.ts';
import { CallQueue } from './call-queue.ts';
import { toLayersModel } from './layers-model.ts';

/** Number of images that a network predicts at once: enough to keep it busy, few enough to fit in memory. */
const CHUNK_SIZE = 256;

/**
 * Creates a predictor that runs a network as a `tf.LayersModel`.
 *
 * @param backend an initialised backend
 * @throws RangeError if the architecture is invalid or the weights do not match it
 */
export async function createTfjsPredictor(
  backend: BackendName,
  architecture: Architecture,
  weights: Weights,
): Promise<Predictor> {
  validateArchitecture(architecture);
  checkWeights('createPredictor', architecture, weights);
  const model = await runOnBackend(backend, () => toLayersModel(architecture, weights));
  const calls = new CallQueue('predictor');
  const { inputShape } = architecture;
  const shapes = inferShapes(architecture);
  const size = inputShape[0] * inputShape[1] * inputShape[2];

  const runLayers = (image: Float32Array): tf.Tensor[] =>
    tf.tidy(() => {
      let values: tf.Tensor = tf.tensor4d(image.slice(), [1, ...inputShape]);
      return architecture.layers.map(({ name }) => (values = model.getLayer(name).apply(values) as tf.Tensor));
    });

  return {
    async predict(images) {
      const numImages = checkImages('predict', architecture, images);
      return calls.run('predict', () =>
        runInChunks(numImages, {
          backend,
          inputShape,
          numClasses: numClassesOf(architecture),
          pixels: (first, end) => images.slice(first * size, end * size),
          run: (batch) => model.predictOnBatch(batch) as tf.Tensor,
          check: () => {
            calls.requireOpen('predict');
          },
        }),
      );
    },
    async activations(image) {
      checkImages('activations', architecture, image, 1);
      return calls.run('activations', async () => {
        const outputs = await runOnBackend(backend, () => runLayers(image));
        try {
          return await readActivations(architecture, shapes, outputs);
        } finally {
          tf.dispose(outputs);
        }
      });
    },
    dispose: () =>
      calls.close(() => {
        model.dispose();
      }),
  };
}

function readActivations(
  architecture: Architecture,
  shapes: readonly (readonly number[])[],
  outputs: readonly tf.Tensor[],
): Promise<Activation[]> {
  return Promise.all(
    architecture.layers.map(async ({ name }, i) => {
      const values = await outputs[i].data<'float32'>();
      return { layer: name, shape: [...shapes[i]], values: values.slice() };
    }),
  );
}

/** Settings of {@link runInChunks}. */
export interface ChunkedRun {
  readonly backend: BackendName;
  /** `[height, width, channels]` of one image. */
  readonly inputShape: readonly [number, number, number];
  readonly numClasses: number;
  /** Returns float32 pixels in [0, 1] of the images from `first` up to `end`. */
  readonly pixels: (first: number, end: number) => Float32Array;
  /** Runs the network on `[n, h, w, c]`; called inside a tidy. */
  readonly run: (images: tf.Tensor4D) => tf.Tensor;
  /** Called before each chunk; throws to end the run. */
  readonly check: () => void;
}

/**
 * Predicts any number of images, a few hundred at a time.
 *
 * @param numImages 0 or more
 * @returns `[numImages, numClasses]` logits
 */
export async function runInChunks(numImages: number, settings: ChunkedRun): Promise<Float32Array> {
  const { backend, inputShape, numClasses, pixels, run, check } = settings;
  const logits = new Float32Array(numImages * numClasses);
  for (let first = 0; first < numImages; first += CHUNK_SIZE) {
    const end = Math.min(first + CHUNK_SIZE, numImages);
    const output = await runOnBackend(backend, () => {
      check();
      return tf.tidy(() => run(tf.tensor4d(pixels(first, end), [end - first, ...inputShape])));
    });
    try {
      logits.set(await output.data<'float32'>(), first * numClasses);
    } finally {
      output.dispose();
    }
  }
  return logits;
}
