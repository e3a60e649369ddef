import type { HandwritingVariant } from './variant.ts';

const six = { digit: 6, heldOut: false, width: [0.85, 1.3], looseness: 0.85 } as const;

/** Sixes: with a high or low start, curved, straight or hooked above, the loop closed, open or crossing the stem. */
export const SIXES: readonly HandwritingVariant[] = [
  {
    ...six,
    name: 'six-high-start',
    weight: 3,
    strokes: [
      'M 48 0 C 22 10 0 38 0 68 C 0 88 12 100 30 100 C 48 100 58 88 58 72 C 58 56 46 48 32 48 C 16 48 4 58 1 72',
    ],
  },
  {
    ...six,
    name: 'six-straight',
    weight: 2,
    strokes: [
      'M 36 0 C 20 24 4 48 1 72 C 0 90 12 100 28 100 C 44 100 54 88 54 74 C 54 60 44 52 30 52 C 16 52 6 62 2 76',
    ],
  },
  {
    ...six,
    name: 'six-hooked-start',
    weight: 2,
    strokes: [
      'M 52 14 C 48 4 40 0 32 0 C 12 2 0 34 0 64 C 0 88 12 100 30 100 C 46 100 58 90 58 74 C 58 58 46 50 32 50 C 16 50 4 60 1 74',
    ],
  },
  {
    ...six,
    name: 'six-open-loop',
    weight: 1,
    strokes: [
      'M 46 0 C 20 12 0 40 0 68 C 0 88 12 100 30 100 C 48 100 58 88 56 74 C 54 60 42 54 30 57 C 22 59 16 64 12 71',
    ],
  },
  {
    ...six,
    name: 'six-low-start',
    weight: 1,
    looseness: 0.7,
    strokes: [
      'M 40 0 C 18 8 0 30 0 64 C 0 88 14 100 32 100 C 52 100 62 88 62 72 C 62 56 50 46 34 46 C 16 46 4 54 1 68',
    ],
  },
  {
    ...six,
    name: 'six-crossing-loop',
    weight: 1,
    strokes: [
      'M 46 0 C 22 14 2 40 2 68 C 2 88 14 100 30 100 C 48 100 58 88 58 74 C 58 58 46 50 30 51 C 14 52 0 58 -10 68',
    ],
  },
  {
    ...six,
    name: 'six-upright',
    weight: 1,
    strokes: [
      'M 24 0 C 8 20 0 46 0 70 C 0 90 10 100 26 100 C 42 100 52 88 52 74 C 52 60 42 52 28 53 C 14 54 4 62 1 76',
    ],
    slant: [-0.02, 0.42],
  },
  {
    ...six,
    name: 'six-small-loop',
    weight: 1,
    heldOut: true,
    strokes: [
      'M 50 0 C 26 12 2 44 2 72 C 2 90 12 100 27 100 C 40 100 48 91 48 80 C 48 68 37 62 26 64 C 15 66 7 74 4 84',
    ],
  },
  {
    ...six,
    name: 'six-wide',
    weight: 1,
    heldOut: true,
    strokes: [
      'M 40 0 C 14 16 0 40 0 68 C 0 90 18 100 38 100 C 60 100 74 90 74 76 C 74 62 58 56 42 58 C 24 60 8 68 2 80',
    ],
  },
];
