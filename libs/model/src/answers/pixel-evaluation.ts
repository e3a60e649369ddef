import { normaliseImages, portableExp } from '@digits/data';
import { averagePrecisionOfCounts, bestF1OfCounts, type ScoreCounts } from '@digits/metrics';
import type { Engine } from '../network/engine.ts';
import type { TargetImages } from '../network/training-images.ts';
import type { ChannelFigures, PixelModel } from './pixel-model.ts';

/** Targets of at least this are positive: half of the scale, rounded up. */
export const POSITIVE_TARGET = 128;

/** Images in one call of an engine: twenty pages of 96x96 give half a million logits. */
const CHUNK = 20;

/** Logits beyond this are counted as this: a probability of 1e-7 or 1 - 1e-7. */
const LIMIT = 16;

/** Steps in which logits are counted: about a thousandth in probability where it changes most. */
const BINS_PER_UNIT = 256;

const NUM_BINS = 2 * LIMIT * BINS_PER_UNIT;

/**
 * Measures how well a network for pixels finds each channel. A target of at least 128 is positive. Logits are counted in steps of 1/256,
 * so the average precision is that of rounded scores; precision, recall and F1 at the threshold are exact.
 *
 * @param images n of at least 1
 * @param options `onProgress` is told how many images are answered, `signal` ends it with its reason
 * @returns the figures of each channel
 * @throws RangeError if there are no images, or images, targets or channels do not fit the network
 */
export async function evaluatePixels(
  { architecture, weights, metadata: { channels } }: PixelModel,
  engine: Engine,
  { images, targets, count, targetShape }: TargetImages,
  options: { readonly onProgress?: (numAnswered: number) => void; readonly signal?: AbortSignal } = {},
): Promise<readonly ChannelFigures[]> {
  if (count < 1) throw new RangeError('evaluatePixels: images must be at least 1, got 0');
  const imageSize = images.length / count;
  const targetSize = targets.length / count;
  if (targetShape[2] !== channels.length) {
    throw new RangeError(`evaluatePixels: targets must have ${channels.length} channels, got ${targetShape[2]}`);
  }
  const counts = channels.map(() => ({ positives: new Float64Array(NUM_BINS), negatives: new Float64Array(NUM_BINS) }));
  const predictor = await engine.createPredictor(architecture, weights);
  try {
    for (let start = 0; start < count; start += CHUNK) {
      options.signal?.throwIfAborted();
      const end = Math.min(start + CHUNK, count);
      const logits = await predictor.predict(normaliseImages(images.subarray(start * imageSize, end * imageSize)));
      countLogits(counts, logits, targets.subarray(start * targetSize, end * targetSize));
      options.onProgress?.(end);
    }
  } finally {
    await predictor.dispose();
  }
  return channels.map((channel, c) => figuresOf(channel, counts[c]));
}

type Counts = ScoreCounts & { readonly positives: Float64Array; readonly negatives: Float64Array };

/** Adds logits to the counts of their channels. */
function countLogits(counts: readonly Counts[], logits: Float32Array, targets: Uint8Array): void {
  const numChannels = counts.length;
  for (let c = 0; c < numChannels; c++) {
    const { positives, negatives } = counts[c];
    for (let i = c; i < logits.length; i += numChannels) {
      const bin = Math.floor((logits[i] + LIMIT) * BINS_PER_UNIT);
      const kept = Math.max(0, Math.min(bin, NUM_BINS - 1));
      if (targets[i] >= POSITIVE_TARGET) positives[kept]++;
      else negatives[kept]++;
    }
  }
}

function figuresOf(channel: string, counts: Counts): ChannelFigures {
  const numPositive = sum(counts.positives);
  const { bin, f1, precision, recall } = bestF1OfCounts(counts);
  return {
    channel,
    positiveShare: numPositive / (numPositive + sum(counts.negatives)),
    averagePrecision: averagePrecisionOfCounts(counts),
    threshold: 1 / (1 + portableExp(LIMIT - bin / BINS_PER_UNIT)),
    f1,
    precision,
    recall,
  };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
