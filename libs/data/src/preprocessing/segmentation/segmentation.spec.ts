import { RandomPurpose, randomUniforms } from '../../randomness/random.ts';
import { chooseSegments, isSurelyWhole, leaveOutWords, proposeSegments, type Part } from './segmentation.ts';

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
  const choose = (
    parts: readonly Part[],
    confidence: ((segment: string) => number) | null,
    canSkip = false,
  ): string[] => {
    const segments = proposeSegments(parts, 100);
    const answers = confidence
      ? segments.map(({ first, last }) => {
          const value = confidence(`${first}-${last}`);
          return { confidence: value, digitProbability: value };
        })
      : null;
    return chooseSegments(parts, 100, segments, answers, canSkip).map(({ first, last }) => `${first}-${last}`);
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

  it('leaves out a small mark that is not a digit if that is allowed', () => {
    const dash = { ...part(80, 110, 1), y: 45, height: 10 };
    const parts = [part(0, 60, 0), dash, part(130, 190, 2)];
    const knows = (segment: string): number =>
      segment === '1-1' ? 0.02 : ['0-0', '2-2'].includes(segment) ? 0.99 : 0.1;
    expect(choose(parts, knows, true)).toEqual(['0-0', '2-2']);
    expect(choose(parts, knows).join()).toContain('1');
  });

  it('does not leave out a digit that is lower than its row', () => {
    const zero = { ...part(80, 110, 1), y: 60, height: 40 };
    expect(choose([part(0, 60, 0), zero, part(130, 190, 2)], () => 0.95, true)).toEqual(['0-0', '1-1', '2-2']);
  });

  it('reads an empty row as nothing', () => {
    expect(chooseSegments([], 100, [], null)).toEqual([]);
  });
});

describe('leaveOutWords', () => {
  const found = (x: number, row: number, probability: number | null) => ({
    box: { x, y: 100 * row, width: 30, height: 50 },
    row,
    image: new Uint8Array(784),
    probabilities: probability === null ? null : Float32Array.of(probability, 0),
    isTouching: false,
    steps: [],
  });

  it('leaves out neighbours of which most are not digits, and counts the rows anew', () => {
    const word = [found(0, 0, 0.1), found(40, 0, 0.9), found(80, 0, 0.2)];
    const number = [found(200, 1, 0.9), found(240, 1, 0.1), found(280, 1, 0.9)];
    expect(leaveOutWords([...word, ...number]).map(({ box, row }) => [box.x, row])).toEqual([
      [200, 0],
      [240, 0],
      [280, 0],
    ]);
  });

  it('keeps a number beside a word, and a lone mark', () => {
    const row = [found(0, 0, 0.1), found(40, 0, 0.1), found(150, 0, 0.9), found(190, 0, 0.9), found(400, 0, 0.1)];
    expect(leaveOutWords(row).map(({ box }) => box.x)).toEqual([150, 190, 400]);
  });

  it('keeps everything if nothing else is left, or if there was no classifier', () => {
    expect(leaveOutWords([found(0, 0, 0.1), found(40, 0, 0.1)])).toHaveLength(2);
    expect(leaveOutWords([found(0, 0, null), found(40, 0, null)])).toHaveLength(2);
  });
});

describe('isSurelyWhole', () => {
  it('is true only if no answer about the pieces can change the reading', () => {
    let numSure = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const key = { seed: 1, purpose: RandomPurpose.split, site: trial };
      const [width, cut, ink, ...answered] = randomUniforms(key, 6);
      const right = 40 + 160 * width;
      const middle = right * (0.2 + 0.6 * cut);
      const parts = [part(0, middle, 0, 3 * ink), part(middle, right, 0)];
      const segments = proposeSegments(parts, 100);
      const answers = segments.map(({ first, last }, i) => {
        const isWhole = first === 0 && last === 1;
        const confidence = isWhole ? 1 - 0.2 * answered[i] ** 3 : 1 - 0.001 * answered[i];
        return { confidence, digitProbability: confidence };
      });
      const whole = segments.findIndex(({ first, last }) => first === 0 && last === 1);
      if (whole === -1 || !isSurelyWhole({ x: 0, y: 0, width: right, height: 100 }, 100, answers[whole])) continue;
      numSure++;
      expect(chooseSegments(parts, 100, segments, answers, true)).toEqual([{ first: 0, last: 1 }]);
    }
    expect(numSure).toBeGreaterThan(200);
    expect(numSure).toBeLessThan(1800);
  });
});
