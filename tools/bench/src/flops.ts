import { type Architecture, inferShapes, type Layer, type Shape, shapeSize } from '@digits/model';

/** What one layer computes for one image. */
export interface LayerFlops {
  readonly layer: string;
  /** Floating-point operations of the forward pass. */
  readonly forward: number;
  /** Of forward and backward pass together. */
  readonly training: number;
}

/**
 * Counts 2 operations for each multiply-accumulate of the direct convolution or matrix product, whatever way an engine
 * takes (a Winograd convolution needs fewer, so its share of the machine's peak can exceed 100%). Everything else
 * (pooling, normalisation, activations, the optimizer) counts as nothing. Training is three times the forward pass
 * (forward, kernel gradient, input gradient), but twice for the first layer, whose input needs no gradient.
 *
 * @returns one entry for each convolution and dense layer, in the architecture's order
 */
export function countLayerFlops(architecture: Architecture): readonly LayerFlops[] {
  const shapes = inferShapes(architecture);
  const counts: LayerFlops[] = [];
  architecture.layers.forEach((layer, i) => {
    const input = i === 0 ? architecture.inputShape : shapes[i - 1];
    const forward = 2 * multiplications(layer, input, shapes[i]);
    if (forward === 0) return;
    counts.push({ layer: layer.name, forward, training: forward * (counts.length === 0 ? 2 : 3) });
  });
  return counts;
}

/** Operations for one image: a forward pass, or a training step's share. See {@link countLayerFlops}. */
export function countFlops(architecture: Architecture, kind: 'train' | 'predict'): number {
  return countLayerFlops(architecture).reduce(
    (sum, layer) => sum + (kind === 'train' ? layer.training : layer.forward),
    0,
  );
}

function multiplications(layer: Layer, input: Shape, output: Shape): number {
  switch (layer.type) {
    case 'conv2d':
      return shapeSize(output) * layer.kernelSize[0] * layer.kernelSize[1] * input[2];
    case 'dense':
      return input[0] * layer.units;
    case 'batchNormalization':
    case 'relu':
    case 'maxPooling2d':
    case 'globalAveragePooling2d':
    case 'flatten':
    case 'dropout':
      return 0;
  }
}
