import { portableCos, portableSin, type RandomStream, type Stroke, type StrokePoint } from '@digits/data';

/** Draws something that is not a digit, in any unit, y down. */
export type Sketch = (draws: RandomStream) => readonly Stroke[];

const TURN = 2 * Math.PI;

/** What hands draw without meaning anything. */
export const TRAIN_SCRIBBLES: readonly Sketch[] = [tangle, tangle, coil, zigzag, hatching, strikes];

export const VALIDATION_SCRIBBLES: readonly Sketch[] = [tangle, burst, coil];

/** What hands draw and mean something else by. */
export const TRAIN_DRAWINGS: readonly Sketch[] = [
  arrow,
  asterisk,
  dash,
  dots,
  grid,
  heart,
  smiley,
  spiral,
  star,
  stickFigure,
  waveLine,
];

export const VALIDATION_DRAWINGS: readonly Sketch[] = [envelope, house, ladder, sun, triangle, tree];

/** At least ten places at random, joined by one curve: with fewer it might be a 2 or a 3. */
function tangle(draws: RandomStream): readonly Stroke[] {
  const width = draws.uniform(0.5, 1.4);
  return [
    Array.from({ length: draws.integer(10, 26) }, (): StrokePoint => [draws.uniform(0, width), draws.uniform(0, 1)]),
  ];
}

/** Loops along a line. */
function coil(draws: RandomStream): readonly Stroke[] {
  const numLoops = draws.integer(3, 5);
  const advance = draws.uniform(0.9, 1.7);
  const height = draws.uniform(0.6, 1.4);
  const points = Array.from({ length: numLoops * 12 + 1 }, (_, i): [number, number] => {
    const angle = (i / 12) * TURN;
    return [portableCos(angle) + (advance * i) / 12, height * portableSin(angle)];
  });
  return [turned(points, draws.uniform(0, TURN))];
}

/** At least seven strokes to and fro: with fewer it might be a z. */
function zigzag(draws: RandomStream): readonly Stroke[] {
  const numTurns = draws.integer(7, 10);
  const length = draws.uniform(0.7, 2);
  const points = Array.from({ length: numTurns + 1 }, (_, i): [number, number] => [
    (length * i) / numTurns + draws.symmetric(0.04),
    (i % 2) * draws.uniform(0.7, 1),
  ]);
  return [turned(points, draws.uniform(0, TURN))];
}

function hatching(draws: RandomStream): readonly Stroke[] {
  const numLines = draws.integer(4, 8);
  const angle = draws.uniform(0, TURN);
  return Array.from({ length: numLines }, (_, i) => {
    const at = i / numLines + draws.symmetric(0.03);
    return turned([[draws.symmetric(0.1), at], [1 + draws.symmetric(0.1), at + draws.symmetric(0.06)]], angle); // prettier-ignore
  });
}

/** Straight strokes from anywhere to anywhere. */
function strikes(draws: RandomStream): readonly Stroke[] {
  return Array.from({ length: draws.integer(4, 9) }, () => [anywhere(draws), anywhere(draws)]);
}

/** Strokes out of one middle. */
function burst(draws: RandomStream): readonly Stroke[] {
  const numRays = draws.integer(6, 11);
  return Array.from({ length: numRays }, (_, i) => {
    const angle = ((i + draws.uniform(0, 0.6)) / numRays) * TURN;
    return [[0, 0], onCircle(angle, draws.uniform(0.6, 1))];
  });
}

/** Points left, right or down: upwards it might be a 1, up and to the right a 7. */
function arrow(draws: RandomStream): readonly Stroke[] {
  const angle = draws.pick([0, Math.PI, Math.PI / 2]) + draws.symmetric(0.3);
  const back = draws.uniform(0.25, 0.4);
  const spread = draws.uniform(0.2, 0.35);
  const head: [number, number][] = [[1 - back, -spread], [1, 0], [1 - back, spread]]; // prettier-ignore
  return [turned([[0, 0], [1, 0]], angle), turned(head, angle)]; // prettier-ignore
}

