import type { HandwritingVariant } from './variant.ts';

const three = { digit: 3, heldOut: false } as const;

/** Threes: two bows that meet in a point, a loop or a shallow notch; or with a flat top. */
export const THREES: readonly HandwritingVariant[] = [
  {
    ...three,
    name: 'three-round',
    weight: 3,
    strokes: [
      'M 4 14 C 12 4 22 0 30 0 C 48 0 56 10 54 24 C 52 38 38 46 22 47 C 44 47 60 56 60 74 C 60 90 46 100 28 100 C 16 100 6 95 0 86',
    ],
  },
  {
    ...three,
    name: 'three-looped',
    weight: 1.5,
    strokes: [
      'M 4 14 C 12 4 22 0 30 0 C 48 0 56 10 54 24 C 52 40 34 52 22 49 C 14 46 20 39 30 43 C 48 48 60 58 60 74 C 60 90 46 100 28 100 C 16 100 6 95 0 86',
    ],
  },
  {
    ...three,
    name: 'three-shallow',
    weight: 1,
    strokes: [
      'M 2 16 C 8 4 20 0 32 0 C 50 0 58 12 56 26 C 54 38 44 46 34 49 C 52 53 62 62 62 76 C 60 92 46 100 28 100 C 14 100 4 94 0 84',
    ],
  },
  {
    ...three,
    name: 'three-flat-top',
    weight: 2,
    strokes: ['M 4 2 L 56 2 L 26 42 C 48 42 62 54 62 72 C 62 90 48 100 30 100 C 16 100 6 94 0 84'],
  },
  {
    ...three,
    name: 'three-flat-top-steep',
    weight: 1,
    strokes: ['M 6 4 C 20 2 36 0 50 0 C 44 14 36 28 28 38 C 46 38 56 52 54 70 C 52 88 36 100 0 98'],
  },
  {
    ...three,
    name: 'three-long-tail',
    weight: 1,
    strokes: [
      'M 10 14 C 18 4 28 0 36 0 C 52 0 58 10 56 24 C 54 38 40 46 26 47 C 46 47 60 56 60 74 C 60 92 40 100 20 100 C 6 100 -6 94 -12 84',
    ],
  },
  {
    ...three,
    name: 'three-flat-top-serif',
    weight: 1,
    heldOut: true,
    strokes: ['M 2 14 L 4 2 L 56 2 L 28 40 C 50 42 62 54 60 72 C 58 90 44 100 28 100 C 14 100 4 94 0 84'],
  },
  {
    ...three,
    name: 'three-large-belly',
    weight: 1,
    heldOut: true,
    strokes: [
      'M 10 10 C 16 2 24 0 32 0 C 46 0 52 8 50 20 C 48 32 36 38 24 39 C 50 38 66 50 66 70 C 66 90 50 100 30 100 C 16 100 6 94 0 84',
    ],
  },
];
