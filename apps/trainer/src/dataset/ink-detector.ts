import { loadPretrainedInkModel } from '@digits/model/node';
import { createInkDetector, type InkDetector } from '@digits/reader';

/** A detector whose network is in memory. */
export interface OpenedInkDetector extends InkDetector {
  /** Frees the network. Calls after it are refused. */
  dispose(): Promise<void>;
}

/**
 * Opens the bundled ink network. It runs on engine-simd whatever the classifier runs on, so that all surfaces find the same ink.
 *
 * @throws Error naming the folder and what is wrong with the model in it
 */
export async function openInkDetector(): Promise<OpenedInkDetector> {
  const { createSimdEngine } = await import('@digits/engine-simd/node');
  const { architecture, weights } = await loadPretrainedInkModel();
  const predictor = await createSimdEngine({ threads: 1 }).createPredictor(architecture, weights);
  return { ...createInkDetector(predictor), dispose: () => predictor.dispose() };
}

/** Runs some work with a detector that is opened for it, and frees it. */
export async function withInkDetector<T>(work: (ink: InkDetector) => Promise<T>): Promise<T> {
  const ink = await openInkDetector();
  try {
    return await work(ink);
  } finally {
    await ink.dispose();
  }
}
