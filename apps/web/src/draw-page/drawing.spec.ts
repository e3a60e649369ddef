import { type DrawingAction, EMPTY_HISTORY, eraseStrokes, reduceDrawing } from './drawing.ts';

const one = [[[0, 0]]] as const;
const two = [[[0, 0]], [[1, 1]]] as const;

function after(...actions: readonly DrawingAction[]) {
  return actions.reduce(reduceDrawing, EMPTY_HISTORY);
}

describe('reduceDrawing', () => {
  it('goes back and forth step by step', () => {
    const drawn = after({ type: 'draw', strokes: one }, { type: 'draw', strokes: two });
    expect(drawn.strokes).toBe(two);
    const undone = reduceDrawing(drawn, { type: 'undo' });
    expect(undone.strokes).toBe(one);
    expect(reduceDrawing(undone, { type: 'redo' })).toEqual(drawn);
  });

  it('undoes clearing', () => {
    expect(after({ type: 'draw', strokes: one }, { type: 'draw', strokes: [] }, { type: 'undo' }).strokes).toBe(one);
  });

  it('forgets what was undone once something new is drawn', () => {
    const drawn = after({ type: 'draw', strokes: one }, { type: 'undo' }, { type: 'draw', strokes: two });
    expect(reduceDrawing(drawn, { type: 'redo' })).toBe(drawn);
  });

  it.each([{ type: 'undo' }, { type: 'redo' }, { type: 'draw', strokes: [] }] as const)(
    'changes nothing by $type where there is nothing to do',
    (action) => {
      expect(reduceDrawing(EMPTY_HISTORY, action)).toBe(EMPTY_HISTORY);
    },
  );
});

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
