import { evaluatePixels } from '../answers/pixel-evaluation.ts';
import { createPixelModel, type PixelFigures, type PixelModel } from '../answers/pixel-model.ts';
import type { Engine } from '../network/engine.ts';
import { hashWeights, roundWeights } from '../network/weight-bytes.ts';
import type { Weights } from '../network/weights.ts';
import type { JudgingPages } from './pages.ts';
import type { TrainingConfig } from './settings.ts';

/** A trained network for pixels, and the pages that it is judged by. */
export interface TrainedPixelNetwork {
  /** Configuration of the run; preset, seed and numbers of pages go into the model, `precision` rounds its weights. */
  readonly config: TrainingConfig;
  /** Weights as `train` gives them. */
  readonly weights: Weights;
  readonly engine: Engine;
  /** Names of the channels of a pixel's output. */
  readonly channels: readonly string[];
  readonly pages: JudgingPages;
}

/**
 * Ends a training run of a network for pixels: rounds the weights as they will be stored, and measures each channel on pages with other
 * kinds of paper and writing than those of the training and on as many pages with the same kinds. Nothing is calibrated.
 *
 * @returns the model, which has the figures too, to be saved with the configuration's `precision`
 * @throws RangeError if weights, pages or channels do not fit the architecture, or a set has no pages
 * @example
 * ```ts
 * const pages = await preparePages(config);
 * const { weights } = await train(config, pages, engine);
 * const { model } = await finishPixelTraining({ config, weights, engine, channels: PAGE_CHANNELS, pages });
 * await saveModel('my-ink', model, { precision: config.precision });
 * ```
 */
export async function finishPixelTraining(
  network: TrainedPixelNetwork,
): Promise<{ readonly model: PixelModel; readonly figures: PixelFigures }> {
  const { config, weights, engine, channels, pages } = network;
  const { architecture, preset, seed, validationSize, precision } = config;
  const facts = { preset, seed, validationSize, pages: config.pages, channels, weightsSha256: hashWeights(weights) };
  const rounded = roundWeights(weights, precision);
  const model = createPixelModel(architecture, rounded, facts);
  const figures = {
    count: pages.validation.count,
    validation: await evaluatePixels(model, engine, pages.validation),
    trainingKinds: await evaluatePixels(model, engine, pages.trainingKinds),
  };
  return { model: createPixelModel(architecture, rounded, { ...facts, figures }), figures };
}
