import { fillRandomWords, RandomPurpose, uniformFromWord } from '@digits/data';

/** What a dropout mask is drawn from, beside the samples. */
export interface DropoutSite {
  readonly seed: number;
  readonly epoch: number;
  readonly layerIndex: number;
  readonly rate: number;
}

/**
 * Draws the dropout mask of a batch. Element e of a sample is kept where the uniform number of word e % 4 of block
 * floor(e / 4) of its stream is at least the rate: the same in every engine, whatever the batch.
 *
 * @param samples index of each image in the training set
 * @param size values of one image at this layer
 * @returns `[samples.length, size]` float32: 0 where dropped, 1 / (1 - rate) where kept
 */
export function dropoutMask(site: DropoutSite, samples: Uint32Array, size: number): Float32Array {
  const { seed, epoch, layerIndex, rate } = site;
  const kept = Math.fround(1 / (1 - rate));
  const mask = new Float32Array(samples.length * size);
  const words = new Uint32Array(size);
  samples.forEach((sample, row) => {
    fillRandomWords({ seed, purpose: RandomPurpose.dropout, site: layerIndex, epoch, sample }, words);
    for (let e = 0; e < size; e++) mask[row * size + e] = uniformFromWord(words[e]) >= rate ? kept : 0;
  });
  return mask;
}
