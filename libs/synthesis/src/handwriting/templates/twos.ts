import type { HandwritingVariant } from './variant.ts';

const two = { digit: 2, heldOut: false } as const;

/** Twos: with a flat, wavy or looped foot, steep, like a z, with a hooked start. */
export const TWOS: readonly HandwritingVariant[] = [
  {
    ...two,
    name: 'two-plain',
    weight: 3,
    strokes: ['M 2 24 C 4 8 18 0 32 0 C 50 0 60 12 58 28 C 56 50 24 76 0 99 L 62 100'],
  },
  {
    ...two,
    name: 'two-loop',
    weight: 2,
    strokes: [
      'M 2 24 C 4 8 18 0 30 0 C 48 0 58 12 56 28 C 54 52 34 78 14 92 C 4 100 -6 96 -2 88 C 2 78 22 84 36 94 C 46 101 58 100 66 90',
    ],
  },
  {
    ...two,
    name: 'two-wave',
    weight: 2,
    strokes: ['M 2 24 C 4 8 18 0 30 0 C 48 0 58 12 56 28 C 54 50 26 78 2 98 C 16 88 30 92 42 97 C 52 101 60 98 66 92'],
  },
  { ...two, name: 'two-z', weight: 1, strokes: ['M 2 10 C 18 2 38 0 54 4 L 0 98 L 62 98'] },
  {
    ...two,
    name: 'two-steep',
    weight: 1.5,
    strokes: ['M 0 20 C 6 4 20 0 28 0 C 44 0 50 14 46 32 C 42 54 30 76 16 98 L 62 96'],
  },
  {
    ...two,
    name: 'two-small-head',
    weight: 1,
    strokes: ['M 10 18 C 14 4 24 0 32 0 C 46 0 52 10 48 24 C 42 46 20 76 0 98 C 20 94 44 98 68 96'],
  },
  {
    ...two,
    name: 'two-hooked-start',
    weight: 1,
    heldOut: true,
    strokes: ['M 14 26 C 4 28 0 16 8 8 C 20 -4 52 -4 57 20 C 60 44 24 74 2 98 L 64 96'],
  },
  {
    ...two,
    name: 'two-loop-flat',
    weight: 1,
    heldOut: true,
    strokes: [
      'M 4 22 C 8 6 20 0 32 0 C 50 0 56 14 54 28 C 50 52 32 76 12 94 C 2 102 -8 94 0 86 C 8 80 22 92 34 96 L 66 98',
    ],
  },
];
