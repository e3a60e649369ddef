import { fields, type Fields, list, parse, type Schema, shown } from '../json.ts';
import {
  ARCHITECTURE_LIMITS,
  describeSettings,
  DIMENSION,
  layerSchema,
  layerTitle,
  layerWeights,
  outputShape,
  skipSource,
  type WeightRole,
} from './layers.ts';
import { type Shape, shapeSize, showShape } from './shapes.ts';

const ARCHITECTURE = {
  /** `[height, width, channels]` of an input image, float32 in [0, 1]. */
  inputShape: list(DIMENSION, 3) as Schema<readonly [number, number, number]>,
  layers: list(layerSchema, 1, ARCHITECTURE_LIMITS.layers),
};

/**
 * A network as plain JSON: each layer takes the output of the layer before it, and `add` that of an earlier one too. The last
 * layer gives the logits: a `dense` one a logit for each class of the image, a `conv2d` one for each channel of each pixel.
 */
export type Architecture = Fields<typeof ARCHITECTURE>;

/** Schema of an architecture's JSON; {@link checkArchitecture} has the rules about its fields together. */
export const architectureSchema: Schema<Architecture> = fields(ARCHITECTURE);

/** What a network answers for: an image with a logit for each class, or each pixel with independent logits. */
export type OutputKind = 'classes' | 'pixels';

/** Names of the layers that the model file puts behind the logits. */
const ANSWER_NAMES: Readonly<Record<OutputKind, readonly string[]>> = {
  classes: ['temperature', 'softmax'],
  pixels: ['sigmoid'],
};
/** Name of the layer that the model file puts before a network that is not a plain stack. */
export const INPUT_NAME = 'input';

/**
 * Reads an architecture from untrusted JSON; the result is a new object that holds nothing else.
 *
 * @param value what `JSON.parse` gave
 * @param where opens every error message: the caller and the field
 * @throws TypeError or RangeError naming the field, what it must be and what was found; as {@link inferShapes} for a stack that cannot be
 */
export function parseArchitecture(value: unknown, where = 'parseArchitecture: architecture'): Architecture {
  const architecture = parse(architectureSchema, value, where);
  checkArchitecture(architecture, where);
  return architecture;
}

/**
 * Checks an architecture in full, as for untrusted JSON.
 *
 * @throws TypeError or RangeError as `parseArchitecture`
 */
export function validateArchitecture(architecture: Architecture): void {
  parseArchitecture(architecture, 'validateArchitecture: architecture');
}

/**
 * Checks the rules that concern several fields: names, shapes, sizes.
 *
 * @param where opens the error messages
 * @throws RangeError naming the rule and what was found
 */
export function checkArchitecture(architecture: Architecture, where: string): void {
  const reserved = reservedNames(architecture);
  const names = new Set<string>(reserved);
  architecture.layers.forEach(({ name }, i) => {
    if (names.has(name)) {
      const why = reserved.includes(name) ? 'is kept for the model file' : 'is taken';
      throw new RangeError(`${where}.layers[${i}].name must be unique, got ${shown(name)}, which ${why}`);
    }
    names.add(name);
  });
  inferShapes(architecture);
  if (outputKind(architecture) === 'classes') {
    const numClasses = numClassesOf(architecture);
    if (numClasses < 2) throw new RangeError(`${where} must have at least 2 classes, got ${numClasses}`);
  }
  const { total } = countParameters(architecture);
  if (total > ARCHITECTURE_LIMITS.parameters) {
    throw new RangeError(`${where} must have at most ${ARCHITECTURE_LIMITS.parameters} parameters, got ${total}`);
  }
}

function reservedNames(architecture: Architecture): readonly string[] {
  const answers = ANSWER_NAMES[architecture.layers.at(-1)?.type === 'conv2d' ? 'pixels' : 'classes'];
  return hasSkips(architecture) ? [INPUT_NAME, ...answers] : answers;
}

/** Whether a layer takes the output of an earlier one besides that of the layer before it. */
export function hasSkips({ layers }: Pick<Architecture, 'layers'>): boolean {
  return layers.some((layer) => skipSource(layer) !== null);
}

/**
 * Gives the shape of what each layer puts out, without the batch dimension.
 *
 * @returns one shape a layer, in the architecture's order
 * @throws RangeError where a layer cannot take what it is given (with its index, its name and both shapes), where the
 * last layer is neither `dense` nor `conv2d`, or where sizes go beyond `ARCHITECTURE_LIMITS`
 */
