import { type Architecture, inferShapes, type Layer, type NamedTensor, type Shape, type Weights } from '@digits/model';

/*
 * A network as an ONNX file, in ONNX' own layout (images NCHW, kernels OIHW): enough of protocol buffers to write the
 * messages ModelProto > GraphProto > NodeProto, TensorProto, ValueInfoProto.
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

const FLOAT = 1;
const IR_VERSION = 8;
const OPSET_VERSION = 17;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

/** Names of the graph's input and output. */
export const ONNX_INPUT = 'images';
export const ONNX_OUTPUT = 'logits';

/**
 * Writes the network as it predicts (no dropout, moving statistics).
 *
 * @param batchSize fixed, so that the runtime can plan for it
 * @returns the file's bytes; its input `images` is `[batchSize, channels, height, width]` float32, its output `logits`
 * @throws RangeError for images of several channels, whose bytes lie otherwise in NCHW
 */
export function toOnnx(architecture: Architecture, weights: Weights, batchSize: number): Uint8Array {
  const [height, width, channels] = architecture.inputShape;
  if (channels !== 1) throw new RangeError(`toOnnx: images must have 1 channel, got ${channels}`);
  const graph = new Graph(weights);
  const shapes = inferShapes(architecture);
  let flattened: Shape | null = null;
  architecture.layers.forEach((layer, i) => {
    const isLast = i === architecture.layers.length - 1;
    if (layer.type === 'flatten') flattened = i === 0 ? architecture.inputShape : shapes[i - 1];
    addLayer(graph, layer, isLast ? ONNX_OUTPUT : layer.name, flattened);
    if (layer.type === 'dense') flattened = null;
  });
  const numClasses = shapes[shapes.length - 1][0];
  return join([
    integer(1, IR_VERSION),
    message(7, [
      ...graph.nodes,
      text(2, 'network'),
      ...graph.initializers,
      message(11, valueInfo(ONNX_INPUT, [batchSize, channels, height, width])),
      message(12, valueInfo(ONNX_OUTPUT, [batchSize, numClasses])),
    ]),
    message(8, [text(1, ''), integer(2, OPSET_VERSION)]),
  ]);
}

function addLayer(graph: Graph, layer: Layer, output: string, flattened: Shape | null): void {
  switch (layer.type) {
    case 'conv2d': {
      const kernel = graph.weight(`${layer.name}/kernel`, permuteKernel);
      const bias = layer.useBias ? [graph.weight(`${layer.name}/bias`)] : [];
      graph.node(
        'Conv',
        output,
        [kernel, ...bias],
        [
          padding(layer.padding),
          intsAttribute('kernel_shape', layer.kernelSize),
          intsAttribute('strides', layer.strides),
        ],
      );
      return;
    }
    case 'batchNormalization': {
      const inputs = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((role) =>
        graph.weight(`${layer.name}/${role}`),
      );
      graph.node('BatchNormalization', output, inputs, [floatAttribute('epsilon', layer.epsilon)]);
      return;
    }
    case 'maxPooling2d':
      graph.node(
        'MaxPool',
        output,
        [],
        [
          padding(layer.padding),
          intsAttribute('kernel_shape', layer.poolSize),
          intsAttribute('strides', layer.strides),
        ],
      );
      return;
    case 'dense': {
      const kernel = graph.weight(`${layer.name}/kernel`, (tensor) =>
        flattened === null ? tensor : permuteFlattenedRows(tensor, flattened),
      );
      const bias = layer.useBias ? [graph.weight(`${layer.name}/bias`)] : [];
      graph.node('Gemm', output, [kernel, ...bias], []);
      return;
    }
    case 'globalAveragePooling2d':
      graph.node('GlobalAveragePool', `${output}-image`, [], []);
      graph.node('Flatten', output, [], []);
      return;
    case 'relu':
      graph.node('Relu', output, [], []);
      return;
    case 'flatten':
      graph.node('Flatten', output, [], []);
      return;
    case 'dropout':
      return;
  }
}

