import { type Architecture, inferShapes, type Layer, numClassesOf, type Shape, type Weights } from '@digits/model';
import { featuresChannelsFirst, kernelChannelsFirst, windowPads } from './channels-first.ts';
import {
  attributes,
  floatTensor,
  int64Tensor,
  type OnnxFields,
  type OnnxSettings,
  type OnnxTensor,
  tensorType,
} from './onnx-format.ts';

/** A `NodeProto`. */
export interface OnnxNode extends OnnxFields {
  readonly opType: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly OnnxFields[];
}

/** A `GraphProto`. */
export interface OnnxGraph extends OnnxFields {
  readonly node: readonly OnnxNode[];
  readonly initializer: readonly OnnxTensor[];
}

/** Where the graph stands: what was computed last, and how it lies in memory. */
interface Position {
  readonly value: string;
  /** ONNX wants channels before rows (`nchw`); our images and flattened layers have them last. `flat` is `[n, features]`. */
  readonly layout: 'nhwc' | 'nchw' | 'flat';
  /**
   * `[height, width, channels]` of the image whose values lie flat with its channels first; null where they lie as ours do. What
   * has a value for each feature is brought into that order, which costs nothing when the network runs.
   */
  readonly flattened: Shape | null;
}

/** Puts nodes and weights together, one after the other. */
interface GraphBuilder {
  node(opType: string, name: string, input: readonly string[], settings?: OnnxSettings): string;
  weight(tensor: OnnxTensor): string;
}

/** A network to export. */
export interface OnnxNetwork {
  /** Name of the graph. */
  readonly name: string;
  readonly architecture: Architecture;
  readonly weights: Weights;
  readonly answer: OnnxAnswer;
}

/**
 * What follows the logits: temperature and softmax over the first `numClasses` of them, or for a network that answers for pixels the
 * sigmoid of each.
 */
export type OnnxAnswer = { readonly temperature: number; readonly numClasses: number } | 'sigmoid';

/** Turns a network into the `GraphProto` that gives its probabilities. */
export function graphOf({ name, architecture, weights, answer }: OnnxNetwork): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const initializer: OnnxTensor[] = [];
  const builder: GraphBuilder = {
    node: (opType, name, input, settings = {}) => {
      nodes.push({ opType, name, input, output: [name], attribute: attributes(settings) });
      return name;
    },
    weight: (tensor) => {
      initializer.push(tensor);
      return tensor.name;
    },
  };
  const context: LayerContext = {
    builder,
    weights: new Map(weights.map((tensor) => [tensor.name, tensor])),
    shapes: [architecture.inputShape, ...inferShapes(architecture)],
    outputs: new Map(),
  };
  let position: Position = { value: 'images', layout: 'nhwc', flattened: null };
  for (const [index, layer] of architecture.layers.entries()) {
    position = addLayer(context, position, layer, index);
    context.outputs.set(layer.name, position);
  }
  const logitsShape = context.shapes[architecture.layers.length];
  if (answer === 'sigmoid') addPixelAnswer(builder, position.value);
  else addClassAnswer(builder, position.value, architecture, answer);
  return {
    name,
    node: nodes,
    initializer,
    input: [tensorType('images', ['n', ...architecture.inputShape])],
    output: [
      tensorType('probabilities', ['n', ...(answer === 'sigmoid' ? logitsShape : [answer.numClasses])]),
      tensorType('logits', ['n', ...logitsShape]),
    ],
  };
}

interface LayerContext {
  readonly builder: GraphBuilder;
  readonly weights: ReadonlyMap<string, Weights[number]>;
  /** Input of the network, then output of each layer. */
  readonly shapes: readonly (readonly number[])[];
  /** Place of each earlier layer's output, by the layer's name. */
  readonly outputs: Map<string, Position>;
}

