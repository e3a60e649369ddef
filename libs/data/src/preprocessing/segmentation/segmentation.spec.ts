import { chooseSegments, proposeSegments, type Part } from './segmentation.ts';

const part = (left: number, right: number, shape: number, inkAfter = 0): Part => ({
  x: left,
  y: 0,
  width: right - left,
  height: 100,
  shape,
  inkAfter,
});

/** Three shapes, the middle one cut once: 60 wide each, 20 apart. */
const PARTS = [part(0, 60, 0), part(80, 110, 1, 1), part(110, 140, 1), part(160, 220, 2)];

describe('proposeSegments', () => {
  it('lists runs of parts that are near enough and narrow enough for one digit', () => {
    expect(proposeSegments(PARTS, 100).map(({ first, last }) => `${first}-${last}`)).toEqual([
      '0-0',
      '0-1',
      '0-2',
      '1-1',
      '1-2',
      '1-3',
      '2-2',
      '2-3',
      '3-3',
    ]);
    expect(proposeSegments([part(0, 60, 0), part(100, 150, 1)], 100)).toHaveLength(2);
  });
});

describe('chooseSegments', () => {
  const choose = (parts: readonly Part[], confidence: ((segment: string) => number) | null): string[] => {
    const segments = proposeSegments(parts, 100);
    const confidences = confidence ? segments.map(({ first, last }) => confidence(`${first}-${last}`)) : null;
    return chooseSegments(parts, 100, segments, confidences).map(({ first, last }) => `${first}-${last}`);
  };

  it('keeps shapes whole and apart without a classifier', () => {
    expect(choose(PARTS, null)).toEqual(['0-0', '1-2', '3-3']);
  });

  it('cuts a shape where the classifier knows the halves and not the whole', () => {
    const knows = ['0-0', '1-1', '2-2', '3-3'];
    expect(choose(PARTS, (segment) => (knows.includes(segment) ? 0.99 : 0.01))).toEqual(knows);
  });

  it('cuts a shape that is far too wide for one digit without a classifier', () => {
    expect(choose([part(0, 75, 0, 1), part(75, 150, 0)], null)).toEqual(['0-0', '1-1']);
  });

  it('joins shapes of which one lies over the other', () => {
    expect(choose([part(0, 60, 0), part(20, 50, 1)], null)).toEqual(['0-1']);
  });

  it('reads an empty row as nothing', () => {
    expect(chooseSegments([], 100, [], null)).toEqual([]);
  });
});
