import type { Architecture } from '../network/architecture.ts';
import { hashWeights } from '../network/weight-bytes.ts';
import { initialWeights } from '../network/weights.ts';
import { createPixelModel } from './pixel-model.ts';
import { singlePixelNetwork } from './pixel-predictor.fixture.ts';

const ARCHITECTURE = singlePixelNetwork(4, 4, 2);
const WEIGHTS = initialWeights(ARCHITECTURE, 1);
const FIGURES = { channel: 'ink', positiveShare: 0.1, averagePrecision: 0.9, threshold: 0.4, f1: 0.8, precision: 0.7, recall: 0.9 }; // prettier-ignore

describe('createPixelModel', () => {
  it('knows its weights by their hash, and nothing that it is not told', () => {
    expect(createPixelModel(ARCHITECTURE, WEIGHTS, { channels: ['ink', 'ruling'] }).metadata).toEqual({
      preset: null,
      seed: null,
      validationSize: null,
      pages: null,
      channels: ['ink', 'ruling'],
      figures: null,
      weightsSha256: hashWeights(WEIGHTS),
    });
  });

  it('refuses other numbers of channels', () => {
    expect(() => createPixelModel(ARCHITECTURE, WEIGHTS, { channels: ['ink'] })).toThrow(
      new RangeError('createPixelModel: channels must have 2 items, got 1'),
    );
    const figures = { count: 1, validation: [FIGURES, FIGURES], trainingKinds: [FIGURES] };
    expect(() => createPixelModel(ARCHITECTURE, WEIGHTS, { channels: ['ink', 'ruling'], figures })).toThrow(
      new RangeError('createPixelModel: trainingKinds must have 2 items, got 1'),
    );
  });

  it('refuses a network that answers for classes', () => {
    const classes: Architecture = {
      inputShape: [1, 1, 1],
      layers: [
        { type: 'flatten', name: 'flatten' },
        { type: 'dense', name: 'logits', units: 2, useBias: true },
      ],
    };
    expect(() => createPixelModel(classes, initialWeights(classes, 1), { channels: ['a', 'b'] })).toThrow(
      new RangeError('createPixelModel: architecture must answer for pixels, got one that answers for classes'),
    );
  });
});
