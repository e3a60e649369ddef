import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { normaliseImages, selectImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import {
  createClassifier,
  evaluateClassifier,
  hashWeights,
  MODEL_FILES,
  prepareTrainingData,
  presetConfig,
  train,
} from '@digits/model';
import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import { type Card, cardText } from './card.ts';

const folder = pretrainedModelDirectory();

describe('the model that ships', () => {
  it('has on all of the test split the figures that its files and its card say', async () => {
    const model = await loadModel(folder);
    const card = await readCard();
    const classifier = await createClassifier(model, createSimdEngine());
    const test = await loadSplit('mnist', 'test');
    const { evaluation } = await evaluateClassifier(classifier, test, 'test');
    const answers = await classifier.classify(normaliseImages(test.images));
    await classifier.dispose();
    expect(evaluation.count).toBe(10_000);
    expect(evaluation).toEqual(model.metadata.testMetrics);
    expect(evaluation).toEqual(card.test);
    expect(answers.filter(({ rejected }) => !rejected)).toHaveLength(Math.round(card.kept.share * 10_000));
  });

  it('is as small and as good as is promised', async () => {
    const sizes = await Promise.all(Object.values(MODEL_FILES).map((name) => stat(join(folder, name))));
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(350_000);
    const { test, kept, leftOut, groups, parameters } = await readCard();
    expect(parameters).toBeLessThanOrEqual(200_000);
    expect(test.accuracy).toBeGreaterThanOrEqual(0.996);
    expect(test.ece).toBeLessThanOrEqual(0.006);
    expect(kept.share).toBeGreaterThanOrEqual(0.995);
    expect(leftOut.share).toBeGreaterThanOrEqual(0.99);
    for (const group of ['slashed zeros', 'upstroke ones', 'crossed sevens']) {
      expect(groups[group].share).toBeGreaterThanOrEqual(0.98);
    }
  });

  it('has the card that its figures give', async () => {
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe(`${cardText(await readCard())}\n`);
  });
});

describe('train', () => {
  it('ends in the weights that it always ended in', async () => {
    const stored = selectImages(
      await loadSplit('mnist', 'train'),
      Uint32Array.from({ length: 1500 }, (_, image) => image),
    );
    const config = presetConfig('world', {
      epochs: 1,
      validationSize: 300,
      handwriting: { count: 200, strength: 1.2, pictureShare: 0, penShare: 0.5 },
    });
    const { weights } = await train(config, prepareTrainingData(stored, config), createSimdEngine());
    expect(hashWeights(weights)).toBe('61a57ece481efb7022b62029138ba9448a17d7d2acfd4c3938f0e91fa475280e');
  });
});

async function readCard(): Promise<Card> {
  return JSON.parse(await readFile(join(folder, 'card.json'), 'utf8')) as Card;
}
