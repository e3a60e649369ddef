import { findRows, Groups, typicalHeight } from './rows.ts';

const box = (x: number, y: number, width = 30, height = 50) => ({ x, y, width, height });

describe('typicalHeight', () => {
  it('is that of a digit, however many specks there are', () => {
    const specks = Array.from({ length: 40 }, (_, i) => box(i, 0, 3, 3));
    // Half of the heights' sum, 282, is reached in the first digit.
    expect(typicalHeight([...specks, box(0, 0), box(50, 0, 30, 54), box(90, 0, 30, 58)])).toBe(50);
  });

  it('is that of many low digits rather than of a few tall ones', () => {
    const low = Array.from({ length: 5 }, (_, i) => box(40 * i, 30, 20, 20));
    expect(typicalHeight([...low, box(200, 0), box(240, 0)])).toBe(20);
  });

  it('is 0 of nothing', () => {
    expect(typicalHeight([])).toBe(0);
  });
});

describe('findRows', () => {
  it('orders rows from the top and boxes from the left', () => {
    expect(findRows([box(100, 80), box(50, 3), box(0, 82), box(0, 0), box(100, 0)], 50)).toEqual([
      [3, 1, 4],
      [2, 0],
    ]);
  });

  it('keeps a slanted row together, and one with a wide gap', () => {
    expect(findRows([box(0, 0), box(50, 20), box(100, 40), box(150, 60)], 50)).toEqual([[0, 1, 2, 3]]);
    expect(findRows([box(0, 0), box(400, 5)], 50)).toEqual([[0, 1]]);
  });
});

describe('findRows on tilted pages', () => {
  it('keeps rows that are tilted by 15 degrees and closer than two digits apart', () => {
    const slope = 0.268;
    const boxes = [0, 70].flatMap((y) => Array.from({ length: 8 }, (_, i) => box(i * 55, y + 55 * i * slope)));
    expect(findRows(boxes, 50)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8, 9, 10, 11, 12, 13, 14, 15],
    ]);
  });

  it('joins the distant halves of a tilted row', () => {
    const slope = -0.2;
    const boxes = [0, 60, 120, 480, 540, 600].map((x) => box(x, 200 + x * slope));
    expect(findRows(boxes, 50)).toEqual([[0, 1, 2, 3, 4, 5]]);
  });
});

describe('Groups', () => {
  it('lists what was joined, in order', () => {
    const groups = new Groups(5);
    groups.join(4, 1);
    groups.join(2, 0);
    groups.join(4, 3);
    expect(groups.list()).toEqual([
      [0, 2],
      [1, 3, 4],
    ]);
  });
});
