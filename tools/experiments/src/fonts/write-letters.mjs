import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { encodeIdx, fitDigit } from '@digits/data';
import { fillContours } from '@digits/synthesis';
import { FONTS, LETTERS, openFont } from './fonts.mjs';

/*
 * Writes the letters that rejection is measured with into letters/, as the test split of a labelled set (label i is letter i of
 * `LETTERS`), from the font packages of this tool: `npm ci && node src/fonts/write-letters.mjs`. Each is the ink of a letter, which
 * goes the way to 28x28 that ink in a visitor's picture takes.
 */

/** Pixels on the letter's longer side, and paper around it. */
const SIZE = 90;
const MARGIN = 20;

function drawLetter(contours) {
  const side = SIZE + 2 * MARGIN;
  const placed = contours.map((contour) =>
    contour.map(([x, y]) => [MARGIN + (x / 255) * SIZE, MARGIN + (y / 255) * SIZE]),
  );
  const ink = fillContours(placed, side, side);
  return { width: side, height: side, values: Float32Array.from(ink, (value) => value / 255) };
}

const images = [];
const labels = [];
for (const name of FONTS.test) {
  const outlineOf = openFont(name);
  [...LETTERS].forEach((letter, label) => {
    const contours = outlineOf(letter);
    if (contours.length === 0) return;
    const { image } = fitDigit(drawLetter(contours));
    if (image === null) throw new Error(`write-letters: ${letter} of ${name} must leave ink`);
    images.push(...image);
    labels.push(label);
  });
}

function write(name, array) {
  writeFileSync(new URL(`../../letters/${name}.gz`, import.meta.url), gzipSync(encodeIdx(array), { level: 9 }));
}

write('t10k-images-idx3-ubyte', { type: 'uint8', shape: [labels.length, 28, 28], values: Uint8Array.from(images) });
write('t10k-labels-idx1-ubyte', { type: 'uint8', shape: [labels.length], values: Uint8Array.from(labels) });
console.log(`${labels.length} letters of ${FONTS.test.length} fonts`);
