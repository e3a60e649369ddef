import { kerasSettings, type Layer } from './layers.ts';
import type { Shape } from './shapes.ts';

/** One layer as Keras' JSON has it, with Keras' own field names. */
interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Writes an architecture, or any stack of layers, as the topology of a Keras model, which any TensorFlow.js program can build.
 *
 * @param temperature for a model that gives probabilities: behind the logits it divides by the temperature and applies the
 * softmax; null for one that gives the logits
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function kerasTopology(
  { inputShape, layers }: { readonly inputShape: Shape; readonly layers: readonly Layer[] },
  temperature: number | null,
): Readonly<Record<string, unknown>> {
  const answer: KerasLayer[] =
    temperature === null
      ? []
      : [
          kerasLayer('temperature', ['Rescaling', { scale: 1 / temperature, offset: 0 }]),
          kerasLayer('softmax', ['Activation', { activation: 'softmax' }]),
        ];
  const own = layers.map((layer) => kerasLayer(layer.name, kerasSettings(layer)));
  const [first, ...others] = [...own, ...answer];
  const input = { batch_input_shape: [null, ...inputShape], dtype: 'float32' };
  return {
    class_name: 'Sequential',
    config: { name: 'digits', layers: [{ ...first, config: { ...first.config, ...input } }, ...others] },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

function kerasLayer(name: string, [className, settings]: ReturnType<typeof kerasSettings>): KerasLayer {
  return { class_name: className, config: { name, trainable: true, ...settings } };
}
