import type { LabelledImages } from '@digits/data';
import type { Architecture } from './architecture.ts';
import { createModel } from './model.ts';
import { fitRejection } from './rejection-fit.ts';
import { referenceEngine } from './testing/reference-engine.ts';

/** Logits are the three pixels themselves. */
const ARCHITECTURE: Architecture = {
  inputShape: [1, 3, 1],
  layers: [
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 3, useBias: false },
  ],
};
const WEIGHTS = [{ name: 'logits/kernel', shape: [3, 3], values: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) }];

/** Four images; the third pixel is 0, 51, 102 and 255 of 255. */
const DIGITS: LabelledImages = {
  images: Uint8Array.of(0, 0, 0, 0, 0, 51, 0, 0, 102, 0, 0, 255),
  labels: Uint8Array.of(0, 0, 0, 0),
  count: 4,
  height: 1,
  width: 3,
  channels: 1,
  numClasses: 2,
};

describe('fitRejection', () => {
  it('fits the odds of "no digit" where the network has such an output', async () => {
    const model = createModel(ARCHITECTURE, WEIGHTS, { classNames: ['0', '1'] });
    const rule = await fitRejection(model, referenceEngine, DIGITS, 0.75);
    expect(rule.score).toBe('none');
    // Scores are log 2 less 0, 0.2, 0.4 and 1; one in four may be refused.
    expect(rule.threshold).toBeCloseTo(Math.log(2) - 0.7, 6);
  });

  it('fits the energy of an ordinary network', async () => {
    const rule = await fitRejection(createModel(ARCHITECTURE, WEIGHTS), referenceEngine, DIGITS, 1);
    expect(rule.score).toBe('energy');
    expect(rule.threshold).toBeCloseTo(Math.log(3), 6);
  });

  it('keeps 999 of 1000 digits unless told', async () => {
    const images = new Uint8Array(3000);
    [200, 100, 50].forEach((value, i) => (images[3 * i * 400 + 2] = value));
    const model = createModel(ARCHITECTURE, WEIGHTS, { classNames: ['0', '1'] });
    const digits = { ...DIGITS, images, labels: new Uint8Array(1000), count: 1000 };
    const { threshold } = await fitRejection(model, referenceEngine, digits);
    expect(threshold).toBeCloseTo(Math.log(2) - (200 / 255 + 100 / 255) / 2, 6);
  });

  it('refuses to fit to no digits', async () => {
    const none = { ...DIGITS, images: new Uint8Array(0), labels: new Uint8Array(0), count: 0 };
    await expect(fitRejection(createModel(ARCHITECTURE, WEIGHTS), referenceEngine, none)).rejects.toThrow(
      'fitRejectionThreshold: scoresOfDigits must hold at least one score, got none',
    );
  });
});
