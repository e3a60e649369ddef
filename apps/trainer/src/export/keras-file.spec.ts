import { type Architecture, createModel, initialWeights } from '@digits/model';
import { strFromU8, unzipSync } from 'fflate';
import type { Dataset } from 'h5wasm';
import { File as Hdf5File, ready } from 'h5wasm';
import { encodeKerasFile } from './keras-file.ts';

const conv = { type: 'conv2d', kernelSize: [3, 3], strides: [1, 1], padding: 'valid', useBias: true } as const;
const architecture: Architecture = {
  inputShape: [8, 8, 1],
  layers: [
    { ...conv, name: 'a-1', filters: 2 },
    { type: 'batchNormalization', name: 'bn', momentum: 0.99, epsilon: 0.001 },
    { type: 'relu', name: 'relu' },
    { ...conv, name: 'b', filters: 3 },
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'x', units: 4, useBias: true },
  ],
};
const model = createModel(architecture, initialWeights(architecture, 3), { temperature: 2 });

describe('encodeKerasFile', () => {
  it('holds the three files of a Keras 3 archive', async () => {
    const bytes = await encodeKerasFile(model);
    expect(Object.keys(unzipSync(bytes))).toEqual(['metadata.json', 'config.json', 'model.weights.h5']);
  });

  it('names the groups of weights as Keras 3.15 does for the same layers', async () => {
    const { FS } = await ready;
    FS.writeFile('read.h5', unzipSync(await encodeKerasFile(model))['model.weights.h5']);
    const file = new Hdf5File('read.h5', 'r');
    try {
      // From the file of keras.Sequential([Conv2D(2, 3), BatchNormalization(), ReLU(), Conv2D(3, 3), Flatten(), Dense(4)]).
      const expected = {
        'layers/conv2d/vars/0': [3, 3, 1, 2],
        'layers/conv2d/vars/1': [2],
        'layers/batch_normalization/vars/0': [2],
        'layers/batch_normalization/vars/3': [2],
        'layers/conv2d_1/vars/0': [3, 3, 2, 3],
        'layers/dense/vars/0': [48, 4],
      };
      for (const [path, shape] of Object.entries(expected)) {
        expect({ path, shape: (file.get(path) as Dataset | null)?.shape }).toEqual({ path, shape });
      }
      const kernel = file.get('layers/conv2d_1/vars/0') as Dataset;
      expect(kernel.value).toEqual(model.weights.find(({ name }) => name === 'b/kernel')?.values);
    } finally {
      file.close();
      FS.unlink('read.h5');
    }
  });

  it('ends with the temperature and a softmax', async () => {
    const json = strFromU8(unzipSync(await encodeKerasFile(model))['config.json']);
    const { config } = JSON.parse(json) as { config: { layers: { class_name: string; config: object }[] } };
    expect(config.layers.map(({ class_name }) => class_name)).toEqual([
      ...[
        'InputLayer',
        'Conv2D',
        'BatchNormalization',
        'ReLU',
        'Conv2D',
        'Flatten',
        'Dense',
        'Rescaling',
        'Activation',
      ],
    ]);
    expect(config.layers[7].config).toMatchObject({ scale: 0.5, offset: 0 });
    expect(config.layers[8].config).toMatchObject({ activation: 'softmax' });
  });
});
