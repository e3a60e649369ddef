import { drawStrokes } from '../drawing/rendering.ts';
import type { Stroke } from '../drawing/stroke.ts';
import type { InkPlanes } from '../image/ink-planes.ts';
import { locateFrame } from './frame.ts';
import { inkToGrid } from './ink-to-grid.ts';
import { fitProjection, type Point, projectionOnto, type Quadrilateral } from './projection.ts';

const SIZE = { rows: 3, columns: 4 };

const FRAME: Quadrilateral = [
  [30, 20],
  [270, 40],
  [250, 250],
  [20, 230],
];

const planesOf = (ink: readonly Stroke[], ruling: readonly Stroke[]): InkPlanes => {
  const draw = (strokes: readonly Stroke[], radius: number): Float32Array =>
    Float32Array.from(
      drawStrokes(strokes, 300, 280, () => radius),
      (value) => value / 255,
    );
  return {
    width: 300,
    height: 280,
    ink: draw(ink, 1.5),
    ruling: draw(ruling, 1),
    // The picture has two pixels for each of the planes.
    region: { x: 0, y: 0, width: 600, height: 560 },
  };
};

/** The lines of a grid of 3 rows and 4 columns in the frame. */
const LINES: Stroke[] = (() => {
  const place = projectionOnto(FRAME);
  const upright = [0, 1, 2, 3, 4].map((i) => [place(i / 4, 0), place(i / 4, 1)]);
  return [...upright, ...[0, 1, 2, 3].map((i) => [place(0, i / 3), place(1, i / 3)])];
})();

/** A bar in the middle of each cell. */
function barsIn(cells: readonly (readonly [row: number, column: number])[]): Stroke[] {
  const place = projectionOnto(FRAME);
  return cells.map(([row, column]) => [
    place((column + 0.5) / 4, (row + 0.25) / 3),
    place((column + 0.5) / 4, (row + 0.75) / 3),
  ]);
}

const doubled = (corners: Quadrilateral) => corners.map(([x, y]) => [2 * x, 2 * y] as const);

