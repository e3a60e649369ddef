import type { HandwritingVariant } from './variant.ts';

const LOWER_RING = 'M 28 48 C 12 48 0 60 0 74 C 0 89 12 100 28 100 C 44 100 56 89 56 74 C 56 60 44 48 28 48';

const eight = { digit: 8, heldOut: false, width: [0.85, 1.3] } as const;

/** Eights: in one stroke either way round or from the middle, or as two rings. */
export const EIGHTS: readonly HandwritingVariant[] = [
  {
    ...eight,
    name: 'eight-in-one-stroke',
    weight: 3,
    strokes: [
      'M 48 14 C 42 4 36 0 28 0 C 14 0 6 10 6 22 C 6 40 20 44 30 49 C 46 56 56 64 56 78 C 56 92 44 100 29 100 C 12 100 2 92 2 78 C 2 62 18 54 30 48 C 42 42 51 34 51 22 C 51 18 50 16 47 12',
    ],
  },
  {
    ...eight,
    name: 'eight-other-way',
    weight: 1.5,
    strokes: [
      'M 10 14 C 16 4 22 0 30 0 C 44 0 52 10 52 22 C 52 40 38 44 28 49 C 12 56 2 64 2 78 C 2 92 14 100 29 100 C 46 100 56 92 56 78 C 56 62 40 54 28 48 C 16 42 7 34 7 22 C 7 18 8 16 11 12',
    ],
  },
  {
    ...eight,
    name: 'eight-rings',
    weight: 2,
    strokes: ['M 28 0 C 15 0 6 10 6 24 C 6 38 15 48 28 48 C 41 48 50 38 50 24 C 50 10 41 0 28 0', LOWER_RING],
    rings: [0, 1],
  },
  {
    ...eight,
    name: 'eight-open-top',
    weight: 1.5,
    looseness: 0.8,
    strokes: [
      'M 48 9 C 42 2 36 0 28 0 C 14 0 6 10 6 22 C 6 40 20 44 30 49 C 46 56 56 64 56 78 C 56 92 44 100 29 100 C 12 100 2 92 2 78 C 2 60 38 42 50 16',
    ],
  },
  {
    ...eight,
    name: 'eight-from-the-middle',
    weight: 1,
    strokes: [
      'M 28 48 C 12 42 6 32 6 22 C 6 8 16 0 28 0 C 42 0 50 10 50 22 C 50 36 40 42 28 48 C 12 55 2 64 2 78 C 2 92 14 100 28 100 C 44 100 56 92 56 78 C 56 64 44 55 28 48',
    ],
  },
  {
    ...eight,
    name: 'eight-straight-cross',
    weight: 1,
    heldOut: true,
    strokes: [
      'M 50 12 C 46 2 38 0 30 0 C 16 0 6 6 6 18 C 6 38 52 58 52 80 C 52 94 40 100 28 100 C 14 100 4 94 4 82 C 4 60 48 40 52 14',
    ],
  },
  {
    ...eight,
    name: 'eight-rings-small-top',
    weight: 1,
    looseness: 0.6,
    heldOut: true,
    strokes: [
      'M 28 0 C 17 0 10 8 10 20 C 10 32 18 41 28 41 C 38 41 47 32 47 20 C 47 8 39 0 28 0',
      'M 28 42 C 12 42 0 56 0 71 C 0 88 12 100 28 100 C 44 100 56 88 56 71 C 56 56 44 42 28 42',
    ],
    rings: [0, 1],
  },
];