function addLayer(context: LayerContext, position: Position, layer: Layer, index: number): Position {
  const { builder } = context;
  // No weight is called so, and no value of ours has a slash: layers may have any name.
  const name = `${layer.name}/output`;
  switch (layer.type) {
    case 'conv2d': {
      const input = toChannelsFirst(builder, position, name);
      const values = [input, kernelOfConvolution(context, layer), ...biasOf(context, layer)];
      const value = builder.node('Conv', name, values, {
        kernel_shape: layer.kernelSize,
        strides: layer.strides,
        pads: windowPads(context.shapes[index], layer.kernelSize, layer),
      });
      return { value, layout: 'nchw', flattened: null };
    }
    case 'batchNormalization': {
      const input = toChannelsFirst(builder, position, name);
      const values = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((weight) =>
        weightByFeature(context, position, `${layer.name}/${weight}`),
      );
      const value = builder.node('BatchNormalization', name, [input, ...values], { epsilon: { float: layer.epsilon } });
      return { ...position, value, layout: position.layout === 'flat' ? 'flat' : 'nchw' };
    }
    case 'relu':
      return { ...position, value: builder.node('Relu', name, [position.value]) };
    case 'maxPooling2d': {
      const input = toChannelsFirst(builder, position, name);
      const value = builder.node('MaxPool', name, [input], {
        kernel_shape: layer.poolSize,
        strides: layer.strides,
        pads: windowPads(context.shapes[index], layer.poolSize, layer),
      });
      return { value, layout: 'nchw', flattened: null };
    }
    case 'averagePooling2d': {
      const input = toChannelsFirst(builder, position, name);
      const value = builder.node('AveragePool', name, [input], {
        kernel_shape: layer.poolSize,
        strides: layer.strides,
        pads: windowPads(context.shapes[index], layer.poolSize, layer),
      });
      return { value, layout: 'nchw', flattened: null };
    }
    case 'zeroPadding2d': {
      const [[top, bottom], [left, right]] = layer.padding;
      const pads = builder.weight(int64Tensor(`${name}/pads`, [0, 0, top, left, 0, 0, bottom, right]));
      const value = builder.node('Pad', name, [toChannelsFirst(builder, position, name), pads]);
      return { value, layout: 'nchw', flattened: null };
    }
    case 'upSampling2d': {
      const [rows, columns] = layer.size;
      const scales = builder.weight(floatTensor(`${name}/scales`, [4], Float32Array.of(1, 1, rows, columns)));
      // The second input is the region of interest, which this mode does not use.
      const value = builder.node('Resize', name, [toChannelsFirst(builder, position, name), '', scales], {
        mode: 'nearest',
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      });
      return { value, layout: 'nchw', flattened: null };
    }
    case 'add': {
      const summands = [
        toChannelsFirst(builder, position, name),
        toChannelsFirst(builder, outputOf(context, layer.from), `${name}/from`),
      ];
      return { value: builder.node('Add', name, summands), layout: 'nchw', flattened: null };
    }
    case 'globalAveragePooling2d': {
      const pooled = builder.node('GlobalAveragePool', `${name}/pooled`, [toChannelsFirst(builder, position, name)]);
      return { value: builder.node('Flatten', name, [pooled], { axis: 1 }), layout: 'flat', flattened: null };
    }
    case 'flatten': {
      const flattened = position.layout === 'nchw' ? context.shapes[index] : null;
      return { value: builder.node('Flatten', name, [position.value], { axis: 1 }), layout: 'flat', flattened };
    }
    case 'dropout':
      return position;
    case 'dense': {
      const kernel = weightByFeature(context, position, `${layer.name}/kernel`);
      const value = builder.node('Gemm', name, [position.value, kernel, ...biasOf(context, layer)]);
      return { value, layout: 'flat', flattened: null };
    }
  }
}

function toChannelsFirst(builder: GraphBuilder, { value, layout }: Position, name: string): string {
  if (layout !== 'nhwc') return value;
  return builder.node('Transpose', `${name}/channels_first`, [value], { perm: [0, 3, 1, 2] });
}

/** The sigmoid of each logit, and the logits under their own name, both with channels last as the input has them. */
function addPixelAnswer(builder: GraphBuilder, logits: string): void {
  const named = builder.node('Transpose', 'logits', [logits], { perm: [0, 2, 3, 1] });
  builder.node('Sigmoid', 'probabilities', [named]);
}

/** Temperature and softmax over the classes, and the logits under their own name. */
function addClassAnswer(
  builder: GraphBuilder,
  logits: string,
  architecture: Architecture,
  { temperature, numClasses }: Exclude<OnnxAnswer, 'sigmoid'>,
): void {
  const named = builder.node('Identity', 'logits', [logits]);
  const classes =
    numClassesOf(architecture) === numClasses
      ? named
      : builder.node('Slice', 'class_logits', [
          named,
          builder.weight(int64Tensor('class_logits/starts', [0])),
          builder.weight(int64Tensor('class_logits/ends', [numClasses])),
          builder.weight(int64Tensor('class_logits/axes', [1])),
        ]);
  const scale = builder.weight(floatTensor('temperature/inverse', [], Float32Array.of(1 / temperature)));
  const scaled = builder.node('Mul', 'temperature', [classes, scale]);
  builder.node('Softmax', 'probabilities', [scaled], { axis: -1 });
}

function kernelOfConvolution({ builder, weights }: LayerContext, { name }: Layer): string {
  const { shape, values } = kernelChannelsFirst(findWeight(weights, `${name}/kernel`));
  return builder.weight(floatTensor(`${name}/kernel`, shape, values));
}

function biasOf(context: LayerContext, layer: Extract<Layer, { useBias: boolean }>): string[] {
  if (!layer.useBias) return [];
  const { name, shape, values } = findWeight(context.weights, `${layer.name}/bias`);
  return [context.builder.weight(floatTensor(name, shape, values))];
}

/** A weight whose first axis are the features of what comes in, in the order in which those lie. */
function weightByFeature({ builder, weights }: LayerContext, { flattened }: Position, fullName: string): string {
  const weight = findWeight(weights, fullName);
  const { name, shape, values } = flattened === null ? weight : featuresChannelsFirst(weight, flattened);
  return builder.weight(floatTensor(name, shape, values));
}

function outputOf({ outputs }: LayerContext, layerName: string): Position {
  const position = outputs.get(layerName);
  if (position === undefined) throw new Error(`graphOf: layers must come after "${layerName}", got one before it`);
  return position;
}

function findWeight(weights: LayerContext['weights'], name: string): Weights[number] {
  const tensor = weights.get(name);
  if (tensor === undefined) throw new Error(`graphOf: weights must hold ${name}, got none`);
  return tensor;
}
