import {
  type AugmentationSettings,
  cubicWeights,
  type CubicWeights,
  DISTORTION_NAMES,
  DISTORTIONS,
  validateAugmentation,
} from '@digits/data';
import type { ImageLayout } from './layout.ts';
import { usesWinograd, paddedImage, type PaddedImage } from './matrix-operations.ts';
import { align, type MemoryPlan } from './memory.ts';
import type { Network, Node } from './network.ts';
import { type Op, operation, type Tensor } from './operations.ts';

/** Layout of the network's input in memory: with the padding of the first layer if that is a direct convolution. */
export interface InputImage {
  readonly isPadded: boolean;
  readonly image: PaddedImage;
  /** Number of bytes from image to image. */
  readonly imageBytes: number;
}

/** Lays out the input for the network's first node. */
export function inputImage(network: Network, nodes: readonly Node[]): InputImage {
  const first = nodes[0];
  const [layout] = network.layouts;
  const isPadded = first.type === 'matrix' && first.windows !== null && !usesWinograd(first);
  const image =
    first.type === 'matrix' && first.windows !== null && isPadded
      ? paddedImage(first.input, first.output, first.windows)
      : { height: layout.height, width: layout.width, top: 0, left: 0 };
  return { isPadded, image, imageBytes: align(4 * image.height * image.width * layout.stride) };
}

/** Writes images into the middle of their padding, distorted in training if `augmentation` is given. */
export function inputOp(
  network: Network,
  { image }: InputImage,
  to: Tensor,
  augmentation: AugmentationBlock | null = null,
): Op {
  const [{ height, width, channels, stride }] = network.layouts;
  const pixelBytes = 4 * stride;
  const rowBytes = image.width * pixelBytes;
  const start = image.top * rowBytes + image.left * pixelBytes;
  const { address: distortions, scratch } = augmentation ?? { address: 0, scratch: 0 };
  return operation('input', { to, height, width, channels, start, rowBytes, pixelBytes, distortions, scratch });
}

/** Number of black rows above and below a plane, and of bytes beside its rows, as in `assembly/augmentation.ts`. */
const MARGIN_ROWS = 8;
const MARGIN_BYTES = 32;
/** Number of tables: points and weights of the elastic grid's columns, then of its rows. */
const NUM_TABLES = 4;

/** Augmentation settings with their addresses in memory. */
export interface AugmentationBlock {
  readonly address: number;
  /** Address of scratch memory in the arena. */
  readonly scratch: number;
  /** Writes the block. Call it once, when the memory is allocated. */
  readonly write: (buffer: ArrayBufferLike) => void;
}

/**
 * Allocates memory for augmentation settings, and for the tables and scratch memory that the kernels need to apply them.
 *
 * @throws RangeError as `validateAugmentation` of libs/data
 */
export function placeAugmentation(
  settings: AugmentationSettings,
  { height, width }: ImageLayout,
  memory: MemoryPlan,
  arena: MemoryPlan,
): AugmentationBlock {
  validateAugmentation(settings);
  const { elastic } = settings;
  const gridSize = elastic?.gridSize ?? 0;
  const numbers = settingNumbers(settings);
  const plane = (height + MARGIN_ROWS) * (width + 15 + MARGIN_BYTES) + 64;
  const field = 4 * (width + 3) * (2 * height + gridSize) + 8 * gridSize ** 2 + 64;
  const address = memory.allocate(4 * NUM_TABLES + 8 * numbers.length);
  const tables = elastic === null ? [] : [width, height].map((side) => cubicWeights(side, elastic.gridSize));
  const places = tables.map((table) => placeTable(table, memory));
  return {
    address,
    scratch: arena.allocate(2 * plane + field),
    write(buffer) {
      new Int32Array(buffer, address, NUM_TABLES).set(places.flat());
      new Float64Array(buffer, address + 4 * NUM_TABLES, numbers.length).set(numbers);
      tables.forEach(({ points, weights }, i) => {
        const [pointsAddress, weightsAddress] = places[i];
        new Int32Array(buffer, pointsAddress, points.length).set(points);
        new Int32Array(buffer, weightsAddress, weights.length).set(weights);
      });
    },
  };
}

/** Lists for each distortion whether it is applied (1 or 0), then its settings (0 if not applied), in the order of `DISTORTIONS`. */
function settingNumbers(settings: AugmentationSettings): number[] {
  return DISTORTION_NAMES.flatMap((name) => {
    const values: Readonly<Partial<Record<string, number>>> = { ...settings[name] };
    const names = Object.keys(DISTORTIONS[name].ranges);
    return [Number(settings[name] !== null), ...names.map((setting) => values[setting] ?? 0)];
  });
}

function placeTable({ points, weights }: CubicWeights, memory: MemoryPlan): [points: number, weights: number] {
  return [memory.allocate(points.byteLength), memory.allocate(weights.byteLength)];
}
