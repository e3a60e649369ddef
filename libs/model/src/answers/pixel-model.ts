import { nullable } from 'valibot';
import { fields, type Fields, integer, list, real } from '../json.ts';
import { type Architecture, inferShapes, outputKind } from '../network/architecture.ts';
import { checkWeights } from '../network/engine-arguments.ts';
import { ARCHITECTURE_LIMITS } from '../network/layers.ts';
import { hashWeights, sha256Schema } from '../network/weight-bytes.ts';
import type { Weights } from '../network/weights.ts';
import { CLASS_NAME } from './evaluation.ts';

const share = real(0, 1);

const CHANNEL_FIGURES = {
  channel: CLASS_NAME,
  /** Share of the pixels whose target is positive. */
  positiveShare: share,
  /** Average precision over all thresholds, as scikit-learn defines it. */
  averagePrecision: share,
  /** Probability from which a pixel counts as positive, for the highest F1. */
  threshold: share,
  /** F1 at the threshold; precision and recall are those at it too. */
  f1: share,
  precision: share,
  recall: share,
};

/** How well one channel's pixels are found on a set of pages. */
export type ChannelFigures = Fields<typeof CHANNEL_FIGURES>;

const channels = list(CLASS_NAME, 1, ARCHITECTURE_LIMITS.dimension);
const channelFigures = list<ChannelFigures>(fields(CHANNEL_FIGURES), 1, ARCHITECTURE_LIMITS.dimension);

const PIXEL_FIGURES = {
  /** Pages of each of the two sets. */
  count: integer(1),
  /** On pages with kinds of paper, fonts and ways to write a digit that were not trained on. */
  validation: channelFigures,
  /** On pages with those of the training. */
  trainingKinds: channelFigures,
};

/** How well a network for pixels does on pages that it was not trained on; one entry for each channel, in order. */
export type PixelFigures = Fields<typeof PIXEL_FIGURES>;

/** Schemas of what is known of a model for pixels, by field. */
export const PIXEL_METADATA = {
  /** The recipe it was trained by, or null. */
  preset: nullable(CLASS_NAME),
  seed: nullable(integer(0)),
  /** Number of validation pages, which the seed makes again, or null. */
  validationSize: nullable(integer(1)),
  /** Generated pages that it was trained on, or null. */
  pages: nullable(fields({ count: integer(1) })),
  /** What each channel of a pixel's output stands for. */
  channels,
  /** Null where it was not measured. */
  figures: nullable(fields(PIXEL_FIGURES)),
  /** Of the float32 `weights.bin` as trained; rounded weights keep the hash of what they were rounded from. */
  weightsSha256: sha256Schema,
};

/** What is known of a model for pixels beyond its network. */
export type PixelModelMetadata = Fields<typeof PIXEL_METADATA>;

/** A trained network that answers for each pixel, with everything needed to use it. */
export interface PixelModel {
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly metadata: PixelModelMetadata;
}

/**
 * Puts a model for pixels together.
 *
 * @param weights float32 as trained; `weightsSha256` is computed from them unless given
 * @param facts `channels` names the outputs of a pixel; other facts not given are null
 * @throws RangeError if the weights are not those of the architecture, or it does not answer for pixels in as many channels
 */
export function createPixelModel(
  architecture: Architecture,
  weights: Weights,
  facts: Partial<PixelModelMetadata> & Pick<PixelModelMetadata, 'channels'>,
): PixelModel {
  checkWeights('createPixelModel', architecture, weights);
  const metadata: PixelModelMetadata = {
    preset: null,
    seed: null,
    validationSize: null,
    pages: null,
    figures: null,
    ...facts,
    weightsSha256: facts.weightsSha256 ?? hashWeights(weights),
  };
  checkPixelMetadata(metadata, architecture, 'createPixelModel: ');
  return { architecture, weights, metadata };
}

/**
 * Checks the rules that concern a model's facts and the network's outputs together.
 *
 * @param where what stands before a field's name in error messages
 * @throws RangeError naming the field, the rule and what was found
 */
export function checkPixelMetadata(
  { channels, figures }: PixelModelMetadata,
  architecture: Architecture,
  where: string,
): void {
  if (outputKind(architecture) !== 'pixels') {
    throw new RangeError(`${where}architecture must answer for pixels, got one that answers for classes`);
  }
  const numChannels = inferShapes(architecture)[architecture.layers.length - 1][2];
  const lists = { channels, ...(figures && { validation: figures.validation, trainingKinds: figures.trainingKinds }) };
  for (const [name, { length }] of Object.entries<readonly unknown[]>(lists)) {
    if (length !== numChannels) throw new RangeError(`${where}${name} must have ${numChannels} items, got ${length}`);
  }
}
