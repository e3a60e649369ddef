import { type Padding, type Shape, windowGeometry } from '../network/shapes.ts';
import { type ImportedNetwork, NetworkBuilder, spreadGroups, unsupported } from './network-builder.ts';
import { foldConstant } from './onnx-constants.ts';
import { type OnnxGraph, type OnnxNode, readOnnxGraph } from './onnx-reader.ts';

const SUPPORTED =
  'operators that can be read: Conv, Gemm, MatMul with Add, BatchNormalization, Relu, MaxPool, AveragePool, GlobalAveragePool, Pad, Flatten, Reshape, ' +
  'Dropout, Identity, and at the end Softmax or LogSoftmax';

type Numbers = ArrayLike<number>;

/**
 * Reads a network of layers that follow one another from an ONNX model, such as `torch.onnx.export` writes.
 *
 * @throws TypeError or RangeError naming the operator that cannot be read
 */
export function readOnnxNetwork(bytes: Uint8Array): ImportedNetwork {
  return new ChainReader(readOnnxGraph(bytes)).read();
}

/** Operators that give their input when predicting. */
const IDENTITIES = ['Identity', 'Dropout', 'Cast'];
/** Operators that only work out sizes. */
const SIZES = ['Shape', 'Constant'];

class ChainReader {
  readonly #graph: OnnxGraph;
  readonly #builder: NetworkBuilder;
  /** Whether the source has channels last, as TensorFlow exports them, until a transposition. */
  #isChannelsLast = false;
  /** `[height, width, channels]` of an image that the source flattened with its channels first; null where values lie as ours do. */
  #flattened: Shape | null = null;
  #hasEnded = false;

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
    const input = graph.inputs.at(0);
    const sizes = input?.dims.slice(1) ?? [];
    if (graph.inputs.length !== 1 || !sizes.every((size) => size !== null && size > 0)) {
      const got = graph.inputs
        .map(({ name, dims }) => `${name} [${dims.map((size) => size ?? '?').join(', ')}]`)
        .join(' and ');
      throw new RangeError(
        `importModel: the graph must have one input of images of a fixed size, got ${got || 'none'}`,
      );
    }
    this.#builder = new NetworkBuilder(this.#inputShape(sizes as number[]));
  }

  #inputShape(sizes: readonly number[]): [number, number, number] {
    if (sizes.length === 3) {
      const first = this.#consumers(this.#graph.inputs[0].name).at(0);
      this.#isChannelsLast = first?.opType === 'Transpose';
      return this.#isChannelsLast ? [sizes[0], sizes[1], sizes[2]] : [sizes[1], sizes[2], sizes[0]];
    }
    if (sizes.length === 2) return [sizes[0], sizes[1], 1];
    const side = Math.sqrt(sizes[0]);
    if (sizes.length === 1 && Number.isInteger(side)) return [side, side, 1];
    throw new RangeError(`importModel: the input must be images [channels, height, width], got [${sizes.join(', ')}]`);
  }

  read(): ImportedNetwork {
    const [input] = this.#graph.inputs;
    // A network whose input is flat begins with vectors.
    if (input.dims.length === 2) this.#flatten('flatten');
    let value = input.name;
    for (;;) {
      const next = this.#consumers(value);
      if (next.length === 0) break;
      if (next.length > 1) {
        throw unsupported(
          `operator ${titleOf(next[1])}`,
          `a second use of "${value}"`,
          'each operator has to take the output of the one before it',
        );
      }
      const [node] = next;
      if (this.#hasEnded && !IDENTITIES.includes(node.opType)) {
        throw unsupported(
          `operator ${titleOf(node)}`,
          'one after the softmax',
          'only the last operator can be a softmax',
        );
      }
      this.#add(node, value);
      [value] = node.output;
    }
    return this.#builder.finish();
  }

  /** Operators that compute with a value; one that the graph also returns, such as the logits, goes on. */
  #consumers(value: string): readonly OnnxNode[] {
    return this.#graph.nodes.filter(({ opType, input }) => input.includes(value) && !SIZES.includes(opType));
  }

  #add(node: OnnxNode, value: string): void {
    const builder = this.#builder;
    const name = node.name === '' ? node.opType : node.name;
    const { shape } = builder;
    switch (node.opType) {
      case 'Conv':
        this.#convolution(node, name);
        return;
      case 'Gemm':
        this.#gemm(node, name);
        return;
      case 'MatMul':
        this.#dense(node, name, this.#constant(node, 1), false);
        return;
      case 'Add':
      case 'Sub':
      case 'Mul':
      case 'Div':
        this.#arithmetic(node, value, name);
        return;
      case 'BatchNormalization':
        this.#normalization(node, name);
        return;
      case 'Relu':
        builder.add(name, { type: 'relu' });
        return;
      case 'MaxPool':
      case 'AveragePool':
        this.#pooling(node, name);
        return;
      case 'GlobalAveragePool':
        builder.add(name, { type: 'globalAveragePooling2d' });
        return;
      case 'ReduceMean': {
        const axes = node.attributes.get('axes')?.ints ?? [];
        const given = axes.length > 0 ? axes : Array.from(this.#constant(node, 1));
        if (
          shape.length !== 3 ||
          ![
            [2, 3],
            [-2, -1],
            [-1, -2],
            [3, 2],
          ].some((pair) => pair.join() === given.join())
        ) {
          throw unsupported(
            `operator ${titleOf(node)}`,
            `axes ${given.join(', ')}`,
            'it can only be over height and width',
          );
        }
        builder.add(name, { type: 'globalAveragePooling2d' });
        return;
      }
      case 'Pad':
        this.#pad(node, name);
        return;
      case 'Flatten':
      case 'Reshape':
        this.#reshape(node, name);
        return;
      case 'Squeeze':
        if (shape.length === 3)
          throw unsupported(`operator ${titleOf(node)}`, 'images', 'it can only follow a GlobalAveragePool');
        return;
      case 'Transpose': {
        const order = (node.attributes.get('perm')?.ints ?? []).join();
        if (this.#isChannelsLast && builder.lastType === null && order === '0,3,1,2') {
          this.#isChannelsLast = false;
          return;
        }
        throw unsupported(
          `operator ${titleOf(node)}`,
          `the order ${order}`,
          'it can only bring the channels of the input to the front',
        );
      }
      case 'Softmax':
      case 'LogSoftmax':
        this.#hasEnded = true;
        return;
      default:
        if (IDENTITIES.includes(node.opType)) return;
        throw unsupported(`operator ${titleOf(node)}`, node.opType, SUPPORTED);
    }
  }

  #convolution(node: OnnxNode, name: string): void {
    const kernel = this.#constant(node, 1);
    const [filters, perGroup, rows, columns] = this.#dims(node, 1);
    const groups = node.attributes.get('group')?.i ?? 1;
    const [, , numIn] = this.#builder.shape;
    const kernelSize = [rows, columns] as const;
    if (this.#dims(node, 1).length !== 4 || perGroup * groups !== numIn) {
      throw unsupported(
        `operator ${titleOf(node)}`,
        `a kernel of [${this.#dims(node, 1).join(', ')}]`,
        `its input has ${numIn} channels`,
      );
    }
    checkDilations(node);
    const { strides, padding } = this.#window(node, name, kernelSize, 'zeros');
    const places = rows * columns;
    // [filters, numIn / groups, places]
    const at = (place: number, output: number, i: number): number => kernel[(output * perGroup + i) * places + place];
    const turned = spreadGroups({ places, numIn, numOut: filters, groups }, at);
    const useBias = (node.input.at(2) ?? '') !== '';
    const bias = useBias ? { bias: Float32Array.from(this.#constant(node, 2)) } : {};
    this.#builder.add(
      name,
      { type: 'conv2d', filters, kernelSize, strides, padding, useBias },
      { kernel: turned, ...bias },
    );
  }

  #gemm(node: OnnxNode, name: string): void {
    const { attributes } = node;
    if (
      (attributes.get('alpha')?.f ?? 1) !== 1 ||
      (attributes.get('beta')?.f ?? 1) !== 1 ||
      (attributes.get('transA')?.i ?? 0) !== 0
    ) {
      throw unsupported(`operator ${titleOf(node)}`, 'alpha, beta or transA', 'they must have their defaults');
    }
    this.#dense(node, name, this.#constant(node, 1), (attributes.get('transB')?.i ?? 0) === 1);
    if ((node.input.at(2) ?? '') !== '') this.#builder.addBias(Float32Array.from(this.#constant(node, 2)));
  }

  #dense(node: OnnxNode, name: string, kernel: Numbers, isTransposed: boolean): void {
    const dims = this.#dims(node, 1);
    const [numIn, units] = isTransposed ? [dims[1], dims[0]] : [dims[0], dims[1]];
    if (this.#builder.shape.length === 3) {
      throw unsupported(`operator ${titleOf(node)}`, 'images', 'a Flatten or GlobalAveragePool has to come before it');
    }
    const values = new Float32Array(numIn * units);
    for (let i = 0; i < numIn; i++) {
      for (let unit = 0; unit < units; unit++) {
        values[this.#feature(i) * units + unit] = kernel[isTransposed ? unit * numIn + i : i * units + unit];
      }
    }
    this.#builder.add(name, { type: 'dense', units, useBias: false }, { kernel: values });
    this.#flattened = null;
  }

  /** Index of a feature with channels last, given its index in the source. */
  #feature(i: number): number {
    if (this.#flattened === null) return i;
    const [height, width, channels] = this.#flattened;
    const place = i % (height * width);
    return place * channels + Math.floor(i / (height * width));
  }

  #byFeature(values: Numbers): Float32Array {
    const reordered = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) reordered[this.#feature(i)] = values[i];
    return reordered;
  }

  #normalization(node: OnnxNode, name: string): void {
    const { attributes } = node;
    // PyTorch's momentum 0.1 is 0.9 in ONNX, as here.
    const momentum = Math.min(Number((attributes.get('momentum')?.f ?? 0.9).toPrecision(6)), 0.999999);
    const epsilon = Number((attributes.get('epsilon')?.f ?? 1e-5).toPrecision(6));
    const [gamma, beta, moving_mean, moving_variance] = [1, 2, 3, 4].map((i) =>
      this.#byFeature(this.#constant(node, i)),
    );
    this.#builder.add(
      name,
      { type: 'batchNormalization', momentum, epsilon },
      { gamma, beta, moving_mean, moving_variance },
    );
  }

  /** The bias of a layer, what the logits are divided by, or constants that the input is normalised with. */
  #arithmetic(node: OnnxNode, value: string, name: string): void {
    const at = node.input.indexOf(value) === 0 ? 1 : 0;
    const operand = this.#constant(node, at);
    const builder = this.#builder;
    if (node.opType === 'Add' && builder.addBias(Float32Array.from(operand))) return;
    const isScalar = operand.length === 1;
    const isBeforeSoftmax = this.#consumers(node.output[0]).some(
      ({ opType }) => opType === 'Softmax' || opType === 'LogSoftmax',
    );
    if (
      isScalar &&
      isBeforeSoftmax &&
      operand[0] > 0 &&
      (node.opType === 'Mul' || (node.opType === 'Div' && at === 1))
    ) {
      builder.temperature = node.opType === 'Div' ? operand[0] : 1 / operand[0];
      return;
    }
    const isAffine = node.opType === 'Add' || node.opType === 'Mul' || at === 1;
    const channels = builder.shape[builder.shape.length - 1];
    if (!isAffine || this.#flattened !== null || (!isScalar && operand.length !== channels)) {
      throw unsupported(
        `operator ${titleOf(node)}`,
        node.opType,
        'it can only add a bias, or scale and shift channels by constants',
      );
    }
    const perChannel = Float64Array.from({ length: channels }, (_, c) => operand[isScalar ? 0 : c]);
    addAffine(builder, name, node.opType, perChannel);
  }

  #pooling(node: OnnxNode, name: string): void {
    const { attributes } = node;
    const [rows, columns] = attributes.get('kernel_shape')?.ints ?? [];
    const poolSize = [rows, columns] as const;
    if ((attributes.get('ceil_mode')?.i ?? 0) !== 0)
      throw unsupported(`operator ${titleOf(node)}`, 'ceil_mode 1', 'ceil_mode must be 0');
    checkDilations(node);
    const isMax = node.opType === 'MaxPool';
    const countsPadding = (attributes.get('count_include_pad')?.i ?? 0) === 1;
    const { strides, padding } = this.#window(
      node,
      name,
      poolSize,
      isMax ? 'maxima' : countsPadding ? 'zeros only' : 'means',
    );
    this.#builder.add(name, { type: isMax ? 'maxPooling2d' : 'averagePooling2d', poolSize, strides, padding });
  }

  /**
   * Strides and padding of windows. Padding that "same" does not give becomes a layer of zeros, where they change nothing.
   *
   * @param around what the padding stands for: zeros, zeros that "same" does not stand for, pixels that are left out of maxima or means
   */
  #window(
    node: OnnxNode,
    name: string,
    [rows, columns]: readonly [number, number],
    around: 'zeros' | 'zeros only' | 'maxima' | 'means',
  ) {
    const builder = this.#builder;
    if (builder.shape.length !== 3) throw unsupported(`operator ${titleOf(node)}`, 'vectors', 'it needs images');
    const { attributes } = node;
    const [strideY, strideX] =
      attributes.get('strides')?.ints?.length === 2 ? (attributes.get('strides')?.ints ?? []) : [1, 1];
    const strides = [strideY, strideX] as const;
    const [height, width] = builder.shape;
    const auto = attributes.get('auto_pad')?.s ?? 'NOTSET';
    if (auto === 'VALID') return { strides, padding: 'valid' as Padding };
    if (auto === 'SAME_UPPER') return { strides, padding: 'same' as Padding };
    if (auto !== 'NOTSET')
      throw unsupported(`operator ${titleOf(node)}`, `auto_pad ${auto}`, 'export with explicit pads');
    const pads = attributes.get('pads')?.ints?.length === 4 ? (attributes.get('pads')?.ints ?? []) : [0, 0, 0, 0];
    const [top, left, bottom, right] = pads;
    if (pads.every((size) => size === 0)) return { strides, padding: 'valid' as Padding };
    const isSame =
      isSamePadding(height, rows, strideY, top, bottom) && isSamePadding(width, columns, strideX, left, right);
    if (isSame && around !== 'zeros only') return { strides, padding: 'same' as Padding };
    const isPositive = builder.lastType === 'relu' || builder.lastType === 'maxPooling2d';
    if (around === 'means' || (around === 'maxima' && !isPositive) || pads.some((size) => size < 0)) {
      throw unsupported(
        `operator ${titleOf(node)}`,
        `pads ${pads.join(', ')}`,
        'pad as much as "same" does, or put a Pad before it',
      );
    }
    builder.add(`${name}_zeros`, { type: 'zeroPadding2d', padding: [[top, bottom], [left, right]] }); // prettier-ignore
    return { strides, padding: 'valid' as Padding };
  }

  #pad(node: OnnxNode, name: string): void {
    const fromAttribute: Numbers = node.attributes.get('pads')?.ints ?? [];
    const pads = fromAttribute.length > 0 ? fromAttribute : this.#constant(node, 1);
    const mode = node.attributes.get('mode')?.s ?? 'constant';
    const fill = (node.input.at(2) ?? '') === '' ? (node.attributes.get('value')?.f ?? 0) : this.#constant(node, 2)[0];
    const [n, c, top, left, endN, endC, bottom, right] = Array.from(pads);
    if (mode !== 'constant' || fill !== 0 || pads.length !== 8 || n + c + endN + endC !== 0 || this.#isChannelsLast) {
      throw unsupported(
        `operator ${titleOf(node)}`,
        `mode ${mode}, value ${fill}, pads ${Array.from(pads).join(', ')}`,
        'it can only put zeros around images',
      );
    }
    this.#builder.add(name, { type: 'zeroPadding2d', padding: [[top, bottom], [left, right]] }); // prettier-ignore
  }

  #reshape(node: OnnxNode, name: string): void {
    const { shape } = this.#builder;
    const target = node.opType === 'Reshape' ? this.#graph.constants.get(node.input[1])?.values : null;
    const sizes = target === null || target === undefined ? null : Array.from(target);
    if (shape.length === 1 && (sizes === null || sizes.length <= 2)) return;
    if (shape.length === 1 && this.#builder.lastType === 'flatten') {
      throw unsupported(
        `operator ${titleOf(node)}`,
        `[${sizes?.join(', ') ?? ''}]`,
        'give the network images as its input',
      );
    }
    if (shape.length === 3 && sizes?.length === 4 && sizes.slice(1).join() === [shape[2], shape[0], shape[1]].join())
      return;
    const axis = node.attributes.get('axis')?.i ?? 1;
    if (shape.length !== 3 || axis !== 1 || (sizes !== null && sizes.length !== 2)) {
      throw unsupported(
        `operator ${titleOf(node)}`,
        `[${sizes?.join(', ') ?? `axis ${axis}`}]`,
        'it can only flatten images',
      );
    }
    this.#flatten(name);
  }

  #flatten(name: string): void {
    this.#flattened = this.#isChannelsLast ? null : this.#builder.shape;
    this.#builder.add(name, { type: 'flatten' });
  }

  #constant(node: OnnxNode, index: number): Numbers {
    const name = node.input.at(index) ?? '';
    const tensor = this.#graph.constants.get(name);
    const values = tensor?.values ?? foldConstant(this.#graph, name)?.values;
    if (values === undefined) {
      const got = tensor === undefined ? 'one that is computed' : `one ${tensor.problem ?? ''}`;
      throw unsupported(`input ${index} of operator ${titleOf(node)}`, got, 'weights must be constants');
    }
    return values;
  }

  #dims(node: OnnxNode, index: number): readonly number[] {
    return this.#graph.constants.get(node.input.at(index) ?? '')?.dims ?? [];
  }
}

