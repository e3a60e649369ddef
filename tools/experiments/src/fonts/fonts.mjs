import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import opentype from 'opentype.js';

/**
 * Which fonts letters are taken from, by what they are used for. No font serves two purposes: how well letters of a font
 * never seen are refused is what the figures are about. Names are those of the packages `@fontsource/NAME`.
 */
export const FONTS = {
  train: [
    'architects-daughter',
    'indie-flower',
    'patrick-hand',
    'shadows-into-light',
    'gochi-hand',
    'reenie-beanie',
    'kalam',
    'caveat',
    'delius',
    'annie-use-your-telescope',
    'bad-script',
    'amatic-sc',
    'lato',
    'open-sans',
    'merriweather',
    'lora',
    'pt-serif',
    'pt-mono',
    'anton',
    'bree-serif',
    'abel',
    'abril-fatface',
    'josefin-sans',
    'play',
  ],
  validation: ['short-stack', 'neucha', 'cabin', 'crimson-text', 'cousine', 'sniglet'],
  test: [
    'gloria-hallelujah',
    'rock-salt',
    'covered-by-your-grace',
    'nanum-pen-script',
    'permanent-marker',
    'swanky-and-moo-moo',
    'sue-ellen-francisco',
    'the-girl-next-door',
    'schoolbell',
    'mansalva',
    'caveat-brush',
    'comic-neue',
    'roboto',
    'noto-sans',
    'noto-serif',
    'ubuntu',
    'source-sans-3',
    'playfair-display',
    'libre-baskerville',
    'oswald',
    'raleway',
    'courier-prime',
    'inconsolata',
    'rokkitt',
    'arvo',
  ],
};

/** Fonts whose small letters are capitals, of which a D looks like a 0 and a T like a 7: only their capitals are taken. */
const CAPITALS_ONLY = ['amatic-sc', 'rock-salt', 'permanent-marker'];

/** Letters that cannot be read as a digit in any usual hand. */
export const LETTERS = 'AEFHKLMNPRVWXdefhkmnprtvwx';

/** Signs that cannot be read as a digit. */
export const SYMBOLS = '#@%+=*~<"?€¥';

const require = createRequire(import.meta.url);

/** Pieces that a curve is cut into before points that say nothing are taken out again. */
const PIECES_OF_CURVE = 8;

/** Coordinates are whole numbers from 0 to this on the glyph's longer side. */
const GRID = 255;

/** A point may lie this far off the true outline, as a share of the glyph's longer side: a seventh of a final pixel. */
const TOLERANCE = 0.007;

/** The folder of a font's package. */
export function fontFolder(name) {
  return dirname(require.resolve(`@fontsource/${name}/package.json`));
}

/**
 * Opens the regular face of a font.
 *
 * @returns a function that gives the closed outlines of a character, y down, the longer side from 0 to 255 in whole numbers;
 *   none where the font lacks it
 */
export function openFont(name) {
  const bytes = readFileSync(join(fontFolder(name), 'files', `${name}-latin-400-normal.woff`));
  const font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const lacksSmall = CAPITALS_ONLY.includes(name);
  return (character) => (lacksSmall && character !== character.toUpperCase() ? [] : outlineOf(font, character));
}

function outlineOf(font, character) {
  const glyph = font.charToGlyph(character);
  if (glyph.index === 0) return [];
  const contours = flatten(glyph.getPath(0, 0, 1000).commands);
  const points = contours.flat();
  if (points.length === 0) return [];
  const left = Math.min(...points.map(([x]) => x));
  const top = Math.min(...points.map(([, y]) => y));
  const side = Math.max(...points.map(([x]) => x - left), ...points.map(([, y]) => y - top));
  return contours
    .map((contour) => simplify(contour, TOLERANCE * side))
    .filter((contour) => contour.length >= 3)
    .map((contour) =>
      contour.map(([x, y]) => [Math.round(((x - left) / side) * GRID), Math.round(((y - top) / side) * GRID)]),
    );
}

function flatten(commands) {
  const contours = [];
  let contour = [];
  let at = [0, 0];
  for (const { type, x, y, x1, y1, x2, y2 } of commands) {
    if (type === 'Z') continue;
    if (type === 'M') {
      contour = [[x, y]];
      contours.push(contour);
    } else {
      const pieces = type === 'L' ? 1 : PIECES_OF_CURVE;
      for (let i = 1; i <= pieces; i++) {
        const t = i / pieces;
        const u = 1 - t;
        if (type === 'L') contour.push([x, y]);
        else if (type === 'Q')
          contour.push([0, 1].map((k) => u * u * at[k] + 2 * u * t * [x1, y1][k] + t * t * [x, y][k]));
        else {
          contour.push(
            [0, 1].map(
              (k) => u ** 3 * at[k] + 3 * u * u * t * [x1, y1][k] + 3 * u * t * t * [x2, y2][k] + t ** 3 * [x, y][k],
            ),
          );
        }
      }
    }
    at = [x, y];
  }
  return contours;
}

/** Douglas and Peucker's line simplification of a closed outline, cut at the point farthest from its first. */
function simplify(contour, tolerance) {
  const [first] = contour;
  const distances = contour.map(([x, y]) => Math.hypot(x - first[0], y - first[1]));
  const far = distances.indexOf(Math.max(...distances));
  const there = simplifyLine(contour.slice(0, far + 1), tolerance);
  const back = simplifyLine([...contour.slice(far), first], tolerance);
  return [...there.slice(0, -1), ...back.slice(0, -1)];
}

function simplifyLine(points, tolerance) {
  if (points.length < 3) return points;
  const [from, to] = [points[0], points[points.length - 1]];
  const distances = points.map((point) => distanceToSegment(point, from, to));
  const farthest = distances.indexOf(Math.max(...distances));
  if (distances[farthest] <= tolerance) return [from, to];
  const before = simplifyLine(points.slice(0, farthest + 1), tolerance);
  return [...before.slice(0, -1), ...simplifyLine(points.slice(farthest), tolerance)];
}

function distanceToSegment([x, y], [ax, ay], [bx, by]) {
  const squared = (bx - ax) ** 2 + (by - ay) ** 2;
  const t = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / squared));
  return Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay));
}
