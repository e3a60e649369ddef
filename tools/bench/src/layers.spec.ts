import { cutIntoPrefixes } from './layers.ts';
import { networkNamed } from './networks.ts';

describe('cutIntoPrefixes', () => {
  it('ends each prefix before the next convolution, with a head of its own', () => {
    const prefixes = cutIntoPrefixes(networkNamed('small'));

    expect(prefixes.map(({ layer, architecture }) => [layer, architecture.layers.map(({ name }) => name)])).toEqual([
      [null, ['head-pool', 'head']],
      ['conv1', ['conv1', 'conv1-norm', 'conv1-relu', 'pool1', 'head-pool', 'head']],
      [
        'conv2',
        [
          'conv1',
          'conv1-norm',
          'conv1-relu',
          'pool1',
          'conv2',
          'conv2-norm',
          'conv2-relu',
          'pool2',
          'head-pool',
          'head',
        ],
      ],
    ]);
  });

  it('cuts dense networks too', () => {
    const prefixes = cutIntoPrefixes(networkNamed('mlp'));

    expect(prefixes.map(({ layer, architecture }) => [layer, architecture.layers.map(({ name }) => name)])).toEqual([
      [null, ['head-pool', 'head']],
      ['dense1', ['flatten', 'dense1', 'relu1', 'dropout1', 'head']],
      ['dense2', ['flatten', 'dense1', 'relu1', 'dropout1', 'dense2', 'relu2', 'dropout2', 'head']],
    ]);
  });
});
