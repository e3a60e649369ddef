import {
  type Architecture,
  inferShapes,
  type Layer,
  type Padding,
  PRESET_NAMES,
  presetConfig,
  shapeSize,
  weightSpecs,
} from '@digits/model';

/** What one layer computes for one image. */
export interface LayerFlops {
  readonly layer: string;
  /** Floating-point operations of the forward pass. */
  readonly forward: number;
  /** Of forward and backward pass together. */
  readonly training: number;
}

/** Convolutions 16, 16, pool, 32, 32, pool, 64, 64. The first two are valid, so every pooling halves its side exactly: 24, 12, 6. */
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

/** Convolution 16, pool, convolution 32, pool: a typical tutorial network, so that peers can be compared on a familiar size. */
const SMALL: Architecture = {
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

/** Networks by name: those of the presets, and `small` and `wide`, which only the bench has. */
export const NETWORKS: ReadonlyMap<string, Architecture> = new Map([
  ...PRESET_NAMES.map((name) => [name, presetConfig(name).architecture] as const),
  ['small', SMALL],
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

/**
 * Counts 2 operations for each multiply-accumulate of the direct convolution or matrix product, whatever way an engine
 * takes (a Winograd convolution needs fewer, so its share of the machine's peak can exceed 100%): every value of a kernel is
 * used once for each pixel that comes out. Everything else (pooling, normalisation, activations, the optimizer) counts as
 * nothing. Training is three times the forward pass (forward, kernel gradient, input gradient), but twice for the first
 * layer, whose input needs no gradient.
 *
 * @returns one entry for each layer that has a kernel, in the architecture's order
 */
export function countLayerFlops(architecture: Architecture): readonly LayerFlops[] {
  const shapes = inferShapes(architecture);
  const kernels = weightSpecs(architecture).filter(({ role }) => role === 'kernel');
  return kernels.map(({ layerIndex, shape }, i) => {
    const output = shapes[layerIndex];
    const numPixels = shapeSize(output) / output[output.length - 1];
    const forward = 2 * numPixels * shapeSize(shape);
    return { layer: architecture.layers[layerIndex].name, forward, training: forward * (i === 0 ? 2 : 3) };
  });
}

/** Operations for one image: a forward pass, or a training step's share. See {@link countLayerFlops}. */
export function countFlops(architecture: Architecture, kind: 'train' | 'predict'): number {
  return countLayerFlops(architecture).reduce(
    (sum, layer) => sum + (kind === 'train' ? layer.training : layer.forward),
    0,
  );
}
