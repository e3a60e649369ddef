import { createSimdEngine } from '@digits/engine-simd';
import { type Classifier, createClassifier, decodeModel, type ModelFiles, numClassesOf } from '@digits/model';

/** Reads one image at a time: threads would cost more than they gain, and need a page that is cross-origin isolated. */
export const engine = createSimdEngine({ threads: 1 });
let model: Promise<Classifier> | null = null;

/** Facts about the model that answers. */
export interface LoadedModelFacts {
  readonly classNames: readonly string[];
  /** Whether it has an output for "not a digit". */
  readonly knowsNonDigits: boolean;
}

/** Loads the model that answers in this worker: once, before anything else is asked. */
export async function load(files: ModelFiles): Promise<LoadedModelFacts> {
  model = createClassifier(decodeModel(files), engine);
  const { architecture, metadata } = (await model).model;
  const { classNames } = metadata;
  return { classNames, knowsNonDigits: numClassesOf(architecture) > classNames.length };
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
