import { type Architecture, inferShapes, type Layer, numClassesOf, type Shape, weightSpecs } from '@digits/model';

/** A network cut short behind one of its layers. */
export interface Prefix {
  /** Name of the convolution or dense layer that is the last of it; null for the input alone. */
  readonly layer: string | null;
  readonly architecture: Architecture;
}

/**
 * Cuts a network behind each of its blocks, a block being a convolution or dense layer with all that follows it up to the
 * next (normalisation, ReLU, pooling). Each prefix ends in the same cheap head, so that the time of a block is that of its
 * prefix less that of the prefix before. The layer that gives the logits is in none of them.
 *
 * @returns the input alone first, then a prefix for each block
 */
export function cutIntoPrefixes(architecture: Architecture): readonly Prefix[] {
  const { inputShape, layers } = architecture;
  const shapes = inferShapes(architecture);
  const numClasses = numClassesOf(architecture);
  const starts = weightSpecs(architecture).flatMap(({ role, layerIndex }) => (role === 'kernel' ? [layerIndex] : []));
  return [null, ...starts.slice(0, -1)].map((start, i) => {
    const end = start === null ? 0 : endOfBlock([inputShape, ...shapes], starts[i]);
    const kept = layers.slice(0, end);
    const shape = end === 0 ? inputShape : shapes[end - 1];
    return {
      layer: start === null ? null : layers[start].name,
      architecture: { inputShape, layers: [...kept, ...head(shape, numClasses)] },
    };
  });
}

/** Index behind the block that the layer at `next` follows; what turns images into vectors belongs to no block. */
function endOfBlock(inputShapes: readonly Shape[], next: number): number {
  let end = next;
  while (end > 0 && inputShapes[end].length < inputShapes[end - 1].length) end--;
  return end;
}

function head(shape: Shape, numClasses: number): readonly Layer[] {
  const dense: Layer = { type: 'dense', name: 'head', units: numClasses, useBias: true };
  return shape.length === 1 ? [dense] : [{ type: 'globalAveragePooling2d', name: 'head-pool' }, dense];
}
