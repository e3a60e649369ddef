import { keepOwnModel, readOwnModel } from './own-model.ts';

/** Node has no IndexedDB, as a page that the browser shuts off has none. */
describe('where the browser keeps nothing', () => {
  it('says so of a model to keep', async () => {
    const model = { name: 'mine', files: { modelJson: '{}', weightsBin: new Uint8Array() } };
    await expect(keepOwnModel(model)).rejects.toThrow('This browser could not keep the network');
  });

  it('reads no model', async () => {
    expect(await readOwnModel()).toBeNull();
  });
});
