import { type Architecture, createModel, type Model } from '@digits/model';
import { saveModel } from '@digits/model/node';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a lit pixel adds to its digit's logit. */
export const MARKER_LOGIT = 8;

const SIDE = 28;
const NUM_CLASSES = 10;

/**
 * A network whose answers are known without running it: the logit of digit `k` is 8 times the pixel in row `k`, column 0. Where
 * the best digit has a probability below a half, the image is rejected.
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

/** @returns the folder of a marker model, new and temporary */
export async function saveMarkerModel(): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'digits-api-')), 'model');
  await saveModel(folder, markerModel());
  return folder;
}

/**
 * Lights the pixel of a digit.
 *
 * @param value of the pixel
 * @returns `[28, 28]`
 */
export function markedImage(digit: number, value = 1): number[] {
  return Array.from({ length: SIDE * SIDE }, (_, i) => (i === digit * SIDE ? value : 0));
}

/** @returns the softmax of one logit among zeros */
export function markerConfidence(value = 1): number {
  const lit = Math.exp(MARKER_LOGIT * value);
  return lit / (lit + NUM_CLASSES - 1);
}
