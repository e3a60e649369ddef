import { decodePixelModel } from '@digits/model';
import { createInkDetector, type InkDetector } from '@digits/reader';
import { fetchFile, siteUrl } from '../site-files.ts';
import { engine } from './loaded-model.ts';

/**
 * Loads the network that finds ink in pictures from the site. Only pictures need it, so no page loads it before one is opened.
 *
 * @throws Error if its files are missing or damaged
 */
export async function loadInk(): Promise<InkDetector> {
  const [json, weights] = await Promise.all([
    fetchFile(siteUrl('/pretrained-ink/model.json')),
    fetchFile(siteUrl('/pretrained-ink/weights.bin')),
  ]);
  const modelJson = await json.text();
  const weightsBin = new Uint8Array(await weights.arrayBuffer());
  const model = decodePixelModel({ modelJson, weightsBin });
  return createInkDetector(await engine.createPredictor(model.architecture, model.weights));
}
