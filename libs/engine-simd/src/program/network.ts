import { inferShapes, type Architecture, type Layer, shapeSize, skipSource, windowGeometry } from '@digits/model';
import { type ImageLayout, imageLayouts, layoutSize, multiplies, weightLayout, type WeightLayout } from './layout.ts';
import type { PlainOperation } from './operations.ts';

type LayerOf<Type extends Layer['type']> = Extract<Layer, { type: Type }>;

/** Windows of a convolution or pooling on an image. */
export interface Windows {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

interface NodeBase {
  readonly layerIndex: number;
  /** Index of the last layer that is fused into it: that of the layer whose output it gives. */
  readonly lastLayer: number;
  readonly name: string;
  readonly input: ImageLayout;
  readonly output: ImageLayout;
}

/** A layer that multiplies matrices, with the layers that are fused into it: batch normalisation and ReLU. */
export interface MatrixNode extends NodeBase {
  /** Windows of a convolution, or null for a dense layer. */
  readonly windows: Windows | null;
  readonly useBias: boolean;
  readonly normalization: LayerOf<'batchNormalization'> | null;
  readonly relu: boolean;
}

/** A batch normalisation, with the layers that are fused into it: ReLU and 2x2 maxima. */
export interface NormalizationNode extends NodeBase {
  readonly layer: LayerOf<'batchNormalization'>;
  readonly relu: boolean;
  readonly pools: boolean;
}

/** An upsampling, an addition, or one with the other fused into it. */
export interface UpSamplingNode extends NodeBase {
  /** How often each pixel is repeated, downwards and to the right. */
  readonly size: readonly [number, number];
  /** Index of the layer whose output is added, or null for none. */
  readonly source: number | null;
}

/** A layer without weights that computes each image's values from its own, also in training: `assembly/plain-layers.ts` runs it. */
export interface PlainNode extends NodeBase {
  readonly operation: PlainOperation;
}

/** One step of a network: a layer, or several that are fused. */
export type Node =
  | ({ readonly type: 'matrix' } & MatrixNode)
  | ({ readonly type: 'normalization' } & NormalizationNode)
  | ({ readonly type: 'plain' } & PlainNode)
  | ({ readonly type: 'upSampling' } & UpSamplingNode)
  | ({ readonly type: 'dropout'; readonly rate: number } & NodeBase)
  | ({ readonly type: 'flatten' } & NodeBase);

/** Which neighbouring layers are fused. An output that a later layer adds is always written, so nothing is fused into its layer. */
export interface Fusion {
  /** Batch normalisation into the convolution or dense layer before it. Only possible with moving statistics. */
  readonly normalization: boolean;
  readonly relu: boolean;
  /** Maxima of 2x2 pixels into the batch normalisation and ReLU before them. */
  readonly pooling: boolean;
  /** Addition into the upsampling before it. */
  readonly addition: boolean;
}

/** An architecture with the layouts of its images and weights. */
export interface Network {
  readonly architecture: Architecture;
  /** Layout of the input, then of each layer's output. */
  readonly layouts: readonly ImageLayout[];
  readonly weights: WeightLayout;
  /** Number of logits per image. */
  readonly numLogits: number;
}

/**
 * Works out the layouts of images and weights.
 *
 * @throws RangeError as `inferShapes` of libs/model
 */
export function describeNetwork(architecture: Architecture): Network {
  const shapes = inferShapes(architecture);
  const layouts = imageLayouts(architecture, shapes);
  const numLogits = shapeSize(shapes[shapes.length - 1]);
  return { architecture, layouts, weights: weightLayout(architecture, layouts), numLogits };
}

/** Fuses layers as `fusion` allows. */
export function fuseLayers({ architecture, layouts }: Network, fusion: Fusion): readonly Node[] {
  const { layers } = architecture;
  const sources = new Set(layers.map(skipSource));
  const nodes: Node[] = [];
  let index = 0;
  while (index < layers.length) {
    const layer = layers[index];
    const first = index;
    const next = (): Layer | undefined => (sources.has(layers[index].name) ? undefined : layers[index + 1]);
    let normalization: LayerOf<'batchNormalization'> | null = null;
    let relu = false;
    let pools = false;
    let addition: LayerOf<'add'> | null = layer.type === 'add' ? layer : null;
    const isMatrix = multiplies(layer);
    const normalizes = layer.type === 'batchNormalization';
    const following = next();
    if (fusion.normalization && isMatrix && following?.type === 'batchNormalization') {
      normalization = following;
      index++;
    }
    if (fusion.relu && (isMatrix || normalizes) && next()?.type === 'relu') {
      relu = true;
      index++;
    }
    if (fusion.pooling && normalizes && relu && poolsByTwo(next(), layouts[index + 1])) {
      pools = true;
      index++;
    }
    const last = next();
    if (fusion.addition && layer.type === 'upSampling2d' && last?.type === 'add') {
      addition = last;
      index++;
    }
    const base = {
      ...{ layerIndex: first, lastLayer: index, name: layer.name },
      ...{ input: layouts[first], output: layouts[index + 1] },
    };
    const source = addition === null ? null : layers.findIndex(({ name }) => name === addition.from);
    nodes.push(createNode(layer, base, { normalization, relu, pools, source }));
    index++;
  }
  return nodes;
}

/** Returns whether a layer takes maxima of 2x2 pixels, none of them outside the image. */
function poolsByTwo(layer: Layer | undefined, { height, width }: ImageLayout): boolean {
  if (layer?.type !== 'maxPooling2d') return false;
  const isTwo = ([rows, columns]: readonly [number, number]): boolean => rows === 2 && columns === 2;
  const fits = layer.padding === 'valid' || (height % 2 === 0 && width % 2 === 0);
  return isTwo(layer.poolSize) && isTwo(layer.strides) && fits;
}

function createNode(
  layer: Layer,
  base: NodeBase,
  fused: Pick<MatrixNode, 'normalization' | 'relu'> & Pick<NormalizationNode, 'pools'> & Pick<UpSamplingNode, 'source'>,
): Node {
  const { normalization, relu, pools, source } = fused;
  switch (layer.type) {
    case 'conv2d': {
      const windows = placeWindows(base, layer.kernelSize, layer);
      return { type: 'matrix', ...base, windows, useBias: layer.useBias, normalization, relu };
    }
    case 'dense':
      return { type: 'matrix', ...base, windows: null, useBias: layer.useBias, normalization, relu };
    case 'batchNormalization':
      return { type: 'normalization', ...base, layer, relu, pools };
    case 'maxPooling2d':
      return pooling(base, placeWindows(base, layer.poolSize, layer), 'maxPool');
    case 'averagePooling2d':
      return pooling(base, placeWindows(base, layer.poolSize, layer), 'averagePoolWindows');
    case 'zeroPadding2d':
      return zeroPadding(base, layer.padding);
    case 'upSampling2d':
      return { type: 'upSampling', ...base, size: layer.size, source };
    case 'add':
      return { type: 'upSampling', ...base, size: [1, 1], source };
    case 'globalAveragePooling2d': {
      const { height, width, stride } = base.input;
      const settings = { numPixels: height * width, channels: stride };
      return { type: 'plain', ...base, operation: { name: 'averagePool', settings } };
    }
    case 'relu':
      return { type: 'plain', ...base, operation: reluOperation(base.output) };
    case 'dropout':
      return { type: 'dropout', ...base, rate: layer.rate };
    case 'flatten':
      return { type: 'flatten', ...base };
  }
}

/** Returns the ReLU of images with a layout. */
export function reluOperation(layout: ImageLayout): PlainOperation {
  return { name: 'relu', settings: { numBytes: 4 * layoutSize(layout) } };
}

function pooling(base: NodeBase, windows: Windows, kind: 'maxPool' | 'averagePoolWindows'): Node {
  const { input, output } = base;
  const [windowHeight, windowWidth] = windows.size;
  const [strideY, strideX] = windows.strides;
  const { padTop, padLeft } = windows;
  const areTwo = [windowHeight, windowWidth, strideY, strideX].every((value) => value === 2);
  const areInside = 2 * output.height <= input.height && 2 * output.width <= input.width;
  const settings = {
    ...{ height: input.height, width: input.width, channels: input.stride },
    ...{ windowHeight, windowWidth, strideY, strideX, padTop, padLeft },
    ...{ outHeight: output.height, outWidth: output.width },
  };
  const name = kind === 'maxPool' && areTwo && areInside ? 'maxPoolByTwo' : kind;
  return { type: 'plain', ...base, operation: { name, settings } };
}

function zeroPadding(base: NodeBase, [[padTop], [padLeft]]: LayerOf<'zeroPadding2d'>['padding']): Node {
  const { input, output } = base;
  const settings = {
    ...{ height: input.height, width: input.width, channels: input.stride },
    ...{ outHeight: output.height, outWidth: output.width, padTop, padLeft },
  };
  return { type: 'plain', ...base, operation: { name: 'zeroPadding', settings } };
}

function placeWindows(
  { input }: NodeBase,
  size: readonly [number, number],
  { strides, padding }: LayerOf<'conv2d'> | LayerOf<'maxPooling2d'> | LayerOf<'averagePooling2d'>,
): Windows {
  return {
    size,
    strides,
    padTop: windowGeometry(input.height, size[0], strides[0], padding).padBefore,
    padLeft: windowGeometry(input.width, size[1], strides[1], padding).padBefore,
  };
}
