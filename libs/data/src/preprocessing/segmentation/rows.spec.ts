import { findRows, Groups, typicalHeight } from './rows.ts';

const box = (x: number, y: number, width = 30, height = 50) => ({ x, y, width, height });

describe('typicalHeight', () => {
  it('is a digit’s, however many specks there are', () => {
    const specks = Array.from({ length: 40 }, (_, i) => box(i, 0, 3, 3));
    expect(typicalHeight([...specks, box(0, 0), box(50, 0, 30, 54), box(90, 0, 30, 58)])).toBe(54);
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
