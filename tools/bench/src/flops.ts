import { type Architecture, inferShapes, shapeSize, weightSpecs } from '@digits/model';

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
