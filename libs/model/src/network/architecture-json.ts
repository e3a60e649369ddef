import { type Architecture, inferShapes, numClassesOf } from './architecture.ts';
import { readArray, readInteger, readObject, shown } from './json-fields.ts';
import { parseLayer } from './layers.ts';
import { ARCHITECTURE_LIMITS } from './shapes.ts';
import { countParameters } from './weight-specs.ts';

/** Names of the two layers that the model file puts behind the logits. */
const RESERVED_NAMES: readonly string[] = ['temperature', 'softmax'];

/**
 * Reads an architecture from untrusted JSON; the result is a new object that holds nothing else.
 *
 * @param value what `JSON.parse` gave
 * @param where opens every error message: the caller and the field
 * @throws TypeError or RangeError naming the field, what it must be and what was found; as {@link inferShapes} for a stack that cannot be
 */
export function parseArchitecture(value: unknown, where = 'parseArchitecture: architecture'): Architecture {
  const fields = readObject(value, where, ['inputShape', 'layers']);
  const inputShape = readArray(fields.inputShape, `${where}.inputShape`, 3, 3, readDimension);
  const layers = readArray(fields.layers, `${where}.layers`, 1, ARCHITECTURE_LIMITS.layers, parseLayer);
  const names = new Set<string>(RESERVED_NAMES);
  layers.forEach(({ name }, i) => {
    if (names.has(name)) {
      const why = RESERVED_NAMES.includes(name) ? 'is kept for the model file' : 'is taken';
      throw new RangeError(`${where}.layers[${i}].name must be unique, got ${shown(name)}, which ${why}`);
    }
    names.add(name);
  });
  const architecture: Architecture = { inputShape: [inputShape[0], inputShape[1], inputShape[2]], layers };
  inferShapes(architecture);
  const numClasses = numClassesOf(architecture);
  if (numClasses < 2) throw new RangeError(`${where} must have at least 2 classes, got ${numClasses}`);
  const { total } = countParameters(architecture);
  if (total > ARCHITECTURE_LIMITS.parameters) {
    throw new RangeError(`${where} must have at most ${ARCHITECTURE_LIMITS.parameters} parameters, got ${total}`);
  }
  return architecture;
}

/**
 * Checks an architecture in full, as for untrusted JSON.
 *
 * @throws TypeError or RangeError as {@link parseArchitecture}
 */
export function validateArchitecture(architecture: Architecture): void {
  parseArchitecture(architecture, 'validateArchitecture: architecture');
}

function readDimension(value: unknown, where: string): number {
  return readInteger(value, where, 1, ARCHITECTURE_LIMITS.dimension);
}
