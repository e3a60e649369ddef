import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fontFolder, FONTS, LETTERS, openFont, SYMBOLS } from './fonts.mjs';

/*
 * Writes libs/data/src/negatives/glyph-outlines.ts and FONTS.md beside it from the font packages of this tool:
 * `npm ci && node src/fonts/write-outlines.mjs`. Only the fonts for training and validation go there.
 */

const target = new URL('../../../../libs/data/src/negatives/', import.meta.url);

/** Contours as bytes: their number, then each one's number of points and its points, x before y. */
function encode(contours) {
  return [contours.length, ...contours.flatMap((contour) => [contour.length, ...contour.flat()])];
}

function encodeFont(name) {
  const outlineOf = openFont(name);
  const bytes = [...LETTERS, ...SYMBOLS].flatMap((character) => encode(outlineOf(character)));
  if (bytes.some((byte) => byte > 255)) throw new RangeError(`encodeFont: ${name} has an outline of over 255 points`);
  return Buffer.from(bytes).toString('base64');
}

const list = (names) => names.map((name) => `  '${encodeFont(name)}',\n`).join('');

const source = `// Written by tools/experiments/src/fonts/write-outlines.mjs; the fonts, their authors and their licence are in FONTS.md.

/** Letters that nobody reads as a digit, in the order of the outlines. */
export const LETTERS = '${LETTERS}';

/** Signs that nobody reads as a digit; their outlines follow the letters'. */
export const SYMBOLS = '${SYMBOLS}';

/**
 * For each font (those of FONTS.md, in its order), base64 of its characters' outlines one after the other: the number of contours, then for each contour the
 * number of its points and the points, x before y, y down, from 0 to 255 on the glyph's longer side. No contours: the
 * font lacks the character.
 */
export const TRAIN_OUTLINES: readonly string[] = [
${list(FONTS.train)}];

/** As {@link TRAIN_OUTLINES}, of fonts that no network is trained on. */
export const VALIDATION_OUTLINES: readonly string[] = [
${list(FONTS.validation)}];
`;
writeFileSync(new URL('glyph-outlines.ts', target), source);

/** The first sentence of a licence file, which names the authors, and the licence that follows it. */
function readLicence(name) {
  const text = readFileSync(join(fontFolder(name), 'LICENSE'), 'utf8');
  const [copyright] = text.split('\n');
  const start = text.search(/^-+\nSIL OPEN FONT LICENSE Version 1\.1/m);
  if (start < 0) throw new Error(`readLicence: ${name} must be under the SIL Open Font License`);
  return { copyright: copyright.split(/ [\w[\],-]+\.ttf: /)[0].trim(), text: text.slice(start).trim() };
}

const names = [...FONTS.train, ...FONTS.validation];
const credits = names.map((name) => `- ${name}: ${readLicence(name).copyright}`);
const fonts = `# Fonts

The outlines in \`glyph-outlines.ts\` were taken from these fonts (npm packages \`@fontsource/NAME\`), their curves cut into lines
and their points rounded. Like the fonts, that one file is under the SIL Open Font License 1.1 below, not under the project's
own licence.

${credits.join('\n')}

\`\`\`text
${readLicence(names[0]).text}
\`\`\`
`;
writeFileSync(new URL('FONTS.md', target), fonts);
