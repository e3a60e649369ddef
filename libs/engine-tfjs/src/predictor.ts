import {
  type Activation,
  type Architecture,
  checkImages,
  checkWeights,
  inferShapes,
  type Predictor,
  shapeSize,
  skipSource,
  validateArchitecture,
  type Weights,
} from '@digits/model';
import * as tf from '@tensorflow/tfjs-core';
import { type BackendName, runOnBackend } from './backend.ts';
import { CallQueue } from './call-queue.ts';
import { toLayersModel } from './layers-model.ts';
import { outputOf } from './network.ts';

/** Number of images that a network predicts at once: enough to keep it busy. */
const CHUNK_SIZE = 256;
/** Number of values of one layer's output for a chunk, if the network's images are large (2^24 float32 are 64 MiB). */
const CHUNK_VALUES = 2 ** 24;

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
      const outputs = new Map<string, tf.Tensor>();
      let values: tf.Tensor = tf.tensor4d(image.slice(), [1, ...inputShape]);
      for (const layer of architecture.layers) {
        const source = skipSource(layer);
        const inputs = source === null ? values : [values, outputOf(outputs, source)];
        values = model.getLayer(layer.name).apply(inputs) as tf.Tensor;
        outputs.set(layer.name, values);
      }
      return [...outputs.values()];
    });

  return {
    async predict(images) {
      const numImages = checkImages('predict', architecture, images);
      return calls.run('predict', () =>
        runInChunks(numImages, {
          backend,
          architecture,
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
  readonly architecture: Architecture;
  /** Returns float32 pixels in [0, 1] of the images from `first` up to `end`. */
  readonly pixels: (first: number, end: number) => Float32Array;
  /** Runs the network on `[n, h, w, c]`; called inside a tidy. */
  readonly run: (images: tf.Tensor4D) => tf.Tensor;
  /** Called before each chunk; throws to end the run. */
  readonly check: () => void;
}

/**
 * Predicts any number of images, a few hundred at a time, or fewer large ones.
 *
 * @param numImages 0 or more
 * @returns `[numImages, numClasses]` logits, or `[numImages, h, w, channels]` for pixels
 */
export async function runInChunks(numImages: number, settings: ChunkedRun): Promise<Float32Array> {
  const { backend, architecture, pixels, run, check } = settings;
  const { inputShape } = architecture;
  const sizes = [inputShape, ...inferShapes(architecture)].map(shapeSize);
  const outputSize = sizes[sizes.length - 1];
  const chunkSize = Math.max(1, Math.min(CHUNK_SIZE, Math.floor(CHUNK_VALUES / Math.max(...sizes))));
  const logits = new Float32Array(numImages * outputSize);
  for (let first = 0; first < numImages; first += chunkSize) {
    const end = Math.min(first + chunkSize, numImages);
    const output = await runOnBackend(backend, () => {
      check();
      return tf.tidy(() => run(tf.tensor4d(pixels(first, end), [end - first, ...inputShape])));
    });
    try {
      logits.set(await output.data<'float32'>(), first * outputSize);
    } finally {
      output.dispose();
    }
  }
  return logits;
}
