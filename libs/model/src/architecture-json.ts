import type { Architecture, Layer, LayerType, Padding } from './architecture.ts';
import {
  readArray,
  readBoolean,
  readChoice,
  readInteger,
  readNumber,
  readObject,
  readRecord,
  readString,
  shown,
} from './json-fields.ts';
import { ARCHITECTURE_LIMITS, inferShapes, numClassesOf } from './shape-inference.ts';
import { countParameters } from './weight-specs.ts';

const LAYER_TYPES: readonly LayerType[] = [
  'conv2d',
  'batchNormalization',
  'relu',
  'maxPooling2d',
  'globalAveragePooling2d',
  'flatten',
  'dropout',
  'dense',
];
const PADDINGS: readonly Padding[] = ['same', 'valid'];
/** No `/`, which separates layer and weight in a weight's name; no leading `_`, which frameworks keep for themselves. */
const LAYER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** Names of the two layers that the model file puts behind the logits. */
const RESERVED_NAMES: readonly string[] = ['temperature', 'softmax'];
const MAX_WINDOW = 1024;

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

function parseLayer(value: unknown, where: string): Layer {
  const type = readChoice(readRecord(value, where).type, `${where}.type`, LAYER_TYPES);
  switch (type) {
    case 'conv2d': {
      const keys = ['type', 'name', 'filters', 'kernelSize', 'strides', 'padding', 'useBias'] as const;
      const fields = readObject(value, where, keys);
      return {
        type,
        name: readName(fields.name, where),
        filters: readDimension(fields.filters, `${where}.filters`),
        kernelSize: readPair(fields.kernelSize, `${where}.kernelSize`),
        strides: readPair(fields.strides, `${where}.strides`),
        padding: readChoice(fields.padding, `${where}.padding`, PADDINGS),
        useBias: readBoolean(fields.useBias, `${where}.useBias`),
      };
    }
    case 'batchNormalization': {
      const fields = readObject(value, where, ['type', 'name', 'momentum', 'epsilon']);
      return {
        type,
        name: readName(fields.name, where),
        momentum: readNumber(fields.momentum, `${where}.momentum`, { min: 0, max: 1, openMax: true }),
        epsilon: readNumber(fields.epsilon, `${where}.epsilon`, { min: 0, max: 1, openMin: true }),
      };
    }
    case 'maxPooling2d': {
      const fields = readObject(value, where, ['type', 'name', 'poolSize', 'strides', 'padding']);
      return {
        type,
        name: readName(fields.name, where),
        poolSize: readPair(fields.poolSize, `${where}.poolSize`),
        strides: readPair(fields.strides, `${where}.strides`),
        padding: readChoice(fields.padding, `${where}.padding`, PADDINGS),
      };
    }
    case 'relu':
    case 'globalAveragePooling2d':
    case 'flatten':
      return { type, name: readName(readObject(value, where, ['type', 'name']).name, where) };
    case 'dropout': {
      const fields = readObject(value, where, ['type', 'name', 'rate']);
      const rate = readNumber(fields.rate, `${where}.rate`, { min: 0, max: 1, openMax: true });
      return { type, name: readName(fields.name, where), rate };
    }
    case 'dense': {
      const fields = readObject(value, where, ['type', 'name', 'units', 'useBias']);
      return {
        type,
        name: readName(fields.name, where),
        units: readDimension(fields.units, `${where}.units`),
        useBias: readBoolean(fields.useBias, `${where}.useBias`),
      };
    }
  }
}

function readName(value: unknown, where: string): string {
  const name = readString(value, `${where}.name`, 64);
  if (!LAYER_NAME.test(name)) {
    throw new RangeError(`${where}.name must be a letter, then letters, digits, _ or -, got ${shown(name)}`);
  }
  return name;
}

function readDimension(value: unknown, where: string): number {
  return readInteger(value, where, 1, ARCHITECTURE_LIMITS.dimension);
}

function readPair(value: unknown, where: string): readonly [number, number] {
  const pair = readArray(value, where, 2, 2, (item, at) => readInteger(item, at, 1, MAX_WINDOW));
  return [pair[0], pair[1]];
}
