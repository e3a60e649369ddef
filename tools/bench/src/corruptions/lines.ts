import { portableLog } from '@digits/data';
import { SIDE, toUnit } from './pixels.ts';
import type { Randomness } from './randomness.ts';

/** Vertical distance from a line's axis at which its logarithmic profile would reach minus infinity. */
const REACH = 2.3;
/** Dotted line: width of a dot and of the gap between two. */
const DOT = 2;
/** Zigzag: its first and last column, and how far its corners are from the axis and from each other along it. */
const ZIGZAG = { left: 2, right: 25, amplitude: 2, spacing: 2 };
/** The lowest and highest row that a line may begin at. */
const ROWS = [0, 26] as const;

/** A point in pixels. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Draws a dotted white line from the left to the right border. */
export function dottedLine(image: Uint8Array, random: Randomness): Float64Array {
  const pixels = toUnit(image);
  const [left, right] = [random.integer(...ROWS), random.integer(...ROWS)];
  addLine(pixels, { x: 0, y: left }, { x: SIDE - 1, y: right }, (x) => Math.floor(x / DOT) % 2 === 1);
  return pixels;
}

/** Draws a white zigzag line from the left to the right. */
export function zigzag(image: Uint8Array, random: Randomness): Float64Array {
  const pixels = toUnit(image);
  const y = random.integer(...ROWS);
  const corners = zigzagCorners(y, y + random.integer(-5, 4));
  for (let i = 1; i < corners.length; i++) addLine(pixels, corners[i - 1], corners[i], () => true);
  return pixels;
}

/** Corners of a zigzag around the axis between two rows, the first and the last near the axis. */
function zigzagCorners(fromY: number, toY: number): readonly Point[] {
  const { left, right, amplitude, spacing } = ZIGZAG;
  const slope = (toY - fromY) / (right - left);
  const cos = 1 / Math.sqrt(1 + slope * slope);
  const sin = slope * cos;
  const length = (right - left) / cos;
  const along: Point[] = [{ x: 0, y: 0 }];
  const numCorners = Math.floor((length - spacing) / (2 * spacing)) + 1;
  for (let i = 0; i < numCorners; i++)
    along.push({ x: (2 * i + 1) * spacing, y: i % 2 === 0 ? amplitude : -amplitude });
  const rest = length % (2 * spacing);
  if (rest !== 0) along.push({ x: length, y: along[numCorners].y / (2 * rest) });
  return along.map(({ x, y }) => ({ x: left + cos * x - sin * y, y: fromY + sin * x + cos * y }));
}

/** Adds a line whose brightness falls with the logarithm of the vertical distance from its axis. */
function addLine(pixels: Float64Array, from: Point, to: Point, isDrawn: (x: number) => boolean): void {
  const slope = (to.y - from.y) / (to.x - from.x);
  const end = Math.min(SIDE, Math.ceil(to.x));
  for (let x = Math.floor(from.x); x < end; x++) {
    if (!isDrawn(x)) continue;
    for (let y = 0; y < SIDE; y++) {
      const distance = Math.abs(y - (slope * (x - from.x) + from.y));
      if (distance >= REACH) continue;
      const ink = Math.max(0, portableLog(1 - distance / REACH) + 1);
      pixels[y * SIDE + x] = Math.min(1, pixels[y * SIDE + x] + ink);
    }
  }
}
