import { type LabelledImages, openRandomStream, RandomPurpose } from '@digits/data';
import { drawPair, drawPiece } from './digit-pieces.ts';

const drawsOf = (sample: number) => openRandomStream({ seed: 1, purpose: RandomPurpose.negatives, sample });

/** White boxes on black, each 20 high and so wide, in the middle; label = index. */
function boxes(...widths: number[]): LabelledImages {
  const images = new Uint8Array(widths.length * 784);
  widths.forEach((width, n) => {
    const left = 14 - Math.floor(width / 2);
    for (let y = 4; y < 24; y++) images.fill(255, n * 784 + y * 28 + left, n * 784 + y * 28 + left + width);
  });
  const shape = { count: widths.length, height: 28, width: 28, channels: 1, numClasses: 10 };
  return { images, labels: Uint8Array.from(widths.keys()), ...shape };
}

const numInk = (image: Uint8Array): number => image.filter((value) => value > 127).length;

describe('drawPiece', () => {
  const digits = boxes(10, 2);

  it('leaves at most three fifths of a digit', () => {
    for (let sample = 0; sample < 30; sample++) {
      const piece = drawPiece(digits, drawsOf(sample));
      expect(numInk(piece)).toBeGreaterThanOrEqual(4);
      expect(numInk(piece)).toBeLessThanOrEqual(120);
    }
  });

  it('leaves nothing round the middle unless it touches the edge', () => {
    const isEdge = (i: number): boolean => i % 28 === 0 || i % 28 === 27 || i < 28 || i >= 784 - 28;
    const isMiddle = (i: number): boolean => Math.abs((i % 28) - 13.5) < 5 && Math.abs(Math.floor(i / 28) - 13.5) < 5;
    for (let sample = 0; sample < 30; sample++) {
      const piece = drawPiece(digits, drawsOf(sample));
      const ink = [...piece.keys()].filter((i) => piece[i] > 127);
      expect(ink.some(isEdge) || !ink.some(isMiddle)).toBe(true);
    }
  });

  it('gives a black image where the digits have no ink', () => {
    expect(numInk(drawPiece(boxes(0), drawsOf(0)))).toBe(0);
  });
});

describe('drawPair', () => {
  it('sets two digits side by side in the space of one', () => {
    for (let sample = 0; sample < 20; sample++) {
      // Both are the same digit, so they are never laid over each other.
      const image = drawPair(boxes(10), drawsOf(sample));
      const ink = [...image.keys()].filter((i) => image[i] > 0);
      const side = (of: readonly number[]): number => Math.max(...of) - Math.min(...of) + 1;
      expect(Math.max(side(ink.map((i) => i % 28)), side(ink.map((i) => Math.floor(i / 28))))).toBe(20);
    }
  });

  it('leaves less ink than two digits have', () => {
    expect(numInk(drawPair(boxes(10), drawsOf(1)))).toBeLessThan(400);
  });

  it('lays digits over each other at times', () => {
    const wide = boxes(10, 0, 10);
    const columns = (image: Uint8Array): number =>
      Array.from({ length: 28 }, (_, x) => image.some((value, i) => i % 28 === x && value > 0)).filter(Boolean).length;
    const heights = Array.from({ length: 100 }, (_, sample) => drawPair(wide, drawsOf(sample)));
    expect(heights.some((image) => columns(image) < 20 && columns(image) > 10)).toBe(true);
  });
});
