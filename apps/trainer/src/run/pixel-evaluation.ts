import {
  countParameters,
  evaluatePixels,
  type PixelFigures,
  type PixelModel,
  prepareJudgingPages,
} from '@digits/model';
import { note } from '../command-line.ts';
import { formatCount } from '../formats.ts';
import { createEngine, type EngineChoice } from './engine.ts';
import { generatePagesInThreads } from './generate-pages.ts';
import type { OpenedModel } from './trained-model.ts';

/** What `evaluate --json` prints for a model that answers for pixels: field names are a contract. */
export interface PixelEvaluationSummary {
  readonly figures: PixelFigures;
  readonly preset: string | null;
  readonly engine: string;
  readonly seed: number;
  readonly parameters: number;
  readonly weightsSha256: string;
  readonly modelDir: string;
  /** Pages per second that the network answered. */
  readonly imagesPerSecond: number;
}

/**
 * Generates a model's validation pages again and measures it on them, as its training did.
 *
 * @throws Error if the model does not know its seed and its number of validation pages
 */
export async function evaluateOnPages(
  { model, modelDir }: OpenedModel<PixelModel>,
  choice: EngineChoice,
): Promise<PixelEvaluationSummary> {
  const { architecture, metadata } = model;
  const { seed, validationSize, preset, weightsSha256 } = metadata;
  if (seed === null || validationSize === null) {
    throw new Error('evaluate: --model must know its seed and its number of validation pages, got one without');
  }
  note(`Generating ${formatCount(2 * validationSize)} pages...`);
  const pages = await prepareJudgingPages({ architecture, seed, validationSize }, (request) =>
    generatePagesInThreads(request, { threads: choice.threads }),
  );
  const engine = await createEngine(choice);
  const startedAt = performance.now();
  const figures = {
    count: validationSize,
    validation: await evaluatePixels(model, engine, pages.validation),
    trainingKinds: await evaluatePixels(model, engine, pages.trainingKinds),
  };
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    figures,
    preset,
    engine: choice.engine,
    seed,
    parameters: countParameters(architecture).trainable,
    weightsSha256,
    modelDir,
    imagesPerSecond: (2 * validationSize) / seconds,
  };
}
