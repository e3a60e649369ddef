import { bottomOf, type Box, rightOf, sizeOf } from '../geometry.ts';
import type { PreparationStep, PreparedImage } from '../picture.ts';
import { IMAGE_SIZE, INK_SIZE, placeByCentreOfMass } from '../placement.ts';
import { drawStrokes } from './rendering.ts';
import { gridStep, smoothStroke } from './smoothing.ts';
import { boxOfStrokes, checkStrokes, type Stroke, type StrokePoint } from './stroke.ts';

/**
 * The pen's width in final pixels: the median stroke of MNIST (2.5 by four times the mean distance to the edge, over
 * the first 3000 training images; 80% lie between 1.8 and 3.6).
 */
const PEN_WIDTH = 2.5;

/** Pressure widens or narrows the pen by up to this share: enough to be seen, too little to leave MNIST's range. */
const PRESSURE_RANGE = 0.2;

/** The drawing is shown as a step at this many times the final scale. */
const PREVIEW_SCALE = 6;

/** How strokes were drawn, where that is known. */
export interface StrokeOptions {
  /** The pen's width as drawn, in the strokes' unit: a mark smaller than that is a dot. 0 when left out. */
  readonly penWidth?: number;
}

/**
 * Renders a drawing of one digit as MNIST's images were made: scaled to 20 on its longer side, drawn there with
 * MNIST's pen, centre of mass in the middle. Size, position and sampling of the drawing do not matter.
 *
 * @param strokes points in any unit, y down
 * @returns `image`, `[28, 28]` uint8, white on black, or null where nothing was drawn; and the steps
 * @throws RangeError where a point is not finite, or `penWidth` is negative
 * @example strokesToImage([[[0, 0], [0, 100]]]).image // a 1
 */
export function strokesToImage(strokes: readonly Stroke[], options: StrokeOptions = {}): PreparedImage {
  const { penWidth = 0 } = options;
  if (!(penWidth >= 0)) throw new RangeError(`strokesToImage: penWidth must be at least 0, got ${penWidth}`);
  const drawn = checkStrokes('strokesToImage', strokes);
  if (drawn.length === 0) return { image: null, box: null, reason: 'blank', steps: [] };
  const fitted = fitStrokes(drawn, penWidth, PEN_WIDTH);
  const image = drawFitted(fitted, drawn, PEN_WIDTH);
  const steps = [drawingStep(fitted), { name: 'image', width: IMAGE_SIZE, height: IMAGE_SIZE, pixels: image }];
  return { image, box: boxOfStrokes(drawn), reason: null, steps };
}

/**
 * Renders a drawing as {@link strokesToImage} does, without the steps, which take longer than the image itself: for drawings by the
 * thousand.
 *
 * @param strokes finite points in any unit, y down
 * @param pen its width in final pixels, above 0 and below 10
 * @returns `[28, 28]` uint8, white on black
 * @throws Error where nothing was drawn
 */
export function strokesToPixels(strokes: readonly Stroke[], pen = PEN_WIDTH): Uint8Array {
  const drawn = checkStrokes('strokesToPixels', strokes);
  if (drawn.length === 0) throw new Error('strokesToPixels: strokes must have ink, got a blank drawing');
  return drawFitted(fitStrokes(drawn, 0, pen), drawn, pen);
}

function drawFitted({ strokes, width, height }: FittedStrokes, drawn: readonly Stroke[], pen: number): Uint8Array {
  return placeByCentreOfMass(drawStrokes(strokes, width, height, penRadii(drawn, pen)), width, height);
}

/** Strokes at the final scale, and the whole pixels that their ink takes. */
interface FittedStrokes {
  readonly strokes: readonly Stroke[];
  readonly width: number;
  readonly height: number;
}

/** The smoothed strokes as thin lines, large. */
function drawingStep({ strokes, width, height }: FittedStrokes): PreparationStep {
  const larger = strokes.map((stroke) => stroke.map(([x, y]) => [x * PREVIEW_SCALE, y * PREVIEW_SCALE] as const));
  const size = { width: width * PREVIEW_SCALE, height: height * PREVIEW_SCALE };
  return { name: 'drawing', ...size, pixels: drawStrokes(larger, size.width, size.height, () => 1) };
}

/**
 * Scales strokes so that their ink, the pen's width included, is 20 pixels on its longer side, and smooths them there.
 *
 * @param penWidth as drawn, in the strokes' unit
 * @param pen to draw with, in final pixels
 */
function fitStrokes(strokes: readonly Stroke[], penWidth: number, pen: number): FittedStrokes {
  const raw = boxOfStrokes(strokes);
  const isDot = sizeOf(raw) <= penWidth;
  const scale = isDot ? pen / (penWidth > 0 ? penWidth : pen) : (INK_SIZE - pen) / sizeOf(raw);
  const step = gridStep(strokes) * scale;
  const smoothed = scaleStrokes(strokes, raw, scale, pen).map((stroke) => smoothStroke(stroke, step));
  // Smoothing draws curves in a little, and curves through sparse points bulge: fit again.
  const box = boxOfStrokes(smoothed);
  const fitted = scaleStrokes(smoothed, box, isDot ? 1 : (INK_SIZE - pen) / sizeOf(box), pen);
  const final = boxOfStrokes(fitted);
  // Rounding must not add a row for what is a whole number.
  const side = (end: number): number => Math.min(INK_SIZE, Math.ceil(end + pen / 2 - 1e-9));
  return { strokes: fitted, width: side(rightOf(final)), height: side(bottomOf(final)) };
}

function scaleStrokes(strokes: readonly Stroke[], box: Box, scale: number, pen: number): Stroke[] {
  const move = ([x, y, ...rest]: StrokePoint): StrokePoint => [
    (x - box.x) * scale + pen / 2,
    (y - box.y) * scale + pen / 2,
    ...rest,
  ];
  return strokes.map((stroke) => stroke.map(move));
}

/** Pressure counts against the drawing's own mean, as pens and screens differ in what they call firm. */
function penRadii(strokes: readonly Stroke[], pen: number): (point: StrokePoint) => number {
  const pressures = strokes.flatMap((stroke) => stroke.flatMap(([, , pressure]) => pressure ?? []));
  const mean = pressures.reduce((sum, pressure) => sum + pressure, 0) / pressures.length;
  return ([, , pressure]) => {
    if (pressure === undefined || !(mean > 0)) return pen / 2;
    const change = Math.min(1, Math.max(-1, pressure / mean - 1));
    return (pen / 2) * (1 + PRESSURE_RANGE * change);
  };
}
