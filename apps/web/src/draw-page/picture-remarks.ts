import type { Reading } from '@digits/reader';

const TURNS = {
  90: 'The writing is sideways, so the picture was turned clockwise to read it.',
  180: 'The writing is upside down, so the picture was turned around to read it.',
  270: 'The writing is sideways, so the picture was turned counterclockwise to read it.',
} as const;

/** Says what was done to read a picture, and what the reading leaves out. */
export function describeReading({ orientation, notice }: Pick<Reading, 'orientation' | 'notice'>): string[] {
  return [
    ...(orientation === 0 ? [] : [TURNS[orientation]]),
    ...(notice === null ? [] : ['There seem to be several digits, and only one was read.']),
  ];
}
