import { removeRuledLines } from './ruled-lines.ts';

const SIDE = 100;

function draw(paint: (x: number, y: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE }, (_, i) => (paint(i % SIDE, Math.floor(i / SIDE)) ? 1 : 0));
}

describe('removeRuledLines', () => {
  const digit = (x: number, y: number): boolean => x >= 45 && x < 52 && y >= 15 && y < 80;

  it('removes level lines and leaves the writing that crosses them whole', () => {
    const mask = draw((x, y) => y % 20 === 10 || digit(x, y));
    expect(removeRuledLines(mask, SIDE, SIDE)).toBe(5);
    expect(mask).toEqual(draw(digit));
  });

  it('removes squares and their crossings', () => {
    const mask = draw((x, y) => y % 20 === 10 || x % 20 === 2 || digit(x, y));
    expect(removeRuledLines(mask, SIDE, SIDE)).toBe(10);
    expect(mask).toEqual(draw(digit));
  });

  it('follows a line that is not quite level', () => {
    const mask = draw((x, y) => y === 30 + Math.floor(x / 14));
    removeRuledLines(mask, SIDE, SIDE);
    expect(mask).toEqual(draw(() => false));
  });

  it('leaves a thick bar and a short line alone', () => {
    const writing = draw((x, y) => (y >= 20 && y < 26) || (y === 60 && x > 10 && x < 70));
    const mask = writing.slice();
    expect(removeRuledLines(mask, SIDE, SIDE)).toBe(0);
    expect(mask).toEqual(writing);
  });
});
