import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MODEL_FILES } from '../model-file.ts';
import { pretrainedModelDirectory } from './pretrained-model.ts';

describe('pretrainedModelDirectory', () => {
  it('holds a model and its card', () => {
    const folder = pretrainedModelDirectory();
    for (const name of [...Object.values(MODEL_FILES), 'README.md']) expect(existsSync(join(folder, name))).toBe(true);
  });

  it('lies beside a program that left its packages behind', () => {
    const folder = pretrainedModelDirectory(() => {
      throw new Error('not installed');
    });
    expect(folder.endsWith(`${sep}node${sep}pretrained`)).toBe(true);
  });
});
