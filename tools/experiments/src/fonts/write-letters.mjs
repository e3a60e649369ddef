import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { encodeIdx } from '@digits/data';
import { createSimdEngine } from '@digits/engine-simd/node';
import { loadPretrainedInkModel } from '@digits/model/node';
import { createInkDetector, prepareImage } from '@digits/reader';
import { fillContours } from '@digits/synthesis';
import { FONTS, LETTERS, openFont } from './fonts.mjs';

/*
 * Writes the letters that rejection is measured with into letters/, as the test split of a labelled set (label i is letter i of
 * `LETTERS`), from the font packages of this tool: `npm ci && node src/fonts/write-letters.mjs`. Each is a black letter on
 * white paper that goes the whole way from a picture to 28x28, as a visitor's would.
 */

/** Pixels on the letter's longer side, and white paper around it. */
const SIZE = 90;
const MARGIN = 20;

function photograph(contours) {
  const side = SIZE + 2 * MARGIN;
  const placed = contours.map((contour) =>
    contour.map(([x, y]) => [MARGIN + (x / 255) * SIZE, MARGIN + (y / 255) * SIZE]),
  );
  const ink = fillContours(placed, side, side);
  const data = new Uint8ClampedArray(side * side * 4);
  ink.forEach((value, i) => data.set([255 - value, 255 - value, 255 - value, 255], 4 * i));
  return { width: side, height: side, data, channels: 4 };
}

const { architecture, weights } = await loadPretrainedInkModel();
const inkPredictor = await createSimdEngine().createPredictor(architecture, weights);
const ink = createInkDetector(inkPredictor);

const images = [];
const labels = [];
for (const name of FONTS.test) {
  const outlineOf = openFont(name);
  for (const [label, letter] of [...LETTERS].entries()) {
    const contours = outlineOf(letter);
    if (contours.length === 0) continue;
    const { image } = await prepareImage(photograph(contours), ink);
    if (image === null) throw new Error(`write-letters: ${letter} of ${name} must leave ink`);
    images.push(...image);
    labels.push(label);
  }
}
await inkPredictor.dispose();

function write(name, array) {
  writeFileSync(new URL(`../../letters/${name}.gz`, import.meta.url), gzipSync(encodeIdx(array), { level: 9 }));
}

write('t10k-images-idx3-ubyte', { type: 'uint8', shape: [labels.length, 28, 28], values: Uint8Array.from(images) });
write('t10k-labels-idx1-ubyte', { type: 'uint8', shape: [labels.length], values: Uint8Array.from(labels) });
console.log(`${labels.length} letters of ${FONTS.test.length} fonts`);
