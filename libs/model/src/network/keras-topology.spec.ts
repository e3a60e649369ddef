import { kerasTopology } from './keras-topology.ts';

describe('kerasTopology', () => {
  it('writes each layer under its Keras name, the first one with the input shape', () => {
    const topology = kerasTopology(
      {
        inputShape: [8, 8, 1],
        layers: [
          { type: 'conv2d', name: 'conv', filters: 4, kernelSize: [3, 2], strides: [2, 1], padding: 'same', useBias: true }, // prettier-ignore
          { type: 'globalAveragePooling2d', name: 'gap' },
          { type: 'dense', name: 'logits', units: 3, useBias: true },
        ],
      },
      1,
    );
    expect(topology).toEqual({
      class_name: 'Sequential',
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
      config: {
        name: 'digits',
        layers: [
          {
            class_name: 'Conv2D',
            config: {
              name: 'conv',
              trainable: true,
              filters: 4,
              kernel_size: [3, 2],
              strides: [2, 1],
              padding: 'same',
              data_format: 'channels_last',
              dilation_rate: [1, 1],
              activation: 'linear',
              use_bias: true,
              batch_input_shape: [null, 8, 8, 1],
              dtype: 'float32',
            },
          },
          {
            class_name: 'GlobalAveragePooling2D',
            config: { name: 'gap', trainable: true, data_format: 'channels_last' },
          },
          {
            class_name: 'Dense',
            config: { name: 'logits', trainable: true, units: 3, activation: 'linear', use_bias: true },
          },
          { class_name: 'Rescaling', config: { name: 'temperature', trainable: true, scale: 1, offset: 0 } },
          { class_name: 'Activation', config: { name: 'softmax', trainable: true, activation: 'softmax' } },
        ],
      },
    });
  });
});
