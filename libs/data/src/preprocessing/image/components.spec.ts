import { labelComponents } from './components.ts';

function mask(...rows: string[]): [Uint8Array, number, number] {
  return [Uint8Array.from(rows.join(''), (pixel) => (pixel === '#' ? 1 : 0)), rows[0].length, rows.length];
}

describe('labelComponents', () => {
  it('joins pixels that touch at a side or a corner', () => {
    const { labels, components } = labelComponents(...mask('#..#', '.#..', '...#'));
    expect([...labels]).toEqual([1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 3]);
    expect(components).toEqual([
      { label: 1, x: 0, y: 0, width: 2, height: 2, numPixels: 2 },
      { label: 2, x: 3, y: 0, width: 1, height: 1, numPixels: 1 },
      { label: 3, x: 3, y: 2, width: 1, height: 1, numPixels: 1 },
    ]);
  });

  it('joins arms that meet only at the bottom', () => {
    const { components } = labelComponents(...mask('#.#.#', '#.#.#', '#####'));
    expect(components).toEqual([{ label: 1, x: 0, y: 0, width: 5, height: 3, numPixels: 11 }]);
  });

  it('finds nothing in an empty mask', () => {
    expect(labelComponents(...mask('...', '...')).components).toEqual([]);
  });
});
