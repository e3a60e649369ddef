import type { Architecture, Layer } from './architecture.ts';

/** One layer as Keras' JSON has it, with Keras' own field names. */
interface KerasLayer {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Writes an architecture as the topology of a Keras model that gives probabilities: behind the logits it divides by the
 * temperature and applies the softmax.
 *
 * @see https://www.tensorflow.org/js/guide/save_load
 */
export function kerasTopology(architecture: Architecture, temperature: number): Readonly<Record<string, unknown>> {
  const layers: KerasLayer[] = [
    ...architecture.layers.map(kerasLayer),
    kerasConfig('Rescaling', 'temperature', { scale: 1 / temperature, offset: 0 }),
    kerasConfig('Activation', 'softmax', { activation: 'softmax' }),
  ];
  const [first, ...others] = layers;
  const input = { batch_input_shape: [null, ...architecture.inputShape], dtype: 'float32' };
  return {
    class_name: 'Sequential',
    config: { name: 'digits', layers: [{ ...first, config: { ...first.config, ...input } }, ...others] },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

function kerasLayer(layer: Layer): KerasLayer {
  switch (layer.type) {
    case 'conv2d':
      return kerasConfig('Conv2D', layer.name, {
        filters: layer.filters,
        kernel_size: layer.kernelSize,
        strides: layer.strides,
        padding: layer.padding,
        data_format: 'channels_last',
        dilation_rate: [1, 1],
        activation: 'linear',
        use_bias: layer.useBias,
      });
    case 'batchNormalization':
      return kerasConfig('BatchNormalization', layer.name, {
        axis: -1,
        momentum: layer.momentum,
        epsilon: layer.epsilon,
        center: true,
        scale: true,
      });
    case 'relu':
      return kerasConfig('ReLU', layer.name, {});
    case 'maxPooling2d':
      return kerasConfig('MaxPooling2D', layer.name, {
        pool_size: layer.poolSize,
        strides: layer.strides,
        padding: layer.padding,
        data_format: 'channels_last',
      });
    case 'globalAveragePooling2d':
      return kerasConfig('GlobalAveragePooling2D', layer.name, { data_format: 'channels_last' });
    case 'flatten':
      return kerasConfig('Flatten', layer.name, {});
    case 'dropout':
      return kerasConfig('Dropout', layer.name, { rate: layer.rate });
    case 'dense':
      return kerasConfig('Dense', layer.name, {
        units: layer.units,
        activation: 'linear',
        use_bias: layer.useBias,
      });
  }
}

function kerasConfig(className: string, name: string, config: Readonly<Record<string, unknown>>): KerasLayer {
  return { class_name: className, config: { name, trainable: true, ...config } };
}
