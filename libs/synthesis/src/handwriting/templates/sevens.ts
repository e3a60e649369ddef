import type { HandwritingVariant } from './variant.ts';

const seven = { digit: 7, heldOut: false, width: [0.85, 1.35], looseness: 0.85 } as const;

/** Sevens: plain, with a serif, a curved or upright stem; crossed, as in continental Europe and Latin America. */
export const SEVENS: readonly HandwritingVariant[] = [
  { ...seven, name: 'seven-plain', weight: 2, strokes: ['M 0 2 L 56 2 L 20 100'] },
  { ...seven, name: 'seven-curved', weight: 1.5, strokes: ['M 0 4 L 58 2 C 40 28 24 60 22 100'] },
  { ...seven, name: 'seven-serif', weight: 2, strokes: ['M 1 20 L 4 2 L 58 2 L 24 100'] },
  {
    ...seven,
    name: 'seven-wavy-bar',
    weight: 1,
    strokes: ['M 0 16 C 6 -4 22 2 34 6 C 44 8 52 4 58 0 L 24 100'],
  },
  {
    ...seven,
    name: 'seven-upright',
    weight: 1,
    strokes: ['M 0 4 L 48 2 L 42 100'],
    slant: [-0.05, 0.25],
    width: [0.9, 1.3],
  },
  {
    ...seven,
    name: 'seven-rounded',
    weight: 1,
    strokes: ['M 0 8 C 16 2 44 -4 53 5 C 58 16 36 60 28 100'],
    slant: [-0.05, 0.42],
  },
  { ...seven, name: 'seven-crossed', weight: 4, strokes: ['M 0 4 L 56 2 L 22 100', 'M 14 54 L 58 50'] },
  {
    ...seven,
    name: 'seven-crossed-curved',
    weight: 1.5,
    strokes: ['M 0 8 C 14 2 34 2 56 2 C 40 28 26 60 24 100', 'M 10 52 L 56 48'],
  },
  {
    ...seven,
    name: 'seven-crossed-long',
    weight: 1.5,
    strokes: ['M 0 6 L 60 0 L 26 100', 'M 2 60 L 68 46'],
  },
  {
    ...seven,
    name: 'seven-crossed-upright',
    weight: 1,
    strokes: ['M 0 4 L 48 2 L 40 100', 'M 16 52 L 68 50'],
    slant: [-0.05, 0.25],
  },
  {
    ...seven,
    name: 'seven-crossed-wavy',
    weight: 1.5,
    strokes: ['M 0 16 C 6 -4 22 2 34 6 C 44 8 52 4 58 0 L 26 100', 'M 14 54 L 62 50'],
  },
  { ...seven, name: 'seven-long-serif', weight: 1, strokes: ['M 2 34 L 4 2 L 56 2 C 44 30 30 64 24 100'] },
  { ...seven, name: 'seven-bowed', weight: 1, width: [0.95, 1.35], strokes: ['M 0 4 L 54 2 C 56 30 46 72 18 100'] },
  {
    ...seven,
    name: 'seven-crossed-serif',
    weight: 1,
    heldOut: true,
    strokes: ['M 2 18 L 6 2 L 60 2 L 26 100', 'M 18 54 L 58 50'],
  },
  {
    ...seven,
    name: 'seven-serif-curved',
    weight: 1,
    heldOut: true,
    strokes: ['M 0 20 L 4 3 L 58 2 C 42 30 28 62 26 100'],
  },
];
