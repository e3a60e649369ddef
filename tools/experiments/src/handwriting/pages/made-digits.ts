import { generateHandwriting } from '@digits/synthesis';

/** @returns `[60, 28, 28]` made digits, drawings and pictures, as the page's host makes them */
export function run(seed: number): Uint8Array {
  return generateHandwriting({ count: 60, seed, variants: 'training' }).images;
}
