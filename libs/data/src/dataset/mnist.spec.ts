import { MNIST_CHECKSUM } from './mnist.ts';
import { datasetChecksum } from '../node/dataset.ts';

describe('MNIST_CHECKSUM', () => {
  it('is the checksum of the embedded data set', async () => {
    expect(MNIST_CHECKSUM).toBe(await datasetChecksum('mnist'));
  });
});
