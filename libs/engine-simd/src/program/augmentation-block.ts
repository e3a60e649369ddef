import {
  type AugmentationSettings,
  cubicWeights,
  type CubicWeights,
  DISTORTION_NAMES,
  DISTORTIONS,
  validateAugmentation,
} from '@digits/data';
import type { ImageLayout } from './layout.ts';
import type { MemoryPlan } from './memory-plan.ts';

/** Rows of black above and below a plane, and bytes beside its rows; as in `augmentation.ts` of the kernels. */
const MARGIN_ROWS = 8;
const MARGIN_BYTES = 32;
/** Points and weights of the elastic grid's columns, then of its rows. */
const NUM_TABLES = 4;

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

/** For each distortion whether it is applied (1 or 0), then its settings, in the order of `DISTORTIONS`; 0 where it is not. */
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
