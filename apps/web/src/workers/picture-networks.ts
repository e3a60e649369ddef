import { type Classifier, createClassifier, decodeModel, decodePixelModel } from '@digits/model';
import { createInkDetector, type InkDetector } from '@digits/reader';
import { fetchModel } from '../site-files.ts';
import { engine } from './loaded-model.ts';

/**
 * Loads the network that finds ink in pictures from the site. Only pictures need it, so no page loads it before one is opened.
 *
 * @throws Error if its files are missing or damaged
 */
export async function loadInk(): Promise<InkDetector> {
  const model = decodePixelModel(await fetchModel('pretrained-ink'));
  return createInkDetector(await engine.createPredictor(model.architecture, model.weights));
}

/**
 * Loads the network that reads digits among others that touch them from the site. Only pictures with such digits need it.
 *
 * @throws Error if its files are missing or damaged
 */
export async function loadTouching(): Promise<Classifier> {
  return createClassifier(decodeModel(await fetchModel('pretrained-touching')), engine);
}
