import type { HandwritingVariant } from './variant.ts';

const LOOP = 'M 50 12 C 44 2 36 0 27 0 C 10 0 0 12 0 27 C 0 42 10 50 22 50 C 38 50 48 36 50 10';

const nine = { digit: 9, heldOut: false, looseness: 0.85 } as const;

/** Nines: with a straight or curved stem, or hooked to the left like a g. */
export const NINES: readonly HandwritingVariant[] = [
  { ...nine, name: 'nine-straight', weight: 3, strokes: [`${LOOP} L 46 100`] },
  { ...nine, name: 'nine-curved', weight: 2, strokes: [`${LOOP} C 52 40 46 82 12 100`] },
  {
    ...nine,
    name: 'nine-hooked',
    weight: 4,
    strokes: [
      'M 50 10 C 44 2 36 0 26 0 C 10 0 0 12 0 24 C 0 38 10 46 22 46 C 36 46 48 34 50 8 C 53 34 54 56 52 74 C 50 92 40 100 26 100 C 14 100 6 96 0 88',
    ],
  },
  {
    ...nine,
    name: 'nine-hooked-flat',
    weight: 1.5,
    strokes: [
      'M 50 10 C 44 2 36 0 26 0 C 10 0 0 12 0 24 C 0 38 10 46 22 46 C 36 46 48 34 50 8 C 52 38 52 64 50 84 C 46 100 20 98 0 98',
    ],
  },
  {
    ...nine,
    name: 'nine-ring-and-stem',
    weight: 1.5,
    looseness: 0.65,
    strokes: ['M 26 2 C 10 2 0 12 0 26 C 0 40 10 50 24 50 C 38 50 48 40 48 26 C 48 12 40 2 26 2', 'M 50 2 L 46 100'],
    rings: [0],
  },
  {
    ...nine,
    name: 'nine-small-loop',
    weight: 1,
    looseness: 0.7,
    strokes: ['M 47 12 C 38 -4 4 -2 2 20 C 1 42 36 42 48 12 C 49 44 42 74 24 100'],
  },
  {
    ...nine,
    name: 'nine-flat-loop',
    weight: 1.5,
    strokes: ['M 52 14 C 42 -6 2 -4 0 20 C -2 44 40 40 53 14 C 54 46 46 76 30 100'],
    width: [0.9, 1.2],
    looseness: 0.5,
  },
  {
    ...nine,
    name: 'nine-ring-and-hook',
    weight: 1,
    looseness: 0.65,
    strokes: [
      'M 26 2 C 10 2 0 12 0 24 C 0 38 10 46 24 46 C 38 46 48 38 48 24 C 48 12 40 2 26 2',
      'M 50 2 C 52 34 53 56 51 74 C 49 92 39 100 25 100 C 14 100 6 96 0 88',
    ],
    rings: [0],
  },
  {
    ...nine,
    name: 'nine-open',
    weight: 0.7,
    strokes: ['M 40 4 C 16 -4 0 12 0 28 C 0 44 14 53 28 49 C 42 45 50 32 52 10 C 53 40 52 72 46 100'],
    looseness: 0.7,
  },
  {
    ...nine,
    name: 'nine-hooked-high',
    weight: 1,
    heldOut: true,
    strokes: [
      'M 48 8 C 42 2 34 0 26 0 C 12 0 2 10 2 21 C 2 34 12 41 22 41 C 36 41 46 30 48 6 C 52 34 55 54 53 72 C 51 92 40 100 24 100 C 10 100 0 93 -3 82',
    ],
  },
  {
    ...nine,
    name: 'nine-curved-short',
    weight: 1,
    heldOut: true,
    strokes: ['M 52 18 C 48 4 38 0 28 0 C 10 0 0 14 0 30 C 0 46 12 55 24 55 C 42 55 52 40 52 18 C 56 52 48 86 20 100'],
  },
];
