import { type Architecture, type Engine, type Model, shapeSize, skipSource } from '@digits/model';
import { foldNormalization } from './fold-normalization.ts';
import { attributes, byteTensor, floatsOf, floatTensor, int32Tensor, type OnnxTensor } from './onnx-format.ts';
import { encodeOnnxGraph } from './onnx-model.ts';
import { graphOf, type OnnxGraph, type OnnxNode } from './onnx-graph.ts';

/** Smallest and largest value of an activation. */
interface Range {
  readonly min: number;
  readonly max: number;
}

/** Steps of uint8. */
const STEPS = 255;
/** Weights are symmetric about 0, which is this step. */
const WEIGHT_ZERO = 128;

/**
 * Writes a model in the ONNX format with integers of 8 bits: weights with a scale for each channel, activations with one for each layer
 * (QuantizeLinear and DequantizeLinear pairs around the operators, all uint8). Inputs and outputs are those of `encodeOnnxModel`. The
 * answer after the logits is computed in float32.
 *
 * @param images `[n, height, width, channels]` float32 in [0, 1]: images like those that the network will get, not from the test split.
 *   The range of each layer's outputs on them is what its 256 steps cover.
 * @see https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
 */
export async function encodeQuantisedOnnxModel(
  model: Model,
  engine: Engine,
  images: Float32Array,
): Promise<Uint8Array> {
  const { metadata } = model;
  const folded = { ...model, ...foldNormalization(model) };
  const ranges = await measureRanges(folded, engine, images);
  const answer = { temperature: metadata.temperature, numClasses: metadata.classNames.length };
  const name = metadata.preset ?? 'digits';
  const graph = graphOf({ name, architecture: folded.architecture, weights: folded.weights, answer });
  return encodeOnnxGraph(model, quantiseGraph(graph, valuesToQuantise(folded.architecture, ranges)));
}

/** Measures the range of the input and of each layer's output, by the layer's name; the input has the empty name. */
async function measureRanges(
  { architecture, weights }: Model,
  engine: Engine,
  images: Float32Array,
): Promise<ReadonlyMap<string, Range>> {
  const size = shapeSize(architecture.inputShape);
  const ranges = new Map<string, Range>([['', { min: 0, max: 1 }]]);
  const predictor = await engine.createPredictor(architecture, weights);
  try {
    for (let start = 0; start < images.length; start += size) {
      for (const { layer, values } of await predictor.activations(images.subarray(start, start + size))) {
        // 0 must be exactly one of the steps, because padding and ReLU produce it.
        let { min, max } = ranges.get(layer) ?? { min: 0, max: 0 };
        for (const value of values) {
          if (value < min) min = value;
          if (value > max) max = value;
        }
        ranges.set(layer, { min, max });
      }
    }
  } finally {
    await predictor.dispose();
  }
  return ranges;
}

/** Values of the graph that become uint8: outputs of layers but the logits, and those that only a ReLU takes. */
function valuesToQuantise({ layers }: Architecture, ranges: ReadonlyMap<string, Range>): ReadonlyMap<string, Range> {
  const sources = new Set(layers.map(skipSource));
  const values = new Map<string, Range>();
  const add = (value: string, layer: string): void => {
    const range = ranges.get(layer);
    if (range !== undefined) values.set(value, range);
  };
  add('images', '');
  layers.slice(0, -1).forEach((layer, i) => {
    const isFused = layers[i + 1].type === 'relu' && !sources.has(layer.name);
    if (!isFused && layer.type !== 'dropout') add(`${layer.name}/output`, layer.name);
  });
  return values;
}

