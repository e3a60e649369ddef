import { type ImageLayout, layoutSize } from './layout.ts';
import type { MatrixNode, Windows } from './network.ts';
import {
  type DirectShape,
  NOWHERE,
  type Op,
  operation,
  type Shards,
  type Tensor,
  type WinogradShape,
} from './operations.ts';

/** Bytes of vectors that the Winograd transforms use as scratch: `VECTORS` of `winograd-tiles.ts`, two 8x8 squares and a row of addresses. */
const WINOGRAD_VECTORS = 2 * 64 * 16 + 64;
/** Target size of the data between the transforms of a block of tiles: a part of a core's second-level cache. */
const WINOGRAD_BLOCK_BYTES = 320 * 1024;
const MIN_BLOCK_TILES = 16;
const MAX_BLOCK_TILES = 64;
/** Minimum size of an output: smaller ones leave most of a 4x4 tile unused. */
const MIN_WINOGRAD_PIXELS = 9;

/** Size of an image with the zeros around it that a convolution needs. */
export interface PaddedImage {
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
}

/** Images and scratch memory of a layer's operations. */
export interface MatrixPlaces {
  readonly input: Tensor;
  readonly output: Tensor;
  /** Whether the input already has its padding. */
  readonly inputIsPadded: boolean;
  readonly scratch: number;
  /** Whether tiles may contain parts of two images. If so, the output of an image is not exactly what it is for the image alone. */
  readonly stacksImages: boolean;
}

/** Returns whether a convolution runs by Winograd's method. This depends on its shape alone, so every run uses the same kernel. */
export function usesWinograd({ windows, input, output }: MatrixNode): boolean {
  if (windows === null) return false;
  const { size, strides } = windows;
  const isThreeByThree = size[0] === 3 && size[1] === 3 && strides[0] === 1 && strides[1] === 1;
  return isThreeByThree && input.stride % 8 === 0 && output.height * output.width >= MIN_WINOGRAD_PIXELS;
}

/** Side of a tile of outputs. */
type WinogradTile = 4 | 6;

/** Returns the tile that needs the fewest products: (tile + 2)^2 per tile and pair of channels. */
function winogradTile({ output }: MatrixNode): WinogradTile {
  const products = (tile: WinogradTile): number =>
    (tile + 2) ** 2 * Math.ceil(output.height / tile) * Math.ceil(output.width / tile);
  return products(6) < products(4) ? 6 : 4;
}

/** Returns the number of points of a transformed tile. */
function winogradPoints(node: MatrixNode): number {
  return (winogradTile(node) + 2) ** 2;
}

/** Returns the number of values in memory of a packed filter. */
export function packedSize(node: MatrixNode): number {
  const { input, output, windows } = node;
  if (windows === null) return layoutSize(input) * output.stride;
  const size = input.stride * output.stride;
  // There are 64 bytes between two points: `pointBytes` of `winograd-tiles.ts`.
  return usesWinograd(node) ? winogradPoints(node) * (size + 16) : windows.size[0] * windows.size[1] * size;
}

/** Returns the size of the image and the zeros that a convolution's windows cover. */
export function paddedImage(input: ImageLayout, output: ImageLayout, windows: Windows): PaddedImage {
  const { size, strides, padTop, padLeft } = windows;
  return {
    height: Math.max((output.height - 1) * strides[0] + size[0], input.height + padTop),
    width: Math.max((output.width - 1) * strides[1] + size[1], input.width + padLeft),
    top: padTop,
    left: padLeft,
  };
}

/** Returns the bytes of scratch memory that a layer's operations need. */
export function scratchBytes(node: MatrixNode): number {
  const { input, output, windows } = node;
  if (windows === null) return 0;
  if (usesWinograd(node)) {
    const tiles = blockTiles(node);
    const perPoint = 4 * tiles * (input.stride + output.stride) + 128;
    return WINOGRAD_VECTORS + winogradPoints(node) * perPoint;
  }
  const { height, width } = paddedImage(input, output, windows);
  const backwards = (input.height + windows.size[0] - 1) * (input.width + windows.size[1] - 1) * output.stride;
  return 4 * Math.max(height * width * input.stride, backwards);
}

/** Encodes the forward operation of a layer: y = x * w + bias, then ReLU if it is fused. */
export function forwardOp(node: MatrixNode, places: MatrixPlaces, filter: number, bias: number): Op {
  const { input: layout, output: outLayout, windows, relu } = node;
  const { input, output, scratch } = places;
  if (windows === null) {
    const [numIn, numOut] = [layoutSize(layout), outLayout.stride];
    return operation('dense', { input, output, numIn, numOut, filter, bias, relu });
  }
  if (usesWinograd(node)) {
    return operation('winogradConvolution', {
      ...{ input, output, filter, bias, relu, scratch },
      ...winogradShape(node),
      ...winogradTiles(node, windows, places),
    });
  }
  return operation('directConvolution', {
    ...{ input, output, filter, bias, relu },
    ...directShape(node, windows, places),
    ...outputSize(outLayout),
  });
}

/** Encodes the operation that packs a layer's filter for {@link forwardOp}. */
export function packOp(node: MatrixNode, filter: number, scale: number, packed: number, scratch: number): Op {
  const { input, output, windows } = node;
  if (usesWinograd(node)) {
    return operation('winogradFilter', {
      ...{ tapStep: 4 * input.stride * output.stride, inStep: 4 * output.stride, outStep: 4 },
      ...{ numIn: input.stride, numOut: output.stride },
      ...{ filter, scale, packed, scratch, tile: winogradTile(node) },
    });
  }
  const taps = windows === null ? input.height * input.width : windows.size[0] * windows.size[1];
  return operation('pack', { filter, rows: taps * input.stride, columns: output.stride, scale, packed });
}

