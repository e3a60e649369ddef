import * as contract from './contract.ts';
import { type Op, operation, type Tensor } from './emit.ts';
import { type ImageLayout, layoutSize } from './layout.ts';
import type { MatrixNode, Windows } from './network.ts';

/** Bytes of vectors that the Winograd transforms use as scratch, two 8x8 squares and a row of addresses: `VECTORS` of `winograd-tiles.ts`. */
const WINOGRAD_VECTORS = 2 * 64 * 16 + 64;
/** Aimed at for what lies between the transforms of a block of tiles: a part of a core's second-level cache. */
const WINOGRAD_BLOCK_BYTES = 320 * 1024;
const MIN_BLOCK_TILES = 16;
const MAX_BLOCK_TILES = 64;
/** Smaller outputs leave most of a 4x4 tile unused. */
const MIN_WINOGRAD_PIXELS = 9;

/** An image that lies with the zeros around it that a convolution asks for. */
export interface PaddedImage {
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
}

/** Where a layer's operations find what they need; 0 for what there is not. */
export interface MatrixPlaces {
  readonly input: Tensor;
  readonly output: Tensor;
  /** Whether the input lies with its padding already. */
  readonly inputIsPadded: boolean;
  readonly scratch: number;
  /** Whether tiles may reach into two images: then what one image gives is not to the last bit what it gives alone. */
  readonly stacksImages: boolean;
}

/** Whether a convolution runs by Winograd's method: a matter of its shape alone, so that every run takes the same road. */
export function usesWinograd({ windows, input, output }: MatrixNode): boolean {
  if (windows === null) return false;
  const { size, strides } = windows;
  const isThreeByThree = size[0] === 3 && size[1] === 3 && strides[0] === 1 && strides[1] === 1;
  return isThreeByThree && input.stride % 8 === 0 && output.height * output.width >= MIN_WINOGRAD_PIXELS;
}

/** Side of the tiles of outputs that Winograd's method takes. */
type WinogradTile = 4 | 6;

/** The tile that takes the fewest products: (tile + 2)^2 for each tile and pair of channels. */
function winogradTile({ output }: MatrixNode): WinogradTile {
  const products = (tile: WinogradTile): number =>
    (tile + 2) ** 2 * Math.ceil(output.height / tile) * Math.ceil(output.width / tile);
  return products(6) < products(4) ? 6 : 4;
}

/** Points in which a tile and a filter meet. */
function winogradPoints(node: MatrixNode): number {
  return (winogradTile(node) + 2) ** 2;
}

/** Values in memory of a layer's filter as its kernel reads it. */
export function packedSize(node: MatrixNode): number {
  const { input, output, windows } = node;
  if (windows === null) return layoutSize(input) * output.stride;
  const size = input.stride * output.stride;
  // A point lies 64 bytes behind the other: `pointBytes` of `winograd-tiles.ts`.
  return usesWinograd(node) ? winogradPoints(node) * (size + 16) : windows.size[0] * windows.size[1] * size;
}

/** Image and zeros that a convolution's windows cover. */
export function paddedImage(input: ImageLayout, output: ImageLayout, windows: Windows): PaddedImage {
  const { size, strides, padTop, padLeft } = windows;
  return {
    height: Math.max((output.height - 1) * strides[0] + size[0], input.height + padTop),
    width: Math.max((output.width - 1) * strides[1] + size[1], input.width + padLeft),
    top: padTop,
    left: padLeft,
  };
}

/** Scratch memory of a layer's forward and backward operations, in bytes. */
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

/** y = x * w + bias, with ReLU. */
export function forwardOp(node: MatrixNode, places: MatrixPlaces, packed: number, bias: number): Op {
  const { input, output, windows, relu } = node;
  const tensors = [places.input, places.output];
  if (windows === null) {
    return operation(contract.OP_DENSE, ...tensors, layoutSize(input), output.stride, packed, bias, relu);
  }
  if (usesWinograd(node)) {
    const tile = winogradTile(node);
    return operation(
      contract.OP_WINOGRAD_CONVOLUTION,
      ...tensors,
      winogradShape(node),
      packed,
      bias,
      relu,
      blockTiles(node),
      places.scratch,
      places.stacksImages ? stackedPeriod(tile, input.height, output.height, windows.padTop) : 0,
      tile,
    );
  }
  return operation(
    contract.OP_DIRECT_CONVOLUTION,
    ...tensors,
    directShape(node, windows, places),
    packed,
    bias,
    relu,
    output.height,
    output.width,
    output.stride,
  );
}

/** Brings a layer's filter into the form that {@link forwardOp} reads. */
export function packOp(node: MatrixNode, filter: number, scale: number, packed: number, scratch: number): Op {
  const { input, output, windows } = node;
  if (usesWinograd(node)) {
    const tap = 4 * input.stride * output.stride;
    const steps = [tap, 4 * output.stride, 4];
    const sizes = [input.stride, output.stride];
    return operation(contract.OP_WINOGRAD_FILTER, filter, steps, sizes, scale, packed, scratch, winogradTile(node));
  }
  const taps = windows === null ? input.height * input.width : windows.size[0] * windows.size[1];
  return operation(contract.OP_PACK, filter, taps * input.stride, output.stride, scale, packed);
}

