import { type Ink, inkOf, labelInk } from './ink.ts';

/** Two rows of ink; a cut divides each into pieces 1 and 2. */
const CUT: Ink = {
  width: 6,
  height: 2,
  labels: Int32Array.from([1, 1, 2, 2, 2, 0, 1, 2, 2, 2, 2, 0]),
  components: [],
  soft: { width: 6, height: 2, values: new Float32Array(12).fill(1) },
};

describe('inkOf', () => {
  const box = { x: 0, y: 0, width: 2, height: 2 };
  /** Ink of the two rows, without the margin of a pixel above and below. */
  const rowsOf = ({ width, values }: { width: number; values: Float32Array }): number[][] =>
    [1, 2].map((row) => [...values.subarray(row * width, (row + 1) * width)]);

  it('gives the ink of the labels alone', () => {
    expect(rowsOf(inkOf(CUT, new Set([1]), box))).toEqual([
      [0, 1, 1, 0],
      [0, 1, 0, 0],
    ]);
  });
});

describe('labelInk', () => {
  const planes = {
    width: 8,
    height: 1,
    ink: Float32Array.from([1, 1, 1, 0.1, 0.1, 0, 0, 0]),
    ruling: Float32Array.from([0, 0, 0, 0.9, 0.9, 0, 0, 0]),
    region: { x: 0, y: 0, width: 8, height: 1 },
  };

  it('leaves out printed lines', () => {
    expect([...(labelInk(planes)?.labels ?? [])]).toEqual([1, 1, 1, 0, 0, 0, 0, 0]);
  });

  it('takes lines for ink where they go on from it, if asked to', () => {
    expect([...(labelInk(planes, true)?.labels ?? [])]).toEqual([1, 1, 1, 1, 1, 0, 0, 0]);
  });

  it('leaves out lines without ink in any case', () => {
    const line = { ...planes, ink: planes.ink.map((value) => (value === 1 ? 0 : value)) };
    expect(labelInk(line, true)).toBeNull();
  });
});
