import { boolean, is, number, optional } from 'valibot';
import { parse, RECORD, type Schema, shown } from '../json.ts';
import type { Padding } from '../network/shapes.ts';
import { type ImportedNetwork, NetworkBuilder, spreadGroups, unsupported } from './network-builder.ts';

type Json = Readonly<Record<string, unknown>>;

/** Finds the weights of a layer in Keras' order. */
export type KerasWeights = (layer: KerasEntry) => readonly Float32Array[];

/** One layer of a Keras model. */
export interface KerasEntry {
  readonly className: string;
  readonly name: string;
  readonly config: Json;
}

const SUPPORTED =
  'layers that can be read: Conv2D, DepthwiseConv2D, SeparableConv2D, Dense, BatchNormalization, ReLU, Softmax, Activation (relu, softmax, linear), MaxPooling2D, ' +
  'AveragePooling2D, GlobalAveragePooling2D, ZeroPadding2D, UpSampling2D, Flatten, Reshape, Dropout and Rescaling';

/**
 * Reads a stack of Keras layers.
 *
 * @param topology `{ class_name, config }` of a Sequential or Functional model
 * @param weightsOf called once for each layer that has weights
 * @throws TypeError or RangeError naming the layer that cannot be read
 */
export function readKerasNetwork(topology: unknown, weightsOf: KerasWeights): ImportedNetwork {
  const { entries, inputShape } = entriesOf(topology);
  const input = imageShape(inputShape, entries);
  const builder = new NetworkBuilder(input.shape);
  entries.forEach((entry, i) => {
    addEntry(builder, entry, {
      isLast: i === entries.length - 1,
      weightsOf,
      isFlatInput: input.isFlat,
      next: entries.at(i + 1),
    });
  });
  return builder.finish();
}

function entriesOf(topology: unknown): { entries: readonly KerasEntry[]; inputShape: readonly number[] } {
  const model = parse(RECORD, topology, 'importModel: modelTopology');
  const kind = String(model.class_name);
  if (!['Sequential', 'Functional', 'Model'].includes(kind)) {
    throw unsupported('the model', `a ${shown(kind)}`, 'save a Sequential or Functional model');
  }
  // Old files of sequential models are a bare list of layers.
  const config = Array.isArray(model.config)
    ? { layers: model.config }
    : parse(RECORD, model.config, 'importModel: config');
  if (!Array.isArray(config.layers) || config.layers.length === 0 || config.layers.length > 1024) {
    throw new TypeError(`importModel: layers must be a list, got ${shown(config.layers)}`);
  }
  const layers = config.layers.map((layer: unknown) => parse(RECORD, layer, 'importModel: layer'));
  if (kind !== 'Sequential') checkChain(layers);
  const entries = layers.map((layer): KerasEntry => {
    const own = parse(RECORD, layer.config, 'importModel: layer.config');
    const name = typeof own.name === 'string' ? own.name : String(layer.class_name);
    return { className: String(layer.class_name), name, config: own };
  });
  const inputShape = [
    ...entries.map(({ config: own }) => own.batch_input_shape ?? own.batch_shape),
    config.build_input_shape,
  ]
    .filter(Array.isArray)
    .map((shape: unknown[]) => shape.slice(1))
    .at(0);
  if (inputShape?.every((size) => typeof size === 'number' && Number.isInteger(size) && size > 0) !== true) {
    throw new RangeError(
      `importModel: the model must say the size of its input, got ${shown(inputShape)}; build it with an input shape before saving`,
    );
  }
  return { entries: entries.filter(({ className }) => className !== 'InputLayer'), inputShape: inputShape as number[] };
}

/** Refuses a functional model whose layers do not follow one another. */
function checkChain(layers: readonly Json[]): void {
  layers.forEach((layer, i) => {
    const names = inboundNames(layer.inbound_nodes);
    const before = i === 0 ? [] : [String(parse(RECORD, layers[i - 1].config, 'importModel: layer.config').name)];
    if (names.length !== before.length || names.some((name, at) => name !== before[at])) {
      const config = parse(RECORD, layer.config, 'importModel: layer.config');
      throw unsupported(
        `layer "${String(config.name)}" (${String(layer.class_name)})`,
        `one that takes ${names.join(' and ') || 'nothing'}`,
        'each layer has to take the output of the one before it',
      );
    }
  });
}

