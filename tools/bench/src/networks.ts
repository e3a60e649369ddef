import { type Architecture, type Layer, type Padding, PRESET_NAMES, presetConfig } from '@digits/model';

/** Convolutions 16, 16, pool, 32, 32, pool, 64, 64. Two valid ones first, so that every pooling halves its side exactly: 24, 12, 6. */
const WIDE: Architecture = {
  inputShape: [28, 28, 1],
  layers: [
    ...block('conv1', 16, 'valid'),
    ...block('conv2', 16, 'valid'),
    pooling('pool1'),
    ...block('conv3', 32, 'same'),
    ...block('conv4', 32, 'same'),
    pooling('pool2'),
    ...block('conv5', 64, 'same'),
    ...block('conv6', 64, 'same'),
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 10, useBias: true },
  ],
};

/** Convolution 16, pool, convolution 32, pool: the network of many a tutorial, kept as it is so that races stay comparable. */
const FAST: Architecture = {
  inputShape: [28, 28, 1],
  layers: [
    ...block('conv1', 16, 'valid'),
    pooling('pool1'),
    ...block('conv2', 32, 'valid'),
    pooling('pool2'),
    { type: 'flatten', name: 'flatten' },
    { type: 'dense', name: 'logits', units: 10, useBias: true },
  ],
};

/** What can be measured by name: the presets, but a network of its own for `fast`; and `wide`. */
export const NETWORKS: ReadonlyMap<string, Architecture> = new Map([
  ...PRESET_NAMES.map((name) => [name, presetConfig(name).architecture] as const),
  ['fast', FAST],
  ['wide', WIDE],
]);

/**
 * Finds a network by its name.
 *
 * @throws RangeError for an unknown name
 */
export function networkNamed(name: string): Architecture {
  const architecture = NETWORKS.get(name);
  if (architecture !== undefined) return architecture;
  throw new RangeError(`networkNamed: name must be one of ${[...NETWORKS.keys()].join(', ')}, got "${name}"`);
}

/** A convolution without bias, batch normalisation, ReLU. */
function block(name: string, filters: number, padding: Padding): readonly Layer[] {
  return [
    { type: 'conv2d', name, filters, kernelSize: [3, 3], strides: [1, 1], padding, useBias: false },
    { type: 'batchNormalization', name: `${name}-norm`, momentum: 0.9, epsilon: 1e-3 },
    { type: 'relu', name: `${name}-relu` },
  ];
}

function pooling(name: string): Layer {
  return { type: 'maxPooling2d', name, poolSize: [2, 2], strides: [2, 2], padding: 'valid' };
}
