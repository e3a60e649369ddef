import type { HandwritingVariant } from './variant.ts';

const BODY = 'M 12 2 L 6 44 C 18 36 28 34 38 36 C 54 39 62 50 60 68 C 58 88 44 100 26 100 C 14 100 4 96 0 86';

const five = { digit: 5, heldOut: false } as const;

/** Fives: in one stroke or with the bar as a second one, which may miss the body; curved like an s. */
export const FIVES: readonly HandwritingVariant[] = [
  {
    ...five,
    name: 'five-in-one-stroke',
    weight: 2,
    strokes: ['M 56 0 L 12 2 L 6 44 C 18 36 28 34 38 36 C 54 39 62 50 60 68 C 58 88 44 100 26 100 C 14 100 4 96 0 86'],
  },
  { ...five, name: 'five-in-two-strokes', weight: 3, strokes: [BODY, 'M 12 1 L 60 0'] },
  { ...five, name: 'five-bar-detached', weight: 1.5, strokes: [BODY, 'M 24 -5 L 66 -9'] },
  { ...five, name: 'five-long-bar', weight: 1, strokes: [BODY, 'M 10 2 L 84 -4'] },
  {
    ...five,
    name: 'five-s',
    weight: 1.5,
    strokes: [
      'M 56 2 C 34 -2 14 2 10 20 C 6 38 18 42 32 46 C 52 52 60 62 56 76 C 52 94 34 100 20 100 C 10 100 2 96 0 88',
    ],
    slant: [-0.05, 0.42],
  },
  {
    ...five,
    name: 'five-small-belly',
    weight: 1.5,
    strokes: ['M 16 0 L 10 40 C 24 34 38 42 38 60 C 38 82 22 98 0 98', 'M 15 1 L 58 -3'],
  },
  {
    ...five,
    name: 'five-rounded-corner',
    weight: 1,
    strokes: ['M 58 2 C 40 4 24 0 16 4 C 10 10 10 30 8 42 C 22 34 40 34 50 46 C 62 62 56 90 34 99 C 20 103 6 98 0 90'],
  },
  {
    ...five,
    name: 'five-bar-low',
    weight: 1,
    heldOut: true,
    strokes: ['M 14 -4 L 8 44 C 20 36 30 34 40 37 C 56 42 62 54 58 72 C 54 90 38 100 2 98', 'M 8 7 L 60 2'],
  },
  {
    ...five,
    name: 'five-angular',
    weight: 1,
    heldOut: true,
    strokes: ['M 54 0 L 10 0 L 4 42 L 38 40 C 54 46 60 58 56 74 C 52 90 38 100 22 100 L 0 96'],
  },
];
