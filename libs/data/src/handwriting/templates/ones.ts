import type { HandwritingVariant } from '../variant.ts';

const one = { digit: 1, heldOut: false, slant: [-0.15, 0.35] } as const;

/** Ones: a bare stem, with an upstroke from a nick to nearly the foot (as schools in much of Europe teach), with a foot. */
export const ONES: readonly HandwritingVariant[] = [
  { ...one, name: 'one-plain', weight: 2, strokes: ['M 0 0 L 0 100'], slant: [-0.35, 0.6] },
  { ...one, name: 'one-tail', weight: 0.4, strokes: ['M 0 0 L 0 80 C 0 94 6 100 16 98'] },
  { ...one, name: 'one-upstroke-short', weight: 2, looseness: 0.85, strokes: ['M 0 22 L 18 0 L 18 100'] },
  { ...one, name: 'one-upstroke-curved', weight: 1.5, looseness: 0.8, strokes: ['M 0 24 C 10 20 17 12 20 0 L 20 100'] },
  { ...one, name: 'one-upstroke-long', weight: 3, strokes: ['M 0 46 L 34 0 L 34 100'], slant: [-0.15, 0.25] },
  { ...one, name: 'one-upstroke-half', weight: 3, strokes: ['M 0 36 L 28 0 L 28 100'], slant: [-0.15, 0.25] },
  { ...one, name: 'one-upstroke-to-the-foot', weight: 2, strokes: ['M 0 66 L 40 0 L 38 100'], slant: [-0.1, 0.25] },
  {
    ...one,
    name: 'one-upstroke-bowed',
    weight: 1.5,
    strokes: ['M 0 52 C 14 42 28 20 34 0 L 34 100'],
    slant: [-0.15, 0.2],
  },
  {
    ...one,
    name: 'one-upstroke-wide',
    weight: 2.5,
    strokes: ['M 0 48 L 48 0 L 40 100'],
    slant: [-0.1, 0.2],
    looseness: 0.8,
  },
  {
    ...one,
    name: 'one-upstroke-wide-bowed',
    weight: 2,
    strokes: ['M 0 52 C 20 42 40 20 50 0 L 42 100'],
    slant: [-0.1, 0.2],
    looseness: 0.8,
  },
  {
    ...one,
    name: 'one-foot',
    weight: 1,
    looseness: 0.7,
    strokes: ['M 20 0 L 20 100', 'M 0 100 L 40 100'],
    slant: [-0.1, 0.25],
  },
  {
    ...one,
    name: 'one-upstroke-foot',
    weight: 3,
    strokes: ['M 4 22 L 24 0 L 24 100', 'M 0 100 L 48 100'],
    slant: [-0.1, 0.25],
  },
  {
    ...one,
    name: 'one-foot-in-one-stroke',
    weight: 1,
    strokes: ['M 6 20 L 26 0 L 23 100 L 2 100 L 46 98'],
    slant: [-0.1, 0.25],
  },
  {
    ...one,
    name: 'one-upstroke-long-foot',
    weight: 1,
    heldOut: true,
    strokes: ['M 0 42 L 30 0 L 30 100', 'M 8 100 L 52 100'],
    slant: [-0.1, 0.2],
  },
  {
    ...one,
    name: 'one-upstroke-wide-low',
    weight: 1,
    heldOut: true,
    strokes: ['M 0 64 L 52 0 L 44 100'],
    slant: [-0.1, 0.2],
    looseness: 0.8,
  },
  {
    ...one,
    name: 'one-upstroke-steep',
    weight: 1,
    heldOut: true,
    strokes: ['M 0 54 C 10 38 20 18 26 0 L 26 100'],
    slant: [-0.1, 0.3],
  },
];