/** Adds a layer that scales or shifts each channel. */
function addAffine(builder: NetworkBuilder, name: string, operator: string, operand: Float64Array): void {
  const epsilon = 1e-7;
  const isShift = operator === 'Add' || operator === 'Sub';
  const sign = operator === 'Add' ? 1 : -1;
  const values = (of: (value: number) => number): Float32Array => Float32Array.from(operand, of);
  builder.add(
    name,
    { type: 'batchNormalization', momentum: 0.99, epsilon },
    {
      gamma: values((value) => (isShift ? 1 : operator === 'Mul' ? value : 1 / value)),
      beta: values((value) => (isShift ? sign * value : 0)),
      moving_mean: values(() => 0),
      moving_variance: values(() => 1 - epsilon),
    },
  );
}

function isSamePadding(size: number, window: number, stride: number, before: number, after: number): boolean {
  const { outputSize, padBefore } = windowGeometry(size, window, stride, 'same');
  // Padding behind the last window that is reached changes nothing.
  const reached = Math.floor((size + before + after - window) / stride) + 1;
  return before === padBefore && reached === outputSize;
}

function checkDilations(node: OnnxNode): void {
  const dilations = node.attributes.get('dilations')?.ints ?? [];
  if (dilations.some((value) => value !== 1)) {
    throw unsupported(`operator ${titleOf(node)}`, `dilations ${dilations.join(', ')}`, 'dilations must be 1');
  }
}

function titleOf({ name, opType }: OnnxNode): string {
  return name === '' ? opType : `"${name}" (${opType})`;
}
