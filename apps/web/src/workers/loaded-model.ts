import { createSimdEngine } from '@digits/engine-simd';
import { type Classifier, createClassifier, decodeModel, type ModelFiles } from '@digits/model';

// One image at a time: threads would cost more than they gain, and need a page that is cross-origin isolated.
const engine = createSimdEngine({ threads: 1 });
let classifier: Classifier | null = null;

/** Makes a model the one that answers in this worker. */
export async function load(files: ModelFiles): Promise<void> {
  const next = await createClassifier(decodeModel(files), engine);
  await classifier?.dispose();
  classifier = next;
}

/** @throws Error before {@link load} */
export function loadedModel(): Classifier {
  if (classifier === null) throw new Error('loadedModel: a model must be loaded first, got none');
  return classifier;
}
