import { PAGE_CHANNELS } from '@digits/synthesis';
import type { Layer } from '../network/layers.ts';
import type { Padding } from '../network/shapes.ts';

/** A dense layer with ReLU and dropout. */
export function hiddenLayer(index: number, units: number): Layer[] {
  return [
    { type: 'dense', name: `dense${index}`, units, useBias: true },
    { type: 'relu', name: `relu${index}` },
    { type: 'dropout', name: `dropout${index}`, rate: 0.2 },
  ];
}

/**
 * Blocks of convolutions, then pooling.
 * Images too small for it lose nothing to `valid` padding and are not pooled below one pixel.
 *
 * @param blocks filters of each convolution of each block
 * @param numPools blocks that are followed by pooling, the first ones
 * @param lastPaddings padding of each block's last convolution
 */
export function convolutionBlocks(
  blocks: readonly (readonly number[])[],
  [height, width]: readonly [number, number, number],
  numPools: number,
  lastPaddings: readonly Padding[] = blocks.map(() => 'valid'),
): Layer[] {
  const layers: Layer[] = [];
  let side = Math.min(height, width);
  let index = 0;
  blocks.forEach((widths, block) => {
    widths.forEach((filters, i) => {
      index++;
      const isLast = i === widths.length - 1;
      const padding = isLast && side >= 5 ? lastPaddings[block] : 'same';
      if (padding === 'valid') side -= 2;
      layers.push(...convolution(index, filters, padding));
    });
    if (side < 2 || block >= numPools) return;
    side = Math.floor(side / 2);
    layers.push(halving(block + 1));
  });
  return layers;
}

/** A 3x3 convolution, batch normalisation (which makes a bias useless) and ReLU. */
function convolution(index: number, filters: number, padding: Padding): Layer[] {
  return [
    { type: 'conv2d', name: `conv${index}`, filters, kernelSize: [3, 3], strides: [1, 1], padding, useBias: false },
    { type: 'batchNormalization', name: `bn${index}`, momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: `relu${index}` },
  ];
}

function halving(index: number): Layer {
  return { type: 'maxPooling2d', name: `pool${index}`, poolSize: [2, 2], strides: [2, 2], padding: 'valid' };
}

/**
 * A network for pixels in the shape of a U: blocks of convolutions on ever smaller images, then back to the full size. On the way back,
 * the output of each earlier block is added to the enlarged image.
 *
 * @param down filters of each convolution of each block that is followed by pooling
 * @param middle filters of the convolutions on the smallest image; the last as many as those of the last block of `down`
 * @param up filters of each convolution of each block after an addition; the last as many as those of the block that is added next
 * @see https://arxiv.org/abs/1505.04597 Ronneberger et al., "U-Net"
 */
export function pixelLayers(
  down: readonly (readonly number[])[],
  middle: readonly number[],
  up: readonly (readonly number[])[],
): Layer[] {
  let index = 0;
  const block = (widths: readonly number[]) => widths.flatMap((filters) => convolution(++index, filters, 'same'));
  const sources: string[] = [];
  const descent = down.flatMap((widths, i): Layer[] => {
    const layers = block(widths);
    sources.unshift(layers[layers.length - 1].name);
    return [...layers, halving(i + 1)];
  });
  const bottom = block(middle);
  const ascent = up.flatMap((widths, i): Layer[] => [
    { type: 'upSampling2d', name: `up${i + 1}`, size: [2, 2] },
    { type: 'add', name: `add${i + 1}`, from: sources[i] },
    ...block(widths),
  ]);
  const filters = PAGE_CHANNELS.length;
  const logits = { type: 'conv2d', name: 'logits', filters, kernelSize: [1, 1], strides: [1, 1], padding: 'same', useBias: true } as const; // prettier-ignore
  return [...descent, ...bottom, ...ascent, logits];
}
