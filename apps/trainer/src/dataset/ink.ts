import { createSimdEngine } from '@digits/engine-simd/node';
import { type Classifier, createClassifier, type Engine, type Predictor } from '@digits/model';
import { loadPretrainedInkModel, loadPretrainedTouchingModel } from '@digits/model/node';
import { createInkDetector, type InkDetector } from '@digits/reader';

/** The bundled networks for pictures, each loaded when it is needed first. */
export interface OpenedInk {
  /** Loads the ink network at the first call. */
  readonly load: () => Promise<InkDetector>;
  /** Loads the network for digits that touch at the first call. */
  readonly loadTouching: () => Promise<Classifier>;
  /** Frees the networks that were loaded. */
  readonly dispose: () => Promise<void>;
}

/** Opens the bundled networks for pictures; the caller disposes of them. */
export function openInk(engine: Engine): OpenedInk {
  let loading: Promise<Predictor> | null = null;
  let loadingTouching: Promise<Classifier> | null = null;
  const load = async (): Promise<Predictor> => {
    const { architecture, weights } = await loadPretrainedInkModel();
    return engine.createPredictor(architecture, weights);
  };
  return {
    load: async () => createInkDetector(await (loading ??= load())),
    loadTouching: () =>
      (loadingTouching ??= loadPretrainedTouchingModel().then((model) => createClassifier(model, engine))),
    dispose: async () => {
      await (await loading?.catch(() => null))?.dispose();
      await (await loadingTouching?.catch(() => null))?.dispose();
    },
  };
}

/**
 * Prepares images of a data set with the bundled ink network. It always runs on engine-simd, so `--engine` and `--threads` change no byte
 * of the images.
 */
export async function withInk<Result>(prepare: (ink: InkDetector) => Promise<Result>): Promise<Result> {
  const ink = openInk(createSimdEngine());
  try {
    return await prepare(await ink.load());
  } finally {
    await ink.dispose();
  }
}
