import { boxInPicture, type InkPlanes, turnBox, turnPlanes } from './ink-planes.ts';

const PLANES: InkPlanes = {
  width: 3,
  height: 2,
  ink: Float32Array.of(1, 2, 3, 4, 5, 6),
  ruling: new Float32Array(6),
  region: { x: 10, y: 20, width: 30, height: 20 },
};
const PICTURE = { width: 100, height: 60 };

describe('turnPlanes', () => {
  it.each([
    // By hand: 1 2 3 over 4 5 6, turned clockwise.
    [90, [4, 1, 5, 2, 6, 3], { x: 20, y: 10, width: 20, height: 30 }],
    [180, [6, 5, 4, 3, 2, 1], { x: 60, y: 20, width: 30, height: 20 }],
    [270, [3, 6, 2, 5, 1, 4], { x: 20, y: 60, width: 20, height: 30 }],
  ] as const)('turns the ink and its region by %i degrees', (turn, ink, region) => {
    const turned = turnPlanes(PLANES, turn, PICTURE);
    expect([...turned.ink]).toEqual(ink);
    expect([turned.width, turned.height]).toEqual(turn === 180 ? [3, 2] : [2, 3]);
    expect(turned.region).toEqual(region);
  });

  it('returns the planes themselves if nothing is to be turned', () => {
    expect(turnPlanes(PLANES, 0, PICTURE)).toBe(PLANES);
  });
});

describe('turnBox', () => {
  it.each([0, 90, 180, 270] as const)(
    'turned by %i degrees and by the rest of the circle, a box is where it was',
    (turn) => {
      const sideways = turn === 0 || turn === 180 ? PICTURE : { width: 60, height: 100 };
      const back = ((360 - turn) % 360) as 0 | 90 | 180 | 270;
      expect(turnBox(turnBox(PLANES.region, turn, PICTURE), back, sideways)).toEqual(PLANES.region);
    },
  );
});

describe('boxInPicture', () => {
  it('converts pixels of the planes to pixels of the picture', () => {
    expect(boxInPicture(PLANES, { x: 1, y: 0, width: 2, height: 1 })).toEqual({ x: 20, y: 20, width: 20, height: 10 });
  });
});