/** Two to four strokes through one middle: plus, times and star signs. */
function asterisk(draws: RandomStream): readonly Stroke[] {
  const numLines = draws.integer(2, 4);
  const first = draws.uniform(0, TURN);
  return Array.from({ length: numLines }, (_, i) => {
    const angle = first + ((i + draws.symmetric(0.1)) / numLines) * Math.PI;
    return [onCircle(angle, draws.uniform(0.8, 1)), onCircle(angle + Math.PI, draws.uniform(0.8, 1))];
  });
}

/** One, two or three lines that lie: a line that stands is a 1. */
function dash(draws: RandomStream): readonly Stroke[] {
  return Array.from({ length: draws.integer(1, 3) }, (_, i) => {
    const y = i * draws.uniform(0.25, 0.45);
    return [[draws.symmetric(0.05), y], [0.5, y + draws.symmetric(0.05)], [1 + draws.symmetric(0.05), y + draws.symmetric(0.12)]]; // prettier-ignore
  });
}

function dots(draws: RandomStream): readonly Stroke[] {
  return Array.from({ length: draws.integer(2, 7) }, () => [anywhere(draws)]);
}

/** Noughts and crosses. */
function grid(draws: RandomStream): readonly Stroke[] {
  const at = (third: number): number => third / 3 + draws.symmetric(0.05);
  return [
    ...[1, 2].map((i): Stroke => [[at(i), draws.symmetric(0.1)], [at(i), 1 + draws.symmetric(0.1)]]), // prettier-ignore
    ...[1, 2].map((i): Stroke => [[draws.symmetric(0.1), at(i)], [1 + draws.symmetric(0.1), at(i)]]), // prettier-ignore
  ];
}

function heart(draws: RandomStream): readonly Stroke[] {
  const dip = draws.uniform(0.15, 0.35);
  const half: readonly [number, number][] = [[0, dip], [0.2, 0.02], [0.42, 0.06], [0.5, 0.3], [0.36, 0.6], [0, 1]]; // prettier-ignore
  return [half.map(([x, y]): StrokePoint => [-x, y]), half];
}

function smiley(draws: RandomStream): readonly Stroke[] {
  const eyeY = draws.uniform(-0.4, -0.2);
  const eyeX = draws.uniform(0.25, 0.45);
  const bend = draws.pick([1, 1, -1]) * draws.uniform(0.15, 0.35);
  const mouth: Stroke = [-0.45, -0.2, 0.2, 0.45].map((x, i): StrokePoint => [x, 0.35 + (i % 3 === 0 ? 0 : bend)]);
  return [circle(draws, 1), [[-eyeX, eyeY]], [[eyeX, eyeY]], mouth];
}

/** At least two and a half turns: with fewer it might be a 6, a 9 or a 0. */
function spiral(draws: RandomStream): readonly Stroke[] {
  const numTurns = draws.uniform(2.5, 4);
  const first = draws.uniform(0, TURN);
  const way = draws.pick([1, -1]);
  const numPoints = Math.ceil(numTurns * 12);
  return [
    Array.from({ length: numPoints + 1 }, (_, i): StrokePoint => {
      const part = i / numPoints;
      return onCircle(first + way * part * numTurns * TURN, part);
    }),
  ];
}

/** Five points in one stroke. */
function star(draws: RandomStream): readonly Stroke[] {
  return [Array.from({ length: 6 }, (_, i) => onCircle(-Math.PI / 2 + i * 0.8 * Math.PI, draws.uniform(0.85, 1)))];
}

function stickFigure(draws: RandomStream): readonly Stroke[] {
  const head = circle(draws, 0.35);
  const hip = draws.uniform(1.2, 1.6);
  const arms = draws.uniform(0.5, 0.9);
  const foot = (): number => draws.uniform(0.3, 0.6);
  return [head, [[0, 0.35], [0, hip]], [[-0.7, arms], [0.7, arms]], [[-foot(), hip + 0.8], [0, hip], [foot(), hip + 0.8]]]; // prettier-ignore
}

