import { createSimdEngine } from '@digits/engine-simd/node';
import type { Engine, Predictor } from '@digits/model';
import { loadPretrainedInkModel } from '@digits/model/node';
import { createInkDetector, type InkDetector } from '@digits/reader';

/** The bundled ink network, loaded when the first picture is read. */
export interface OpenedInk {
  /** Loads the network at the first call. */
  readonly load: () => Promise<InkDetector>;
  /** Frees the network if it was loaded. */
  readonly dispose: () => Promise<void>;
}

/** Opens the bundled ink network; the caller disposes of it. */
export function openInk(engine: Engine): OpenedInk {
  let loading: Promise<Predictor> | null = null;
  const load = async (): Promise<Predictor> => {
    const { architecture, weights } = await loadPretrainedInkModel();
    return engine.createPredictor(architecture, weights);
  };
  return {
    load: async () => createInkDetector(await (loading ??= load())),
    dispose: async () => {
      await (await loading?.catch(() => null))?.dispose();
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