/** Names of the layers whose outputs a layer takes, in the form of Keras 2 and TensorFlow.js or that of Keras 3. */
function inboundNames(nodes: unknown): readonly string[] {
  if (!Array.isArray(nodes)) return [];
  const names: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      if (typeof value[0] === 'string' && typeof value[1] === 'number') names.push(value[0]);
      else value.forEach(visit);
    } else if (is(RECORD, value)) {
      if (is(RECORD, value.config) && Array.isArray(value.config.keras_history)) visit(value.config.keras_history);
      else visit(value.args);
    }
  };
  visit(nodes);
  return names;
}

/** An input of images, or of images without channels, or of flat ones that are square. */
function imageShape(shape: readonly number[], entries: readonly KerasEntry[]) {
  if (shape.length === 3) return { shape: shape as [number, number, number], isFlat: false };
  if (shape.length === 2) return { shape: [shape[0], shape[1], 1] as [number, number, number], isFlat: false };
  const first = entries.at(0);
  const target = first?.className === 'Reshape' ? first.config.target_shape : undefined;
  if (shape.length === 1 && Array.isArray(target) && target.length >= 2) {
    return {
      shape: [Number(target[0]), Number(target[1]), Number(target[2] ?? 1)] as [number, number, number],
      isFlat: true,
    };
  }
  const side = Math.sqrt(shape[0]);
  if (shape.length === 1 && Number.isInteger(side))
    return { shape: [side, side, 1] as [number, number, number], isFlat: true };
  throw new RangeError(`importModel: the input must be images [height, width, channels], got [${shape.join(', ')}]`);
}

interface EntryContext {
  readonly isLast: boolean;
  readonly isFlatInput: boolean;
  readonly next: KerasEntry | undefined;
  readonly weightsOf: KerasWeights;
}

function addEntry(builder: NetworkBuilder, entry: KerasEntry, context: EntryContext): void {
  const { className, name, config } = entry;
  const where = `layer "${name}" (${className})`;
  checkSetting(where, config, 'data_format', ['channels_last', undefined, null]);
  switch (className) {
    case 'Conv2D':
    case 'DepthwiseConv2D':
    case 'SeparableConv2D':
      addConvolution(builder, entry, context.weightsOf(entry));
      addActivation(builder, entry, context);
      return;
    case 'Dense': {
      flattenInput(builder, context.isFlatInput);
      const useBias = flag(config, 'use_bias', true);
      const [kernel, bias] = context.weightsOf(entry);
      const units = numberOf(where, config, 'units');
      builder.add(name, { type: 'dense', units, useBias }, { kernel, ...(useBias && { bias }) });
      addActivation(builder, entry, context);
      return;
    }
    case 'BatchNormalization':
    case 'BatchNormalizationV1':
    case 'BatchNormalizationV2':
      addNormalization(builder, entry, context.weightsOf(entry));
      return;
    case 'ReLU':
      checkSetting(where, config, 'max_value', [null, undefined]);
      checkSetting(where, config, 'negative_slope', [0, undefined, null]);
      checkSetting(where, config, 'threshold', [0, undefined, null]);
      builder.add(name, { type: 'relu' });
      return;
    case 'Activation':
      addActivation(builder, entry, context);
      return;
    case 'Softmax':
      checkSetting(where, config, 'axis', [-1, undefined, 1]);
      if (!context.isLast)
        throw unsupported(where, 'a softmax before other layers', 'only the last layer can be a softmax');
      return;
    case 'MaxPooling2D':
    case 'AveragePooling2D': {
      const poolSize = pairOf(where, config, 'pool_size', [2, 2]);
      const type = className === 'MaxPooling2D' ? 'maxPooling2d' : 'averagePooling2d';
      builder.add(name, {
        type,
        poolSize,
        strides: pairOf(where, config, 'strides', poolSize),
        padding: paddingOf(where, config),
      });
      return;
    }
    case 'GlobalAveragePooling2D':
      builder.add(name, { type: 'globalAveragePooling2d' });
      return;
    case 'ZeroPadding2D': {
      const { padding } = config;
      const sides = Array.isArray(padding) ? padding : [padding, padding];
      const [rows, columns] = sides.map(
        (side: unknown) => (Array.isArray(side) ? side : [side, side]) as [number, number],
      );
      builder.add(name, { type: 'zeroPadding2d', padding: [[rows[0], rows[1]], [columns[0], columns[1]]] }); // prettier-ignore
      return;
    }
    case 'UpSampling2D':
      checkSetting(where, config, 'interpolation', ['nearest', undefined]);
      builder.add(name, { type: 'upSampling2d', size: pairOf(where, config, 'size', [2, 2]) });
      return;
    case 'Flatten':
      if (builder.shape.length === 3) builder.add(name, { type: 'flatten' });
      return;
    case 'Dropout':
    case 'SpatialDropout2D':
      builder.add(name, { type: 'dropout', rate: numberOf(where, config, 'rate') });
      return;
    case 'Reshape':
      addReshape(builder, entry);
      return;
    case 'Rescaling':
      addRescaling(builder, entry, context);
      return;
    default:
      throw unsupported(where, className, SUPPORTED);
  }
}

