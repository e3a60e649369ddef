import { type AugmentationSettings, cubicWeights, type CubicWeights, validateAugmentation } from '@digits/data';
import type { ImageLayout } from './layout.ts';
import type { MemoryPlan } from './memory-plan.ts';

/** Rows of black above and below a plane, and bytes beside its rows; as in `augmentation.ts` of the kernels. */
const MARGIN_ROWS = 8;
const MARGIN_BYTES = 32;
const NUM_DOUBLES = 7;
const NUM_WORDS = 8;

/** Augmentation settings with their places in memory. */
export interface AugmentationBlock {
  readonly address: number;
  /** In the arena. */
  readonly scratch: number;
  /** Writes the block; called once, when there is memory. */
  readonly write: (buffer: ArrayBufferLike) => void;
}

/**
 * Finds places for augmentation settings and for what the kernels need to apply them.
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
  const { affine, elastic, strokeWidth, erasing } = settings;
  const gridSize = elastic?.gridSize ?? 0;
  const plane = (height + MARGIN_ROWS) * (width + 15 + MARGIN_BYTES) + 64;
  const field = 4 * (width + 3) * (2 * height + gridSize) + 8 * gridSize ** 2 + 64;
  const address = memory.allocate(8 * NUM_DOUBLES + 4 * NUM_WORDS);
  const tables = elastic === null ? [] : [width, height].map((side) => cubicWeights(side, elastic.gridSize));
  const places = tables.map((table) => placeTable(table, memory));
  return {
    address,
    scratch: arena.allocate(2 * plane + field),
    write(buffer) {
      const { rotation = 0, scale = 0, shear = 0, translation = 0 } = affine ?? {};
      const ranges = [elastic?.displacement ?? 0, strokeWidth?.radius ?? 0, erasing?.probability ?? 0];
      new Float64Array(buffer, address, NUM_DOUBLES).set([rotation, scale, shear, translation, ...ranges]);
      const flags = [Number(affine !== null), gridSize, Number(strokeWidth !== null), erasing?.size ?? 0];
      new Int32Array(buffer, address + 8 * NUM_DOUBLES, NUM_WORDS).set([...flags, ...places.flat()]);
      tables.forEach(({ points, weights }, i) => {
        const [pointsAddress, weightsAddress] = places[i];
        new Int32Array(buffer, pointsAddress, points.length).set(points);
        new Int32Array(buffer, weightsAddress, weights.length).set(weights);
      });
    },
  };
}

function placeTable({ points, weights }: CubicWeights, memory: MemoryPlan): [points: number, weights: number] {
  return [memory.allocate(points.byteLength), memory.allocate(weights.byteLength)];
}