/** Nodes in a row, each fed by the one before. */
class Graph {
  readonly nodes: Uint8Array[] = [];
  readonly initializers: Uint8Array[] = [];
  private previous = ONNX_INPUT;
  private readonly weights: ReadonlyMap<string, NamedTensor>;

  constructor(weights: Weights) {
    this.weights = new Map(weights.map((tensor) => [tensor.name, tensor]));
  }

  node(operator: string, output: string, inputs: readonly string[], attributes: readonly Uint8Array[]): void {
    const names = [this.previous, ...inputs].map((name) => text(1, name));
    this.nodes.push(message(1, [...names, text(2, output), text(4, operator), ...attributes]));
    this.previous = output;
  }

  /** Adds a weight to the file. */
  weight(name: string, convert: (tensor: NamedTensor) => NamedTensor = (tensor) => tensor): string {
    const found = this.weights.get(name);
    if (found === undefined) throw new RangeError(`toOnnx: weights must hold "${name}"`);
    const { shape, values } = convert(found);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const dimensions = shape.map((size) => integer(1, size));
    this.initializers.push(message(5, [...dimensions, integer(2, FLOAT), text(8, name), field(9, bytes)]));
    return name;
  }
}

/** HWIO to OIHW. */
function permuteKernel({ name, shape, values }: NamedTensor): NamedTensor {
  const [height, width, inputs, outputs] = shape;
  const permuted = new Float32Array(values.length);
  let i = 0;
  for (let position = 0; position < height * width; position++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        permuted[(output * inputs + input) * height * width + position] = values[i++];
      }
    }
  }
  return { name, shape: [outputs, inputs, height, width], values: permuted };
}

/** Rows of a dense kernel from the order of a flattened `[h, w, c]` to that of `[c, h, w]`. */
function permuteFlattenedRows({ name, shape, values }: NamedTensor, image: Shape): NamedTensor {
  const [height, width, channels] = image;
  const units = shape[1];
  const permuted = new Float32Array(values.length);
  for (let position = 0; position < height * width; position++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (position * channels + channel) * units;
      permuted.set(values.subarray(from, from + units), (channel * height * width + position) * units);
    }
  }
  return { name, shape, values: permuted };
}

function padding(kind: 'same' | 'valid'): Uint8Array {
  const value = new TextEncoder().encode(kind === 'same' ? 'SAME_UPPER' : 'VALID');
  return attribute('auto_pad', ATTRIBUTE_STRING, [field(4, value)]);
}

function intsAttribute(name: string, values: readonly number[]): Uint8Array {
  return attribute(
    name,
    ATTRIBUTE_INTS,
    values.map((value) => integer(8, value)),
  );
}

function floatAttribute(name: string, value: number): Uint8Array {
  const bytes = new Uint8Array(new Float32Array([value]).buffer);
  return attribute(name, ATTRIBUTE_FLOAT, [join([varint((2 << 3) | 5), bytes])]);
}

function attribute(name: string, type: number, value: readonly Uint8Array[]): Uint8Array {
  return message(5, [text(1, name), ...value, integer(20, type)]);
}

function valueInfo(name: string, shape: Shape): readonly Uint8Array[] {
  const dimensions = shape.map((size) => message(1, [integer(1, size)]));
  return [text(1, name), message(2, [message(1, [integer(1, FLOAT), message(2, dimensions)])])];
}

function message(fieldNumber: number, parts: readonly Uint8Array[]): Uint8Array {
  return field(fieldNumber, join(parts));
}

function text(fieldNumber: number, value: string): Uint8Array {
  return field(fieldNumber, new TextEncoder().encode(value));
}

function integer(fieldNumber: number, value: number): Uint8Array {
  return join([varint(fieldNumber << 3), varint(value)]);
}

/** Length-delimited. */
function field(fieldNumber: number, bytes: Uint8Array): Uint8Array {
  return join([varint((fieldNumber << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.from([...bytes, rest]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    joined.set(part, position);
    position += part.length;
  }
  return joined;
}