/** Images that the source takes as flat vectors are flattened before the first layer of vectors. */
function flattenInput(builder: NetworkBuilder, isFlatInput: boolean): void {
  if (isFlatInput && builder.lastType === null) builder.add('flatten', { type: 'flatten' });
}

function addReshape(builder: NetworkBuilder, { name, className, config }: KerasEntry): void {
  const target = (config.target_shape as number[] | undefined) ?? [];
  const { shape } = builder;
  const isSame = [shape, shape.slice(0, 2)].some((same) => same.join() === target.join());
  if (isSame) return;
  if (target.length === 1 && shape.length === 3) builder.add(name, { type: 'flatten' });
  else if (builder.lastType !== null || target.length < 2) {
    throw unsupported(
      `layer "${name}" (${className})`,
      `[${shape.join(', ')}] to [${target.join(', ')}]`,
      'it can only flatten images, or come first',
    );
  }
}

/** Brings pixels from 0 to 255 to [0, 1], which images here have already, or divides logits by a temperature. */
function addRescaling(builder: NetworkBuilder, { name, className, config }: KerasEntry, { next }: EntryContext): void {
  const where = `layer "${name}" (${className})`;
  const scale = numberOf(where, config, 'scale');
  const isBare = (config.offset ?? 0) === 0;
  if (isBare && builder.lastType === null && Math.abs(scale * 255 - 1) < 1e-6) return;
  const isBeforeSoftmax =
    next?.className === 'Softmax' || (next?.className === 'Activation' && activationName(next.config) === 'softmax');
  if (isBare && isBeforeSoftmax && scale > 0) {
    builder.temperature = 1 / scale;
    return;
  }
  throw unsupported(
    where,
    `scale ${scale}, offset ${shown(config.offset ?? 0)}`,
    'it can only be 1/255 at the input, or come right before the softmax',
  );
}

function addConvolution(
  builder: NetworkBuilder,
  { className, name, config }: KerasEntry,
  weights: readonly Float32Array[],
): void {
  const where = `layer "${name}" (${className})`;
  checkSetting(where, config, 'dilation_rate', [undefined, 1, '1,1'], (value) =>
    Array.isArray(value) ? value.join() : value,
  );
  const kernelSize = pairOf(where, config, 'kernel_size', [1, 1]);
  const strides = pairOf(where, config, 'strides', [1, 1]);
  const useBias = flag(config, 'use_bias', true);
  const settings = { type: 'conv2d', kernelSize, strides, padding: paddingOf(where, config), useBias } as const;
  const places = kernelSize[0] * kernelSize[1];
  const numIn = builder.shape[2];
  const bias = weights[weights.length - 1];
  const add = (filters: number, kernel: Float32Array): void => {
    builder.add(name, { ...settings, filters }, { kernel, ...(useBias && { bias }) });
  };
  if (className === 'Conv2D') {
    const filters = numberOf(where, config, 'filters');
    const groups = config.groups === undefined ? 1 : numberOf(where, config, 'groups');
    const perGroup = numIn / groups;
    // [places, numIn / groups, filters]
    const at = (place: number, output: number, i: number) => weights[0][(place * perGroup + i) * filters + output];
    add(filters, groups === 1 ? weights[0] : spreadGroups({ places, numIn, numOut: filters, groups }, at));
    return;
  }
  // From the weights, because TensorFlow.js does not save the setting of a separable convolution.
  const multiplier = (weights.at(0)?.length ?? 0) / (places * numIn);
  const numDepthwise = numIn * multiplier;
  // [places, numIn, multiplier] is [places, numDepthwise]
  const depthwise = (place: number, output: number): number => weights[0][place * numDepthwise + output];
  if (className === 'DepthwiseConv2D') {
    add(numDepthwise, spreadGroups({ places, numIn, numOut: numDepthwise, groups: numIn }, depthwise));
    return;
  }
  // A separable convolution is one convolution, whose kernel is the product of its two.
  const filters = numberOf(where, config, 'filters');
  const kernel = new Float32Array(places * numIn * filters);
  for (let place = 0; place < places; place++) {
    for (let i = 0; i < numIn; i++) {
      for (let filter = 0; filter < filters; filter++) {
        let sum = 0;
        for (let m = 0; m < multiplier; m++) {
          const channel = i * multiplier + m;
          sum += depthwise(place, channel) * weights[1][channel * filters + filter];
        }
        kernel[(place * numIn + i) * filters + filter] = sum;
      }
    }
  }
  add(filters, kernel);
}