/** Brings a layer's filter, transposed (and for a direct convolution turned), into the form that {@link gradientOps} read. */
export function packTransposedOp(node: MatrixNode, filter: number, packed: number, scratch: number): Op {
  const { input, output, windows } = node;
  if (usesWinograd(node)) {
    const steps = [4 * input.stride * output.stride, 4, 4 * output.stride];
    const sizes = [output.stride, input.stride];
    return operation(contract.OP_WINOGRAD_FILTER, filter, steps, sizes, 0, packed, scratch, winogradTile(node));
  }
  const [taps, numIn] = windows === null ? [1, layoutSize(input)] : [windows.size[0] * windows.size[1], input.stride];
  return operation(contract.OP_PACK_TURNED, filter, taps, numIn, output.stride, packed);
}

/** Where a layer's gradients come from and go to. */
export interface GradientPlaces extends MatrixPlaces {
  readonly dy: Tensor;
  /** The input's gradient, and the transposed filter that it takes; null where nothing before the layer is trained. */
  readonly dx: { readonly tensor: Tensor; readonly packed: number } | null;
  /** The first shard's gradient of the filter, and bytes from shard to shard. */
  readonly filter: readonly [address: number, shardBytes: number];
  /** Where Winograd's method adds up the transformed filter's gradient: as many values as {@link packedSize}. */
  readonly du: number;
}

/** The shard's gradient of the filter, and that of the input. */
export function gradientOps(node: MatrixNode, places: GradientPlaces): readonly Op[] {
  const { input, output, windows } = node;
  const { dy, dx, filter, scratch } = places;
  const tensors = [places.input, dy];
  if (windows === null) {
    const sizes = [layoutSize(input), output.stride];
    const op = operation(contract.OP_DENSE_FILTER_GRADIENT, ...tensors, sizes, filter);
    if (dx === null) return [op];
    return [op, operation(contract.OP_DENSE, dy, dx.tensor, output.stride, layoutSize(input), dx.packed, 0, false)];
  }
  if (usesWinograd(node)) {
    const tile = winogradTile(node);
    const period = stackedPeriod(tile, input.height, output.height, windows.padTop);
    const rest = [places.du, blockTiles(node), scratch, ...filter, period, tile];
    const back = dx === null ? [0, 0, 0] : [dx.tensor.address, dx.tensor.imageBytes, dx.packed];
    return [operation(contract.OP_WINOGRAD_GRADIENTS, ...tensors, winogradShape(node), rest, back)];
  }
  const out = [output.height, output.width, output.stride];
  const shape = directShape(node, windows, places);
  const op = operation(contract.OP_DIRECT_FILTER_GRADIENT, ...tensors, shape, out, filter);
  if (dx === null) return [op];
  const top = windows.size[0] - 1 - windows.padTop;
  const left = windows.size[1] - 1 - windows.padLeft;
  const rest = [...windows.strides, scratch, top, left, dx.packed];
  const to = [input.height, input.width, input.stride];
  return [op, operation(contract.OP_DIRECT_INPUT_GRADIENT, dy, dx.tensor, out, rest, to, windows.size)];
}

function winogradShape({ input, output, windows }: MatrixNode): number[] {
  const pads = [windows?.padTop ?? 0, windows?.padLeft ?? 0];
  return [input.height, input.width, input.stride, ...pads, output.height, output.width, output.stride];
}

/** Sizes, windows, and the padded copy of the input where one has to be made. */
function directShape(
  { input, output }: MatrixNode,
  windows: Windows,
  { inputIsPadded, scratch }: MatrixPlaces,
): number[] {
  const padded = paddedImage(input, output, windows);
  const isWhole = padded.height === input.height && padded.width === input.width;
  return [
    ...[input.height, input.width, input.stride, ...windows.size, ...windows.strides],
    ...[inputIsPadded || isWhole ? 0 : scratch, padded.height, padded.width, padded.top, padded.left],
  ];
}

/**
 * Rows from image to image in a pile of images between which only the zeros lie that their windows reach, or 0 where that
 * takes no fewer tiles than images that begin on a tile.
 */
function stackedPeriod(tile: WinogradTile, height: number, outHeight: number, padTop: number): number {
  const gap = Math.max(padTop, outHeight + 2 - padTop - height);
  const period = Math.max(outHeight, height + gap);
  return period < tile * Math.ceil(outHeight / tile) ? period : 0;
}

/** Tiles between two transforms: as many as keep their block in the cache, whole rows of a matrix tile. */
function blockTiles(node: MatrixNode): number {
  const tileBytes = 4 * winogradPoints(node) * (node.input.stride + node.output.stride);
  const fitting = 4 * Math.floor(WINOGRAD_BLOCK_BYTES / tileBytes / 4);
  return Math.min(MAX_BLOCK_TILES, Math.max(MIN_BLOCK_TILES, fitting));
}
