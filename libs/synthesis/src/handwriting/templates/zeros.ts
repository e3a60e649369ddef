import type { HandwritingVariant } from './variant.ts';

const RING = 'M 32 0 C 14 0 0 22 0 50 C 0 78 14 100 32 100 C 50 100 64 78 64 50 C 64 22 50 0 32 0';

/** Narrower, the ring and its slash run together. */
const SLASHED_WIDTH = [0.8, 1.3] as const;

const zero = { digit: 0, heldOut: false, width: [0.65, 1.25] } as const;

/** Zeros: plain, open, with a tail, dotted, and slashed either way as in programs, on forms and in the Nordic countries. */
export const ZEROS: readonly HandwritingVariant[] = [
  { ...zero, name: 'zero-plain', weight: 3, strokes: [RING], rings: [0] },
  {
    ...zero,
    name: 'zero-open',
    weight: 1,
    strokes: ['M 40 2 C 16 0 0 24 0 54 C 0 82 14 100 32 100 C 52 100 64 78 64 50 C 64 32 60 20 53 11'],
  },
  {
    ...zero,
    name: 'zero-overlapping',
    weight: 1,
    strokes: ['M 46 8 C 22 -6 0 22 0 52 C 0 80 14 100 32 100 C 52 100 64 78 64 50 C 64 20 46 -4 20 8'],
  },
  {
    ...zero,
    name: 'zero-tail-outside',
    weight: 1,
    strokes: [
      'M 36 4 C 14 2 0 26 0 54 C 0 82 14 100 32 100 C 52 100 64 80 62 54 C 60 30 50 12 34 4 C 48 10 62 10 76 4',
    ],
  },
  {
    ...zero,
    name: 'zero-tail-inside',
    weight: 0.7,
    strokes: ['M 40 2 C 16 0 0 24 0 52 C 0 80 14 100 32 100 C 52 100 64 78 64 50 C 64 22 50 2 34 4 C 24 6 22 16 30 22'],
  },
  { ...zero, name: 'zero-slashed', weight: 2.5, strokes: [RING, 'M 72 -2 L -8 102'], rings: [0], width: SLASHED_WIDTH },
  {
    ...zero,
    name: 'zero-slashed-inside',
    weight: 2,
    strokes: [RING, 'M 55 16 L 9 84'],
    rings: [0],
    width: SLASHED_WIDTH,
  },
  {
    ...zero,
    name: 'zero-slashed-backward',
    weight: 1.5,
    strokes: [RING, 'M 6 10 L 58 90'],
    rings: [0],
    width: SLASHED_WIDTH,
  },
  { ...zero, name: 'zero-dotted', weight: 1, strokes: [RING, 'M 31 46 L 33 54'], rings: [0], width: [0.9, 1.3] },
  {
    ...zero,
    name: 'zero-slashed-in-one-stroke',
    weight: 1,
    heldOut: true,
    strokes: ['M 54 12 C 40 -8 0 0 0 50 C 0 80 14 100 32 100 C 52 100 64 78 64 50 C 64 34 60 20 54 12 L 6 92'],
    width: SLASHED_WIDTH,
  },
  {
    ...zero,
    name: 'zero-slashed-short',
    weight: 1,
    heldOut: true,
    strokes: [RING, 'M 47 26 L 17 74'],
    rings: [0],
    width: SLASHED_WIDTH,
  },
];
