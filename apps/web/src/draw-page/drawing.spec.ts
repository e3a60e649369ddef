import {
  type DrawingAction,
  drawInk,
  EMPTY_HISTORY,
  eraseStrokes,
  reduceDrawing,
  withoutStrayTaps,
} from './drawing.ts';

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

describe('drawInk', () => {
  it.each([
    ['one point', [[10, 20]], 23],
    [
      'a point that was told twice',
      [
        [10, 20],
        [10, 20],
      ],
      23,
    ],
    ['a pen that barely presses', [[10, 20, 0]], 12.65],
  ] as const)('fills a circle for %s, because browsers may drop lines of no length', (_, stroke, radius) => {
    const circles: unknown[] = [];
    const context = {
      strokeStyle: 'black',
      fillStyle: '',
      beginPath: () => undefined,
      arc: (...values: unknown[]) => circles.push(values),
      fill() {
        circles.push(this.fillStyle);
      },
    };
    drawInk(context as unknown as CanvasRenderingContext2D, [stroke]);
    expect(circles).toEqual([[10, 20, radius, 0, 2 * Math.PI], 'black']);
  });
});

describe('withoutStrayTaps', () => {
  const line = [
    [100, 100],
    [100, 700],
  ] as const;
  const tap = [
    [800, 800],
    [805, 812],
  ] as const;

  it('leaves out taps beside strokes', () => {
    expect(withoutStrayTaps([tap, line, [[400, 400]]])).toEqual([line]);
  });

  it.each([
    ['taps alone', [tap, [[400, 400]]]],
    ['strokes alone', [line]],
    ['nothing', []],
  ] as const)('keeps %s', (_, strokes) => {
    expect(withoutStrayTaps(strokes)).toBe(strokes);
  });
});
