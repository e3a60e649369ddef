import { type Layer, layerTitle, outputShape } from './layers.ts';
import { ARCHITECTURE_LIMITS, type Shape, shapeSize, showShape } from './shapes.ts';

/** A network as plain JSON. The last layer is a `dense` one whose outputs are the logits, one a class. */
export interface Architecture {
  /** `[height, width, channels]` of an input image, float32 in [0, 1]. */
  readonly inputShape: readonly [number, number, number];
  readonly layers: readonly Layer[];
}

/**
 * Gives the shape of what each layer puts out, without the batch dimension.
 *
 * @returns one shape a layer, in the architecture's order
 * @throws RangeError where a layer cannot take what it is given (with its index, its name and both shapes), where the
 * last layer is not a `dense` one, or where sizes go beyond {@link ARCHITECTURE_LIMITS}
 */
export function inferShapes(architecture: Architecture): readonly Shape[] {
  const shapes: Shape[] = [];
  let shape: Shape = architecture.inputShape;
  architecture.layers.forEach((layer, index) => {
    shape = outputShape(layer, index, shape);
    const size = shapeSize(shape);
    if (size > ARCHITECTURE_LIMITS.activationSize) {
      throw new RangeError(
        `inferShapes: ${layerTitle(layer, index)} must give at most ${ARCHITECTURE_LIMITS.activationSize} values an image, got ${showShape(shape)}`,
      );
    }
    shapes.push(shape);
  });
  const last = architecture.layers.at(-1);
  if (last?.type !== 'dense') {
    throw new RangeError(
      `inferShapes: the last layer must be dense (its outputs are the logits), got ${last === undefined ? 'no layers' : layerTitle(last, shapes.length - 1)}`,
    );
  }
  return shapes;
}

/** Number of classes: the units of the last layer. */
export function numClassesOf(architecture: Architecture): number {
  const last = architecture.layers.at(-1);
  if (last?.type !== 'dense') throw new RangeError('numClassesOf: the last layer must be dense');
  return last.units;
}
