import type { Architecture, Layer } from '@digits/model';

/**
 * Reads a network written as words: `16v` is a 3x3 convolution of 16 filters with `valid` padding, `16s` one with `same`, each followed by
 * batch normalisation and ReLU; `p` is 2x2 pooling; `d0.3` is dropout of 0.3 before the dense layer, which closes every network.
 *
 * @throws RangeError for a word that is none of these
 * @example
 * ```ts
 * parseLayers('16v p 32v p', [28, 28, 1], 10); // the preset fast as it first was
 * ```
 */
export function parseLayers(text: string, inputShape: Architecture['inputShape'], numOutputs: number): Architecture {
  const layers: Layer[] = [];
  const dropout: Layer[] = [];
  let [numConvolutions, numPools] = [0, 0];
  for (const word of text.trim().split(/\s+/)) {
    const block = /^(\d+)([vs])$/.exec(word);
    const rate = /^d(0\.\d+)$/.exec(word);
    if (block !== null) {
      layers.push(...convolution(++numConvolutions, Number(block[1]), block[2] === 'v' ? 'valid' : 'same'));
    } else if (word === 'p') {
      const name = `pool${++numPools}`;
      layers.push({ type: 'maxPooling2d', name, poolSize: [2, 2], strides: [2, 2], padding: 'valid' });
    } else if (rate !== null) {
      dropout.push({ type: 'dropout', name: 'dropout', rate: Number(rate[1]) });
    } else {
      throw new RangeError(`parseLayers: text must be of words like 16v, 16s, p and d0.3, got "${word}"`);
    }
  }
  const logits: Layer = { type: 'dense', name: 'logits', units: numOutputs, useBias: true };
  return { inputShape, layers: [...layers, { type: 'flatten', name: 'flatten' }, ...dropout, logits] };
}

function convolution(index: number, filters: number, padding: 'valid' | 'same'): Layer[] {
  const name = `conv${index}`;
  return [
    { type: 'conv2d', name, filters, kernelSize: [3, 3], strides: [1, 1], padding, useBias: false },
    { type: 'batchNormalization', name: `bn${index}`, momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: `relu${index}` },
  ];
}
