import type { LabelledImages } from '@digits/data';
import type { Architecture } from './architecture.ts';
import { calibrateModel } from './calibration.ts';
import { createModel } from './model.ts';
import { decodeModel, encodeModel } from './model-file.ts';
import { referenceEngine } from './testing/reference-engine.ts';

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

describe('calibrateModel', () => {
  it('fits temperature and rejection to the digits', async () => {
    const { metadata } = await calibrateModel(MODEL, referenceEngine, DIGITS, { keep: 0.75 });
    expect(metadata.temperature).toBeCloseTo(2 / Math.log(3), 4);
    expect(metadata.rejection?.score).toBe('none');
    // Scores are log(e^2 + 1) less 1.0003 times the third pixel; one in four may be refused.
    expect(metadata.rejection?.threshold).toBeCloseTo(Math.log(Math.exp(2) + 1) - 1.0003 * 0.7, 4);
  });

  it('rounds the weights first and keeps the hash of those that were trained', async () => {
    const { weights, metadata } = await calibrateModel(MODEL, referenceEngine, DIGITS, { precision: 'float16' });
    // Halves next to 1 are 2^-10 apart.
    expect([...weights[0].values]).toEqual([2, 0, 0, 0, 2, 0, 0, 0, 1]);
    expect(metadata.weightsSha256).toBe(MODEL.metadata.weightsSha256);
  });

  it.each(['float32', 'float16', 'uint8'] as const)('gives what a %s file gives when it is read', async (precision) => {
    const model = await calibrateModel(MODEL, referenceEngine, DIGITS, { precision });
    expect(decodeModel(encodeModel(model, { precision }))).toEqual(model);
  });
});
