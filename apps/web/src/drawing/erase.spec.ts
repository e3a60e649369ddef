import { eraseStrokes } from './erase.ts';

describe('eraseStrokes', () => {
  const line = [
    [0, 0],
    [100, 0],
  ] as const;

  it('cuts a stroke in two where the eraser crosses it, between its points too', () => {
    const pieces = eraseStrokes([line], [50, -20], [50, 20], 10);
    expect(pieces.map((piece) => [piece[0], piece[piece.length - 1]])).toEqual([
      [
        [0, 0],
        [37.5, 0],
      ],
      [
        [62.5, 0],
        [100, 0],
      ],
    ]);
  });

  it('takes a stroke away that it covers', () => {
    expect(eraseStrokes([line], [0, 0], [100, 0], 10)).toEqual([]);
  });

  it('gives the same array where it touches nothing', () => {
    const strokes = [line];
    expect(eraseStrokes(strokes, [0, 11], [100, 11], 10)).toBe(strokes);
  });

  it('leaves the strokes that it does not touch as they are', () => {
    const other = [[0, 50]] as const;
    expect(eraseStrokes([line, other], [0, 0], [0, 0], 10)[1]).toBe(other);
  });

  it('keeps the pressure of what is left', () => {
    const pressed = [
      [0, 0, 0.25],
      [100, 0, 0.75],
    ] as const;
    const [piece] = eraseStrokes([pressed], [0, 0], [0, 0], 10);
    expect(piece.every((point) => point[2] === 0.75)).toBe(true);
  });
});