/** Encodes the operation that packs a layer's filter for {@link gradientOps}: transposed, and turned for a direct convolution. */
export function packTransposedOp(node: MatrixNode, filter: number, packed: number, scratch: number): Op {
  const { input, output, windows } = node;
  if (usesWinograd(node)) {
    return operation('winogradFilter', {
      ...{ tapStep: 4 * input.stride * output.stride, inStep: 4, outStep: 4 * output.stride },
      ...{ numIn: output.stride, numOut: input.stride },
      ...{ filter, scale: 0, packed, scratch, tile: winogradTile(node) },
    });
  }
  const [numTaps, numIn] =
    windows === null ? [1, layoutSize(input)] : [windows.size[0] * windows.size[1], input.stride];
  return operation('packTurned', { filter, numTaps, numIn, numOut: output.stride, packed });
}

/** Images, gradients and scratch memory of a layer's gradient operations. */
export interface GradientPlaces extends MatrixPlaces {
  readonly dy: Tensor;
  /** The input's gradient, and the transposed filter that it needs; null if nothing before the layer is trained. */
  readonly dx: { readonly tensor: Tensor; readonly packed: number } | null;
  /** Gradient of the filter. */
  readonly gradient: Shards;
  /** Address of the transformed filter's gradient in Winograd's method: {@link packedSize} values. */
  readonly du: number;
}

/** Encodes the operations for the gradients of a layer's filter and input. */
export function gradientOps(node: MatrixNode, places: GradientPlaces): readonly Op[] {
  const { input, output, windows } = node;
  const { input: x, dy, dx, gradient, scratch, du } = places;
  if (windows === null) {
    const [numIn, numOut] = [layoutSize(input), output.stride];
    const op = operation('denseFilterGradient', { x, dy, numIn, numOut, gradient });
    if (dx === null) return [op];
    const back = { input: dy, output: dx.tensor, numIn: numOut, numOut: numIn, filter: dx.packed };
    return [op, operation('dense', { ...back, bias: 0, relu: false })];
  }
  if (usesWinograd(node)) {
    return [
      operation('winogradGradients', {
        ...{ x, dy, du, scratch, gradient, dx: dx?.tensor ?? NOWHERE, transposed: dx?.packed ?? 0 },
        ...winogradShape(node),
        ...winogradTiles(node, windows, places),
      }),
    ];
  }
  const shape = directShape(node, windows, places);
  const op = operation('directFilterGradient', { x, dy, gradient, ...shape, ...outputSize(output) });
  if (dx === null) return [op];
  const { height, width, channels, windowHeight, windowWidth, strideY, strideX } = shape;
  return [
    op,
    operation('directInputGradient', {
      ...{ dy, dx: dx.tensor, scratch, transposed: dx.packed, height, width, channels },
      ...{ windowHeight, windowWidth, strideY, strideX },
      ...{ top: windowHeight - 1 - windows.padTop, left: windowWidth - 1 - windows.padLeft },
      ...outputSize(output),
    }),
  ];
}

function outputSize({ height, width, stride }: ImageLayout) {
  return { outHeight: height, outWidth: width, outChannels: stride };
}

function winogradShape({ input, output, windows }: MatrixNode): WinogradShape {
  const { padTop, padLeft } = windows ?? { padTop: 0, padLeft: 0 };
  return { height: input.height, width: input.width, channels: input.stride, padTop, padLeft, ...outputSize(output) };
}

/** Returns how a convolution by Winograd's method is cut into tiles. */
function winogradTiles(
  node: MatrixNode,
  { padTop }: Windows,
  { stacksImages }: MatrixPlaces,
): { readonly tile: WinogradTile; readonly blockTiles: number; readonly stacked: number } {
  const { input, output } = node;
  const tile = winogradTile(node);
  const stacked = stacksImages ? stackedPeriod(tile, input.height, output.height, padTop) : 0;
  return { tile, blockTiles: blockTiles(node), stacked };
}

/** Returns sizes, windows, and the padded copy of the input if one is needed. */
function directShape(
  { input, output }: MatrixNode,
  windows: Windows,
  { inputIsPadded, scratch }: MatrixPlaces,
): DirectShape {
  const padded = paddedImage(input, output, windows);
  const isWhole = padded.height === input.height && padded.width === input.width;
  const [windowHeight, windowWidth] = windows.size;
  const [strideY, strideX] = windows.strides;
  return {
    ...{ height: input.height, width: input.width, channels: input.stride },
    ...{ windowHeight, windowWidth, strideY, strideX },
    padded: inputIsPadded || isWhole ? 0 : scratch,
    ...{ paddedHeight: padded.height, paddedWidth: padded.width, padTop: padded.top, padLeft: padded.left },
  };
}

/**
 * Returns the number of rows from image to image if images are stacked with only the zeros between them that their windows
 * reach, or 0 if that does not need fewer tiles than images that begin on a tile.
 */
function stackedPeriod(tile: WinogradTile, height: number, outHeight: number, padTop: number): number {
  const gap = Math.max(padTop, outHeight + 2 - padTop - height);
  const period = Math.max(outHeight, height + gap);
  return period < tile * Math.ceil(outHeight / tile) ? period : 0;
}

/** Returns the number of tiles between two transforms: as many as fit in the cache, a multiple of the rows of a matrix tile. */
function blockTiles(node: MatrixNode): number {
  const tileBytes = 4 * winogradPoints(node) * (node.input.stride + node.output.stride);
  const fitting = 4 * Math.floor(WINOGRAD_BLOCK_BYTES / tileBytes / 4);
  return Math.min(MAX_BLOCK_TILES, Math.max(MIN_BLOCK_TILES, fitting));
}
