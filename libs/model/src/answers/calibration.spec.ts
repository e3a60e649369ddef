import { type LabelledImages, normaliseImages } from '@digits/data';
import { decodeModel, encodeModel } from '../file/model-file.ts';
import { linearEngine } from '../network/linear-engine.fixture.ts';
import type { Architecture } from '../network/architecture.ts';
import { calibrateModel, fitRejection, fitTemperature } from './calibration.ts';
import { createClassifier } from './classifier.ts';
import { createModel } from './model.ts';

describe('fitTemperature', () => {
  it('brings the confidence of equal answers to their accuracy', () => {
    // Three of four are right, so the odds should be 3: 2 / T = log 3.
    const logits = Float32Array.of(2, 0, 2, 0, 2, 0, 2, 0);
    expect(fitTemperature(logits, Uint8Array.of(0, 0, 0, 1), 2)).toBeCloseTo(2 / Math.log(3), 4);
  });

  it('finds a temperature below 1 for a network that is too modest', () => {
    // Nine of ten are right: 1 / T = log 9.
    const logits = Float32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    expect(fitTemperature(logits, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 2)).toBeCloseTo(1 / Math.log(9), 4);
  });

  it('goes to the ends of its range and not beyond', () => {
    expect(fitTemperature(Float32Array.of(1, 0), Uint8Array.of(0), 2)).toBeCloseTo(0.2, 3);
    expect(fitTemperature(Float32Array.of(1, 0), Uint8Array.of(1), 2)).toBeCloseTo(5, 2);
  });
});

describe('fitRejection', () => {
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

  it('fits the odds of "no digit" where the network has such an output', async () => {
    const model = createModel(ARCHITECTURE, WEIGHTS, { classNames: ['0', '1'] });
    const rule = await fitRejection(model, linearEngine, DIGITS, 0.75);
    expect(rule.score).toBe('none');
    // Scores are log 2 less 0, 0.2, 0.4 and 1; one in four may be refused.
    expect(rule.threshold).toBeCloseTo(Math.log(2) - 0.7, 6);
  });

  it('fits the energy of an ordinary network', async () => {
    const rule = await fitRejection(createModel(ARCHITECTURE, WEIGHTS), linearEngine, DIGITS, 1);
    expect(rule.score).toBe('energy');
    expect(rule.threshold).toBeCloseTo(Math.log(3), 6);
  });

  it('keeps 999 of 1000 digits unless told', async () => {
    const images = new Uint8Array(3000);
    [200, 100, 50].forEach((value, i) => (images[3 * i * 400 + 2] = value));
    const model = createModel(ARCHITECTURE, WEIGHTS, { classNames: ['0', '1'] });
    const digits = { ...DIGITS, images, labels: new Uint8Array(1000), count: 1000 };
    const { threshold } = await fitRejection(model, linearEngine, digits);
    expect(threshold).toBeCloseTo(Math.log(2) - (200 / 255 + 100 / 255) / 2, 6);
  });

  it('refuses to fit to no digits', async () => {
    const none = { ...DIGITS, images: new Uint8Array(0), labels: new Uint8Array(0), count: 0 };
    await expect(fitRejection(createModel(ARCHITECTURE, WEIGHTS), linearEngine, none)).rejects.toThrow(
      'fitRejectionThreshold: scoresOfDigits must hold at least one score, got none',
    );
  });
});

describe('calibrateModel', () => {
  /** Logits are the three pixels, weighted; the last one says "no digit". */
  const ARCHITECTURE: Architecture = {
    inputShape: [1, 3, 1],
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: 3, useBias: false },
    ],
  };
  const WEIGHTS = [{ name: 'logits/kernel', shape: [3, 3], values: Float32Array.of(2, 0, 0, 0, 2, 0, 0, 0, 1.0003) }];

  /** Four images like a 0, one of which is a 1; the third pixel is 0, 51, 102 and 255 of 255. */
  const DIGITS: LabelledImages = {
    images: Uint8Array.of(255, 0, 0, 255, 0, 51, 255, 0, 102, 255, 0, 255),
    labels: Uint8Array.of(0, 0, 0, 1),
    count: 4,
    height: 1,
    width: 3,
    channels: 1,
    numClasses: 2,
  };

  const MODEL = createModel(ARCHITECTURE, WEIGHTS, { classNames: ['0', '1'] });

  it('fits temperature and rejection to the digits', async () => {
    const { metadata } = (await calibrateModel(MODEL, linearEngine, DIGITS, { keep: 0.75 })).model;
    expect(metadata.temperature).toBeCloseTo(2 / Math.log(3), 4);
    expect(metadata.rejection?.score).toBe('none');
    // Scores are log(e^2 + 1) less 1.0003 times the third pixel; one in four may be refused.
    expect(metadata.rejection?.threshold).toBeCloseTo(Math.log(Math.exp(2) + 1) - 1.0003 * 0.7, 4);
  });

  it('gives the calibrated probabilities of the digits', async () => {
    const { model, probabilities } = await calibrateModel(MODEL, linearEngine, DIGITS);
    const classifier = await createClassifier(model, linearEngine);
    expect(probabilities).toEqual(await classifier.probabilities(normaliseImages(DIGITS.images)));
  });

  it('rounds the weights first and keeps the hash of those that were trained', async () => {
    const { weights, metadata } = (await calibrateModel(MODEL, linearEngine, DIGITS, { precision: 'float16' })).model;
    // Halves next to 1 are 2^-10 apart.
    expect([...weights[0].values]).toEqual([2, 0, 0, 0, 2, 0, 0, 0, 1]);
    expect(metadata.weightsSha256).toBe(MODEL.metadata.weightsSha256);
  });

  it.each(['float32', 'float16', 'uint8'] as const)('gives what a %s file gives when it is read', async (precision) => {
    const { model } = await calibrateModel(MODEL, linearEngine, DIGITS, { precision });
    expect(decodeModel(encodeModel(model, { precision }))).toEqual(model);
  });
});