/** Puts pairs of QuantizeLinear and DequantizeLinear into a graph. */
function quantiseGraph(graph: OnnxGraph, ranges: ReadonlyMap<string, Range>): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const tensors = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const scales = new Map([...ranges].map(([value, range]) => [value, scaleOf(range)]));
  const addNode = (opType: string, name: string, input: readonly string[], settings = {}): void => {
    nodes.push({ opType, name, input, output: [name], attribute: attributes(settings) });
  };
  const addTensor = (tensor: OnnxTensor): string => {
    tensors.set(tensor.name, tensor);
    return tensor.name;
  };
  const addPair = (value: string): void => {
    const scale = scales.get(value);
    const range = ranges.get(value);
    if (scale === undefined || range === undefined) return;
    const zero = Math.round(-range.min / scale);
    const names = [
      addTensor(floatTensor(`${value}/scale`, [], Float32Array.of(scale))),
      addTensor(byteTensor(`${value}/zero`, [], Uint8Array.of(zero))),
    ];
    addNode('QuantizeLinear', `${value}/quantised`, [value, ...names]);
    addNode('DequantizeLinear', `${value}/dequantised`, [`${value}/quantised`, ...names]);
  };
  const rewire = (value: string): string => (ranges.has(value) ? `${value}/dequantised` : value);

  const takeTensor = (name: string): OnnxTensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`quantiseGraph: graph must hold the weight ${name}, got none`);
    tensors.delete(name);
    return tensor;
  };

  /** Replaces a float32 weight by its quantised steps. Returns the dequantised value and the scale of each channel. */
  const quantiseWeight = (name: string, axis: number): { value: string; scale: Float32Array } => {
    const tensor = takeTensor(name);
    const { scale, steps } = weightSteps(floatsOf(tensor), tensor.dims, axis);
    const names = [
      addTensor(byteTensor(name, tensor.dims, steps)),
      addTensor(floatTensor(`${name}/scale`, [scale.length], scale)),
      addTensor(byteTensor(`${name}/zero`, [scale.length], new Uint8Array(scale.length).fill(WEIGHT_ZERO))),
    ];
    addNode('DequantizeLinear', `${name}/dequantised`, names, { axis });
    return { value: `${name}/dequantised`, scale };
  };
  /** A bias has the steps of the products that it is added to. */
  const quantiseBias = (name: string, inputScale: number, weightScale: Float32Array): string => {
    const scale = weightScale.map((value) => value * inputScale);
    const steps = Int32Array.from(floatsOf(takeTensor(name)), (value, i) => Math.round(value / scale[i]));
    const names = [
      addTensor(int32Tensor(name, steps)),
      addTensor(floatTensor(`${name}/scale`, [scale.length], scale)),
      addTensor(int32Tensor(`${name}/zero`, new Int32Array(scale.length))),
    ];
    addNode('DequantizeLinear', `${name}/dequantised`, names, { axis: 0 });
    return `${name}/dequantised`;
  };

  addPair('images');
  for (const node of graph.node) {
    const [x, weight, bias] = node.input;
    const isMatrix = node.opType === 'Conv' || node.opType === 'Gemm';
    // What only turns or flattens a quantised value has its scale.
    const inputScale = scaleBehind(graph, scales, x);
    if (isMatrix && inputScale !== undefined) {
      const { value, scale } = quantiseWeight(weight, node.opType === 'Conv' ? 0 : 1);
      const biases = node.input.length > 2 ? [quantiseBias(bias, inputScale, scale)] : [];
      nodes.push({ ...node, input: [rewire(x), value, ...biases] });
    } else {
      nodes.push({ ...node, input: node.input.map(rewire) });
    }
    addPair(node.output[0]);
  }
  return { ...graph, node: nodes, initializer: [...tensors.values()] };
}

/** Finds the scale of a value, or that of the value that a transposition gives in another order. */
function scaleBehind(graph: OnnxGraph, scales: ReadonlyMap<string, number>, value: string): number | undefined {
  const own = scales.get(value);
  if (own !== undefined) return own;
  const source = graph.node.find(({ output, opType }) => output[0] === value && opType === 'Transpose');
  return source === undefined ? undefined : scaleBehind(graph, scales, source.input[0]);
}

function scaleOf({ min, max }: Range): number {
  return max > min ? Math.fround((max - min) / STEPS) : 1;
}

/** The steps of a weight, symmetric about {@link WEIGHT_ZERO}, with a scale for each index along an axis. */
function weightSteps(values: Float32Array, dims: readonly number[], axis: number) {
  const inner = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
  const channelOf = (i: number): number => Math.floor(i / inner) % dims[axis];
  const largest = new Float32Array(dims[axis]);
  values.forEach((value, i) => (largest[channelOf(i)] = Math.max(largest[channelOf(i)], Math.abs(value))));
  const scale = largest.map((value) => (value > 0 ? value / (STEPS - WEIGHT_ZERO) : 1));
  const steps = Uint8Array.from(values, (value, i) => WEIGHT_ZERO + Math.round(value / scale[channelOf(i)]));
  return { scale, steps };
}
