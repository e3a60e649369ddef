import { type Architecture, createModel, type Model } from '@digits/model';
import { saveModel } from '@digits/model/node';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Contribution of a lit pixel to the logit of its digit. */
export const MARKER_LOGIT = 8;

const SIDE = 28;
const NUM_CLASSES = 10;

/**
 * Creates a model with known answers: the logit of digit `k` is 8 times the pixel in row `k`, column 0. An image is rejected if its
 * best digit has a probability below 0.5.
 */
export function markerModel(): Model {
  const architecture: Architecture = {
    inputShape: [SIDE, SIDE, 1],
    layers: [
      { type: 'flatten', name: 'flatten' },
      { type: 'dense', name: 'logits', units: NUM_CLASSES, useBias: false },
    ],
  };
  const kernel = new Float32Array(SIDE * SIDE * NUM_CLASSES);
  for (let digit = 0; digit < NUM_CLASSES; digit++) kernel[digit * SIDE * NUM_CLASSES + digit] = MARKER_LOGIT;
  const weights = [{ name: 'logits/kernel', shape: [SIDE * SIDE, NUM_CLASSES], values: kernel }];
  return createModel(architecture, weights, { preset: 'marker', rejection: { score: 'confidence', threshold: 0.5 } });
}

/** Saves a marker model and returns its folder, new and temporary. */
export async function saveMarkerModel(): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'digits-api-')), 'model');
  await saveModel(folder, markerModel());
  return folder;
}

/**
 * Returns an image with the pixel of a digit lit.
 *
 * @param value value of the pixel
 * @returns `[28, 28]`
 */
export function markedImage(digit: number, value = 1): number[] {
  return Array.from({ length: SIDE * SIDE }, (_, i) => (i === digit * SIDE ? value : 0));
}

/** Returns the confidence in a marked image: the softmax of one logit among zeros. */
export function markerConfidence(value = 1): number {
  const lit = Math.exp(MARKER_LOGIT * value);
  return lit / (lit + NUM_CLASSES - 1);
}