function waveLine(draws: RandomStream): readonly Stroke[] {
  const numWaves = draws.uniform(1.5, 3.5);
  const height = draws.uniform(0.1, 0.35);
  const first = draws.uniform(0, TURN);
  return [
    Array.from({ length: 33 }, (_, i): StrokePoint => [
      i / 32,
      height * portableSin(first + (i / 32) * numWaves * TURN),
    ]),
  ];
}

function envelope(draws: RandomStream): readonly Stroke[] {
  const height = draws.uniform(0.55, 0.8);
  const fold = height * draws.uniform(0.4, 0.7);
  return [[[0, 0], [1, 0], [1, height], [0, height], [0, 0]], [[0, 0], [0.5, fold], [1, 0]]]; // prettier-ignore
}

function house(draws: RandomStream): readonly Stroke[] {
  const roof = draws.uniform(0.3, 0.6);
  const door = draws.uniform(0.2, 0.7);
  const walls: Stroke = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0], [0.5, -roof], [1, 0]]; // prettier-ignore
  return [walls, [[door, 1], [door, 0.5], [door + 0.2, 0.5], [door + 0.2, 1]]]; // prettier-ignore
}

function ladder(draws: RandomStream): readonly Stroke[] {
  const width = draws.uniform(0.4, 0.7);
  const numRungs = draws.integer(3, 5);
  const rungs = Array.from({ length: numRungs }, (_, i): Stroke => {
    const y = (i + 0.5) / numRungs;
    return [[0, y], [width, y]]; // prettier-ignore
  });
  return [[[0, 0], [0, 1]], [[width, 0], [width, 1]], ...rungs]; // prettier-ignore
}

function sun(draws: RandomStream): readonly Stroke[] {
  const numRays = draws.integer(6, 10);
  const rays = Array.from({ length: numRays }, (_, i): Stroke => {
    const angle = (i / numRays) * TURN;
    return [onCircle(angle, 0.65), onCircle(angle, draws.uniform(0.9, 1.1))];
  });
  return [circle(draws, 0.5), ...rays];
}

function triangle(draws: RandomStream): readonly Stroke[] {
  const top = draws.uniform(0.2, 0.8);
  return [[[0, 1], [top, draws.uniform(0, 0.2)], [1, 1 + draws.symmetric(0.1)], [0, 1]]]; // prettier-ignore
}

function tree(draws: RandomStream): readonly Stroke[] {
  const numBranches = draws.integer(2, 4);
  const branches = Array.from({ length: numBranches }, (_, i): Stroke => {
    const y = 0.1 + (i / numBranches) * 0.6;
    const reach = 0.2 + y * 0.5;
    return [[-reach, y + 0.3], [0, y], [reach, y + 0.3]]; // prettier-ignore
  });
  return [[[0, 0], [0, 1]], ...branches]; // prettier-ignore
}

function circle(draws: RandomStream, radius: number): Stroke {
  const squash = draws.uniform(0.85, 1.15);
  return Array.from({ length: 17 }, (_, i): StrokePoint => {
    const [x, y] = onCircle((i / 16) * TURN, radius);
    return [x * squash, y];
  });
}

function onCircle(angle: number, radius: number): [number, number] {
  return [radius * portableCos(angle), radius * portableSin(angle)];
}

function anywhere(draws: RandomStream): StrokePoint {
  return [draws.uniform(0, 1), draws.uniform(0, 1)];
}

function turned(points: readonly (readonly [number, number])[], angle: number): Stroke {
  const cos = portableCos(angle);
  const sin = portableSin(angle);
  return points.map(([x, y]): StrokePoint => [x * cos - y * sin, x * sin + y * cos]);
}
