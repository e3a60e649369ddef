import { createSimdEngine } from '@digits/engine-simd';
import { type Classifier, createClassifier, decodeModel, type ModelFiles } from '@digits/model';

/** Reads one image at a time: threads would cost more than they gain, and need a page that is cross-origin isolated. */
export const engine = createSimdEngine({ threads: 1 });
let model: Promise<Classifier> | null = null;

/**
 * Loads the model that answers in this worker: once, before anything else is asked.
 *
 * @returns the names of its classes
 */
export async function load(files: ModelFiles): Promise<readonly string[]> {
  model = createClassifier(decodeModel(files), engine);
  return (await model).model.metadata.classNames;
}

/**
 * Waits for the model that is being loaded.
 *
 * @throws Error before {@link load}
 */
export async function loadedModel(): Promise<Classifier> {
  if (model === null) throw new Error('loadedModel: a model must be loaded first, got none');
  return model;
}
