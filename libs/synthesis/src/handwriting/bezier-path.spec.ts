import { parsePath, pointBetween, startRingAt } from './bezier-path.ts';

describe('parsePath', () => {
  it('puts the handles of a straight line at its thirds', () => {
    expect(parsePath('M 0 0 L 30 90')).toEqual([
      { x: 0, y: 0, handleIn: [0, 0], handleOut: [10, 30], smooth: false },
      { x: 30, y: 90, handleIn: [-10, -30], handleOut: [0, 0], smooth: false },
    ]);
  });

  it('reads curves with handles relative to their knots', () => {
    const [from, to] = parsePath('M 10 20 C 11 22 33 44 30 40');
    expect(from.handleOut).toEqual([1, 2]);
    expect(to.handleIn).toEqual([3, 4]);
  });

  it('tells smooth knots from corners', () => {
    expect(parsePath('M 0 0 C 0 10 10 20 20 20 C 30 20 40 10 40 0')[1].smooth).toBe(true);
    expect(parsePath('M 0 0 L 50 0 L 20 100')[1].smooth).toBe(false);
  });

  it.each(['', 'M 0 0', 'L 0 0', 'M 0 0 L 1', 'M 0 0 Q 1 1 2 2', 'M 0 0 M 1 1', 'M 0 0 L 1 x'])(
    'refuses %j',
    (path) => {
      expect(() => parsePath(path)).toThrow(
        new RangeError(`parsePath: path must be 'M x y' and then 'L x y' or 'C x1 y1 x2 y2 x y', got '${path}'`),
      );
    },
  );
});

describe('pointBetween', () => {
  it('is the cubic Bezier curve', () => {
    const [from, to] = parsePath('M 0 0 C 0 8 8 8 8 0');
    expect(pointBetween(from, to, 0)).toEqual([0, 0]);
    expect(pointBetween(from, to, 0.5)).toEqual([4, 6]);
    expect(pointBetween(from, to, 1)).toEqual([8, 0]);
  });
});

describe('startRingAt', () => {
  const ring = parsePath('M 0 0 C 5 0 10 5 10 10 C 10 15 5 20 0 20 C -5 20 -10 15 -10 10 C -10 5 -5 0 0 0');

  it('keeps the ring when it starts where it did', () => {
    expect(startRingAt(ring, 0)).toEqual(ring);
  });

  it('passes the same points in the same order from another knot', () => {
    const turned = startRingAt(ring, 2);
    expect(turned.map(({ x, y }) => [x, y])).toEqual([
      [0, 20],
      [-10, 10],
      [0, 0],
      [10, 10],
      [0, 20],
    ]);
    expect(pointBetween(turned[1], turned[2], 0.5)).toEqual(pointBetween(ring[3], ring[4], 0.5));
  });

  it('joins the old ends smoothly', () => {
    expect(startRingAt(ring, 1)[3]).toEqual({ x: 0, y: 0, handleIn: [-5, 0], handleOut: [5, 0], smooth: true });
  });
});