export function inferShapes(architecture: Architecture): readonly Shape[] {
  const shapes: Shape[] = [];
  const byName = new Map<string, Shape>();
  let shape: Shape = architecture.inputShape;
  architecture.layers.forEach((layer, index) => {
    shape = outputShape(layer, index, shape, byName);
    const size = shapeSize(shape);
    if (size > ARCHITECTURE_LIMITS.activationSize) {
      throw new RangeError(
        `inferShapes: ${layerTitle(layer, index)} must give at most ${ARCHITECTURE_LIMITS.activationSize} values an image, got ${showShape(shape)}`,
      );
    }
    shapes.push(shape);
    byName.set(layer.name, shape);
  });
  outputKind(architecture, 'inferShapes');
  return shapes;
}

/**
 * Says what a network answers for, by its last layer.
 *
 * @param caller opens the error message
 * @throws RangeError where the last layer is neither `dense` nor `conv2d`
 */
export function outputKind({ layers }: Pick<Architecture, 'layers'>, caller = 'outputKind'): OutputKind {
  const last = layers.at(-1);
  if (last?.type === 'dense') return 'classes';
  if (last?.type === 'conv2d') return 'pixels';
  throw new RangeError(
    `${caller}: the last layer must be dense or conv2d (its outputs are the logits), got ${last === undefined ? 'no layers' : layerTitle(last, layers.length - 1)}`,
  );
}

/**
 * Number of classes: the units of the last layer.
 *
 * @throws RangeError for a network that answers for pixels, which has no classes
 */
export function numClassesOf({ layers }: Architecture): number {
  const last = layers.at(-1);
  if (last?.type !== 'dense') {
    throw new RangeError(
      `numClassesOf: the last layer must be dense, got ${last === undefined ? 'no layers' : layerTitle(last, layers.length - 1)}; only a network that answers for whole images has classes`,
    );
  }
  return last.units;
}

/** One weight of an architecture, without its values. */
export interface WeightSpec {
  /** `<layer name>/<role>`. */
  readonly name: string;
  readonly role: WeightRole;
  readonly layerIndex: number;
  readonly shape: Shape;
  /** Whether the optimizer moves it; moving statistics follow the batches instead. */
  readonly trainable: boolean;
}

/**
 * Lists the weights of an architecture in contract order: layer by layer, each layer's as in Keras
 * (kernel, bias; gamma, beta, moving_mean, moving_variance).
 *
 * @throws RangeError as {@link inferShapes}
 */
export function weightSpecs(architecture: Architecture): readonly WeightSpec[] {
  const shapes = inferShapes(architecture);
  return architecture.layers.flatMap((layer, layerIndex) => {
    const input = layerIndex === 0 ? architecture.inputShape : shapes[layerIndex - 1];
    return layerWeights(layer, input).map(([role, shape]) => ({
      name: `${layer.name}/${role}`,
      role,
      layerIndex,
      shape,
      trainable: role !== 'moving_mean' && role !== 'moving_variance',
    }));
  });
}

/** How many numbers a network consists of; moving statistics are not trainable. */
interface ParameterCount {
  readonly total: number;
  readonly trainable: number;
}

/**
 * Counts the weights of an architecture.
 *
 * @throws RangeError as {@link inferShapes}
 */
export function countParameters(architecture: Architecture): ParameterCount {
  let total = 0;
  let trainable = 0;
  for (const spec of weightSpecs(architecture)) {
    const size = shapeSize(spec.shape);
    total += size;
    if (spec.trainable) trainable += size;
  }
  return { total, trainable };
}

/**
 * Shows an architecture as a text table: a line for each layer with its settings, output shape and parameters, then the total.
 *
 * @returns lines separated by `\n`, without one at the end
 * @throws RangeError as `inferShapes`
 */
export function describeArchitecture(architecture: Architecture): string {
  const shapes = inferShapes(architecture);
  const sizes = new Array<number>(architecture.layers.length).fill(0);
  for (const { layerIndex, shape } of weightSpecs(architecture)) sizes[layerIndex] += shapeSize(shape);
  const rows = [
    ['layer', 'type', 'settings', 'output', 'parameters'],
    ['input', '', '', showShape(architecture.inputShape), ''],
    ...architecture.layers.map((layer, i) => [
      layer.name,
      layer.type,
      describeSettings(layer),
      showShape(shapes[i]),
      showCount(sizes[i]),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => alignCell(cell, widths, column))
      .join('  ')
      .trimEnd(),
  );
  const { total, trainable } = countParameters(architecture);
  return [...lines, `${showCount(total)} parameters, ${showCount(trainable)} trainable`].join('\n');
}

/** Numbers to the right, words to the left. */
function alignCell(cell: string, widths: readonly number[], column: number): string {
  return column === widths.length - 1 ? cell.padStart(widths[column]) : cell.padEnd(widths[column]);
}

/** Thousands separated by commas, whatever the host's language. */
function showCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
