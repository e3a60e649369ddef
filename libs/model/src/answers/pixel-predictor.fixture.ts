import type { Architecture } from '../network/architecture.ts';
import type { Engine } from '../network/engine.ts';

/** A network of one convolution of single pixels with as many channels. */
export function singlePixelNetwork(height: number, width: number, filters: number): Architecture {
  const size = { kernelSize: [1, 1], strides: [1, 1], padding: 'same' } as const;
  return {
    inputShape: [height, width, 1],
    layers: [{ type: 'conv2d', name: 'logits', filters, ...size, useBias: true }],
  };
}

/** An engine that only predicts, and only with a {@link singlePixelNetwork}: each logit is the pixel times a weight plus a bias. */
export function createSinglePixelEngine() {
  let numAlive = 0;
  const engine: Engine = {
    name: 'reference',
    createTrainingSession: () => Promise.reject(new Error('singlePixelEngine: it only predicts')),
    createPredictor: (_architecture, [kernel, bias]) => {
      numAlive++;
      return Promise.resolve({
        predict: (images) =>
          Promise.resolve(
            Float32Array.from(
              Array.from(images).flatMap((pixel) =>
                Array.from(kernel.values, (weight, c) => pixel * weight + bias.values[c]),
              ),
            ),
          ),
        activations: () => Promise.resolve([]),
        dispose: () => {
          numAlive--;
          return Promise.resolve();
        },
      });
    },
  };
  return { engine, numAlive: () => numAlive };
}
