import type { Engine } from './network/engine.ts';
import type { NamedTensor } from './network/weights.ts';

/**
 * An engine for specs of models with a single dense layer, which predicts and does not train. Specs that train are beside the
 * reference engine in `@digits/engine-contract`, which depends on this lib.
 */
export const denseEngine: Engine = {
  name: 'reference',
  createTrainingSession: () => Promise.reject(new Error('denseEngine: it cannot train')),
  createPredictor: (_, weights) => {
    const kernel = weights.find(({ name }) => name.endsWith('/kernel'));
    const bias = weights.find(({ name }) => name.endsWith('/bias'));
    if (kernel === undefined) throw new Error('denseEngine: weights must have a kernel, got none');
    let isDisposed = false;
    const predict = (images: Float32Array): Promise<Float32Array> =>
      isDisposed
        ? Promise.reject(new Error('denseEngine: the predictor is disposed'))
        : Promise.resolve(multiply(images, kernel, bias));
    return Promise.resolve({
      predict,
      activations: async (image) => [
        { layer: 'flatten', shape: [image.length], values: image },
        { layer: 'logits', shape: [kernel.shape[1]], values: await predict(image) },
      ],
      dispose: () => {
        isDisposed = true;
        return Promise.resolve();
      },
    });
  },
};

/** images `[n, inputs]`, kernel `[inputs, units]` -> `[n, units]` */
function multiply(images: Float32Array, kernel: NamedTensor, bias: NamedTensor | undefined): Float32Array {
  const [numInputs, numUnits] = kernel.shape;
  const outputs = new Float32Array((images.length / numInputs) * numUnits);
  outputs.forEach((_, at) => {
    const [n, unit] = [Math.floor(at / numUnits), at % numUnits];
    let sum = bias?.values[unit] ?? 0;
    for (let i = 0; i < numInputs; i++) sum += images[n * numInputs + i] * kernel.values[i * numUnits + unit];
    outputs[at] = sum;
  });
  return outputs;
}