function addNormalization(
  builder: NetworkBuilder,
  { className, name, config }: KerasEntry,
  weights: readonly Float32Array[],
): void {
  const where = `layer "${name}" (${className})`;
  const { shape } = builder;
  checkSetting(
    where,
    config,
    'axis',
    [undefined, -1, shape.length],
    (axis) => (Array.isArray(axis) ? axis[0] : axis) as unknown,
  );
  const [scale, center] = [flag(config, 'scale', true), flag(config, 'center', true)];
  const size = shape[shape.length - 1];
  const rest = [...weights];
  const gamma = scale ? rest.shift() : new Float32Array(size).fill(1);
  const beta = center ? rest.shift() : new Float32Array(size);
  const [moving_mean, moving_variance] = rest;
  if (gamma === undefined || beta === undefined)
    throw new RangeError(`importModel: ${where} must have its weights, got none`);
  const settings = { momentum: numberOf(where, config, 'momentum'), epsilon: numberOf(where, config, 'epsilon') };
  builder.add(name, { type: 'batchNormalization', ...settings }, { gamma, beta, moving_mean, moving_variance });
}

function activationName(config: Json): string {
  const { activation } = config;
  if (typeof activation === 'string') return activation;
  return is(RECORD, activation) ? String(activation.class_name ?? activation.config) : 'linear';
}

/** Activation of a layer. It becomes a separate layer here. */
function addActivation(
  builder: NetworkBuilder,
  { name, className, config }: KerasEntry,
  { isLast }: EntryContext,
): void {
  const activation = activationName(config);
  if (activation === 'linear') return;
  if (activation === 'relu') {
    builder.add(className === 'Activation' ? name : `${name}_relu`, { type: 'relu' });
    return;
  }
  if (activation === 'softmax' && isLast) return;
  throw unsupported(
    `layer "${name}" (${className})`,
    `the activation ${activation}`,
    'relu and linear can be read, and softmax in the last layer',
  );
}

const NUMBER = number('be a number') as Schema<number>;
const BOOLEAN_OR_NONE = optional(boolean('be true or false')) as Schema<boolean | undefined>;

function numberOf(where: string, config: Json, key: string): number {
  return parse(NUMBER, config[key], `importModel: ${key} of ${where}`);
}

function flag(config: Json, key: string, otherwise: boolean): boolean {
  return parse(BOOLEAN_OR_NONE, config[key], `importModel: ${key}`) ?? otherwise;
}

function pairOf(
  where: string,
  config: Json,
  key: string,
  otherwise: readonly [number, number],
): readonly [number, number] {
  const value = config[key] ?? otherwise;
  const sizes: unknown[] = Array.isArray(value) ? value : [value, value];
  if (sizes.length !== 2 || !sizes.every((size) => typeof size === 'number' && Number.isInteger(size) && size > 0)) {
    throw new TypeError(`importModel: ${key} of ${where} must be two whole numbers, got ${shown(value)}`);
  }
  return sizes as [number, number];
}

function paddingOf(where: string, config: Json): Padding {
  const padding = config.padding ?? 'valid';
  if (padding === 'same' || padding === 'valid') return padding;
  throw new RangeError(`importModel: padding of ${where} must be same or valid, got ${shown(padding)}`);
}

function checkSetting(
  where: string,
  config: Json,
  key: string,
  allowed: readonly unknown[],
  plain: (value: unknown) => unknown = (value) => value,
): void {
  if (!allowed.includes(plain(config[key]))) {
    throw unsupported(
      where,
      `${key} ${shown(config[key])}`,
      `${key} must be ${shown(allowed.find((value) => value !== undefined && value !== null) ?? 'left out')}`,
    );
  }
}
