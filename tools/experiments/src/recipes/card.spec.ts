import { presetConfig } from '@digits/model';
import { type Card, cardText } from './card.ts';

const HALF = { count: 200, share: 0.5, interval: [0.43, 0.57] } as const;

const CARD: Card = {
  command: 'npm run train -- --preset world --seed 42',
  config: presetConfig('world', {
    seed: 42,
    epochs: 6,
    handwriting: { count: 24_000, strength: 1.2, pictureShare: 0, penShare: 0.5 },
    negatives: { share: 0.15 },
    precision: 'uint8',
  }),
  parameters: 165_827,
  fileBytes: 181_125,
  weightsSha256: 'ab'.repeat(32),
  dataset: { name: 'mnist', sha256: 'cd'.repeat(32) },
  trainingImages: 87_059,
  trainingSeconds: 600,
  threads: 1,
  temperature: 0.5,
  validation: { count: 10_000, accuracy: 0.9958, accuracyInterval: [0.9943, 0.9969], logLoss: 0.0143, ece: 0.001 },
  test: {
    split: 'test',
    count: 4,
    accuracy: 0.5,
    accuracyInterval: [0.15, 0.85],
    logLoss: 0.7,
    ece: 0.0123,
    macro: { precision: 0.5, recall: 0.5, f1: 0.5 },
    perClass: [{ label: 0, name: '0', precision: 0.25, recall: 0.75, f1: 0.375, support: 4 }],
    confusionMatrix: [
      [1, 3],
      [0, 0],
    ],
  },
  reliability: [
    { lower: 0.8, upper: 0.9, count: 4, meanConfidence: 0.85, accuracy: 0.5 },
    { lower: 0.9, upper: 1, count: 0, meanConfidence: null, accuracy: null },
  ],
  leftOut: HALF,
  groups: { 'slashed zeros': HALF },
  variants: [
    { variant: 'zero-slashed-short', digit: 0, heldOut: true, read: HALF, refused: 0.1, misreadAs: { 8: 100 } },
  ],
  rejection: { score: 'none', threshold: -1.5 },
  kept: { count: 10_000, share: 0.997, interval: [0.9957, 0.9979] },
  digits: [{ name: "MNIST's test digits", count: 10_000, refused: 0.003, auroc: null }],
  others: [{ name: 'letters of test fonts', count: 624, refused: 0.95, auroc: 0.999 }],
  refusedByLetter: { A: 1, L: 0.6 },
};

describe('cardText', () => {
  const text = cardText(CARD);

  it.each([
    ['the recipe that gives it', 'from the run of `npm run train -- --preset world --seed 42`'],
    ['what it was trained on', "50,000 of MNIST's training images (SHA-256 `cdcdcdcdcdcdcdcd...`)"],
    ['how long', 'together 87,059 images an epoch, 6 epochs, distorted anew in each; 10 minutes with 1 thread'],
    ['the test figures with their interval', 'Accuracy 50.00% (95% interval 15.00% to 85.00%) of 4'],
    ['each class', '| 0     |    25.00% | 75.00% | 0.3750 |      4 |'],
    ['frequent errors', 'Most frequent errors: 0 read as 1 (3).'],
    ['bins that hold images', '| 80% to 90% |      4 |          85.00% | 50.00% |'],
    ['each way of writing', '| zero-slashed-short * | 50.0% |   10.0% |    8 (100) |'],
    ['what is refused', '| letters of test fonts |    624 |    5.00% |  95.00% | 0.9990 |'],
    ['weak letters', 'Refused less often than 95%: L 60%.'],
    ['weak ways of writing', '**Ways of writing read less often than 99%**: zero-slashed-short 50.0%.'],
  ])('tells %s', (_, expected) => {
    expect(text).toContain(expected);
  });

  it('leaves empty bins out', () => {
    expect(text).not.toContain('90% to 100%');
  });
});
