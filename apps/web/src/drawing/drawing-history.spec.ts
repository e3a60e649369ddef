import { EMPTY_HISTORY, reduceDrawing, type DrawingAction } from './drawing-history.ts';

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