describe('projectionOnto', () => {
  it('takes the corners of the square to the corners, and a diagonal to a diagonal', () => {
    const place = projectionOnto(FRAME);
    const corners = [place(0, 0), place(1, 0), place(1, 1), place(0, 1)];
    corners.forEach(([x, y], i) => {
      expect(x).toBeCloseTo(FRAME[i][0], 9);
      expect(y).toBeCloseTo(FRAME[i][1], 9);
    });
    // A camera keeps straight lines straight: the image of the middle is on both diagonals.
    const [x, y] = place(0.5, 0.5);
    const side = ([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): number =>
      (bx - ax) * (y - ay) - (by - ay) * (x - ax);
    expect(side(FRAME[0], FRAME[2])).toBeCloseTo(0, 6);
    expect(side(FRAME[1], FRAME[3])).toBeCloseTo(0, 6);
  });

  it('is linear on a parallelogram', () => {
    const place = projectionOnto([
      [1, 2],
      [5, 2],
      [7, 6],
      [3, 6],
    ]);
    expect(place(0.5, 0.25)).toEqual([3.5, 3]);
  });
});

describe('fitProjection', () => {
  const from: readonly Point[] = [
    [0.1, 0.1],
    [0.9, 0.2],
    [0.8, 0.9],
    [0.2, 0.8],
    [0.5, 0.4],
  ];

  it('finds the projection that the points were made with', () => {
    const place = projectionOnto(FRAME);
    const fitted = fitProjection(
      from,
      from.map(([u, v]) => place(u, v)),
    );
    for (const [u, v] of [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const) {
      // prettier-ignore
      const [x, y] = place(u, v);
      const [fittedX, fittedY] = fitted?.(u, v) ?? [0, 0];
      expect(fittedX).toBeCloseTo(x, 6);
      expect(fittedY).toBeCloseTo(y, 6);
    }
  });

  it('returns null for points on a line', () => {
    const line: readonly Point[] = [0, 1, 2, 3, 4].map((i): Point => [i, i]);
    expect(fitProjection(line, line)).toBeNull();
  });
});

describe('locateFrame', () => {
  it('finds the corners in pixels of the picture', () => {
    const frame = locateFrame(planesOf([], LINES), SIZE);
    doubled(FRAME).forEach(([x, y], i) => {
      // Two pixels of the planes.
      expect(Math.abs((frame?.corners[i][0] ?? 0) - x)).toBeLessThanOrEqual(4);
      expect(Math.abs((frame?.corners[i][1] ?? 0) - y)).toBeLessThanOrEqual(4);
    });
  });

  it('is not led astray by a line that hangs on the frame', () => {
    const tail: Stroke = [FRAME[2], [295, 275]];
    const frame = locateFrame(planesOf([], [...LINES, tail]), SIZE);
    expect(Math.abs((frame?.corners[2][0] ?? 0) - 500)).toBeLessThanOrEqual(6);
    expect(Math.abs((frame?.corners[2][1] ?? 0) - 500)).toBeLessThanOrEqual(6);
  });

  it('finds a grid although a line crosses the border of its frame to a frame around it', () => {
    const around: Stroke = [
      [4, 4],
      [296, 4],
      [296, 276],
      [4, 276],
      [4, 4],
    ];
    const bridge: Stroke = [FRAME[1], [296, 4]];
    const frame = locateFrame(planesOf([], [...LINES, around, bridge]), SIZE);
    expect(Math.abs((frame?.corners[1][0] ?? 0) - 540)).toBeLessThanOrEqual(4);
    expect(Math.abs((frame?.corners[1][1] ?? 0) - 80)).toBeLessThanOrEqual(4);
  });

  it('finds a sideways grid, whose rows are columns', () => {
    const frame = locateFrame(planesOf([], LINES), { rows: SIZE.columns, columns: SIZE.rows });
    expect(frame).not.toBeNull();
  });

  it('does not find a grid of another size', () => {
    expect(locateFrame(planesOf([], LINES), { rows: 5, columns: 6 })).toBeNull();
  });

  it('takes neither a single line nor a small box for a frame', () => {
    const line: Stroke = [
      [5, 5],
      [290, 270],
    ];
    const box: Stroke = [
      [10, 200],
      [40, 200],
      [40, 230],
      [10, 230],
      [10, 200],
    ];
    expect(locateFrame(planesOf([], [line]), SIZE)).toBeNull();
    expect(locateFrame(planesOf([], [box]), SIZE)).toBeNull();
    expect(locateFrame(planesOf([], []), SIZE)).toBeNull();
  });
});

describe('inkToGrid', () => {
  const frame = doubled(FRAME) as unknown as Quadrilateral;

  it('says which cells have a digit, and where it is in the picture', async () => {
    const filled = [
      [0, 1],
      [1, 0],
      [2, 3],
    ] as const;
    const { cells, digits } = await inkToGrid(planesOf(barsIn(filled), LINES), frame, SIZE);
    expect(cells).toEqual([
      [null, 0, null, null],
      [1, null, null, null],
      [null, null, null, 2],
    ]);
    expect(digits.map(({ row }) => row)).toEqual([0, 1, 2]);
    const place = projectionOnto(frame);
    filled.forEach(([row, column], i) => {
      const [x, y] = place((column + 0.5) / 4, (row + 0.5) / 3);
      const { box } = digits[i];
      expect(Math.abs(box.x + box.width / 2 - x)).toBeLessThanOrEqual(6);
      expect(Math.abs(box.y + box.height / 2 - y)).toBeLessThanOrEqual(6);
    });
  });

  it('takes a mark that is far smaller than a cell for nothing', async () => {
    const place = projectionOnto(FRAME);
    const dot: Stroke[] = [[place(0.125, 0.2)]];
    const { digits, cells, reason } = await inkToGrid(planesOf(dot, LINES), frame, SIZE);
    expect([digits, reason]).toEqual([[], 'blank']);
    expect(cells.flat().every((cell) => cell === null)).toBe(true);
  });

  it('reads a sideways grid from its own upper left corner', async () => {
    // Turned clockwise, the lower left corner becomes the upper left one.
    const turned: Quadrilateral = [frame[3], frame[0], frame[1], frame[2]];
    const { cells } = await inkToGrid(planesOf(barsIn([[0, 1]]), LINES), turned, { rows: 4, columns: 3 });
    expect(cells[1]).toEqual([null, null, 0]);
  });
});
