import { createClassifier } from '@digits/model';
import { importModel } from '@digits/model/import';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { referenceEngine } from './reference-engine.ts';

/** A model of another framework, and its answers; `python/write_imported_models.py` writes them. */
interface SourceModel {
  readonly title: string;
  readonly name: string;
  /** Base64. */
  readonly file: string;
  readonly images: readonly number[];
  readonly probabilities: readonly number[];
}

function readModels(name: string): readonly SourceModel[] {
  return JSON.parse(readFileSync(join(__dirname, 'fixtures', name), 'utf8')) as SourceModel[];
}

// The first HDF5 file brings its library in.
jest.setTimeout(60_000);

const MODELS = [...readModels('pytorch-models.json'), ...readModels('keras-models.json')];

describe('importModel', () => {
  it.each(MODELS.map((model) => [model.name, model.title, model] as const))(
    'gives the probabilities of the source framework: %s, %s',
    async (_, __, { name, file, images, probabilities: expected }) => {
      const model = await importModel([{ name, bytes: new Uint8Array(Buffer.from(file, 'base64')) }]);
      const classifier = await createClassifier(model, referenceEngine);
      try {
        const probabilities = await classifier.probabilities(Float32Array.from(images));
        expect(probabilities).toHaveLength(expected.length);
        expect(Math.max(...probabilities.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
        expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.01);
      } finally {
        await classifier.dispose();
      }
    },
  );

  it.each(['.onnx', '.keras', '.h5', '.json'])('refuses a %s file of other bytes in one line', async (ending) => {
    const importing = importModel([{ name: `network${ending}`, bytes: Uint8Array.of(1, 2, 3) }]);
    await expect(importing).rejects.toThrow(/^importModel: [^\n]+, got [^\n]+$/);
  });

  it('says which files it takes', async () => {
    await expect(importModel([{ name: 'network.pt', bytes: new Uint8Array(0) }])).rejects.toThrow(
      'importModel: files must hold one that ends in .json, .onnx, .keras, .h5, .hdf5, got network.pt',
    );
  });
});
