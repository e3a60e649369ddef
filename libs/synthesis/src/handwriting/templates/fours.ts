import type { HandwritingVariant } from './variant.ts';

const four = { digit: 4, heldOut: false } as const;

/** Fours: open or closed above, in one stroke or two, with a cross stroke of any length. */
export const FOURS: readonly HandwritingVariant[] = [
  {
    ...four,
    name: 'four-open',
    weight: 3,
    strokes: ['M 14 0 C 10 22 6 42 0 60 L 62 58', 'M 46 22 L 40 100'],
  },
  { ...four, name: 'four-open-upright', weight: 2, strokes: ['M 6 0 L 2 56 L 62 56', 'M 48 4 L 48 100'] },
  {
    ...four,
    name: 'four-open-in-one-stroke',
    weight: 2,
    strokes: ['M 4 0 C 0 24 -2 46 10 51 C 22 54 40 48 49 36 L 54 0 L 50 100'],
  },
  { ...four, name: 'four-closed', weight: 2, strokes: ['M 42 0 L 0 68 L 64 68', 'M 44 2 L 42 100'] },
  { ...four, name: 'four-closed-in-one-stroke', weight: 1, strokes: ['M 42 100 L 44 0 L 0 64 L 66 62'] },
  { ...four, name: 'four-long-cross', weight: 1, strokes: ['M 22 0 L 0 60 L 84 56', 'M 46 24 L 38 100'] },
  { ...four, name: 'four-low-stem', weight: 1, strokes: ['M 18 0 L 0 62 L 60 60', 'M 40 36 L 32 100'] },
  {
    ...four,
    name: 'four-short-cross',
    weight: 1,
    strokes: ['M 26 0 C 18 20 8 38 0 50 C 14 54 34 53 50 50', 'M 51 18 L 44 100'],
  },
  {
    ...four,
    name: 'four-round',
    weight: 1,
    strokes: ['M 22 0 C 4 12 -4 30 3 43 C 10 55 34 54 58 47', 'M 54 33 C 50 54 46 78 46 100'],
    slant: [-0.12, 0.25],
    looseness: 0.6,
  },
  {
    ...four,
    name: 'four-open-in-one-stroke-angular',
    weight: 1,
    heldOut: true,
    strokes: ['M 8 0 L 0 52 L 47 50 L 53 0 L 48 100'],
  },
  { ...four, name: 'four-open-wide', weight: 1, heldOut: true, strokes: ['M 12 6 L 0 52 L 62 54', 'M 50 0 L 40 100'] },
];
