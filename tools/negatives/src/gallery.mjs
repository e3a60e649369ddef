import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { generateNegatives, NEGATIVE_KINDS } from '@digits/synthesis';
import { loadSplit } from '@digits/data/node';

/*
 * Writes a picture of 200 images of each kind of negative into a folder, to be looked at:
 * `node src/gallery.mjs FOLDER [train|validation]`.
 */

const COLUMNS = 20;
const SIDE = 28;
const GAP = 1;

const [folder, fold = 'train'] = process.argv.slice(2);
if (folder === undefined) {
  console.error('gallery: give the folder to write to');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const digits = await loadSplit('mnist', 'train');
for (const kind of NEGATIVE_KINDS) {
  const { images } = generateNegatives(digits, { count: 200, seed: 1, fold, kinds: [kind] });
  writeFileSync(join(folder, `${fold}-${kind}.png`), encodePng(tile(images)));
}

/** Images side by side, twice their size, with grey lines between them. */
function tile(images) {
  const rows = Math.ceil(images.length / SIDE ** 2 / COLUMNS);
  const width = COLUMNS * 2 * (SIDE + GAP);
  const pixels = new Uint8Array(width * rows * 2 * (SIDE + GAP)).fill(90);
  for (let y = 0; y < pixels.length / width; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor(x / 2 / (SIDE + GAP)), Math.floor(y / 2 / (SIDE + GAP))];
      const [u, v] = [Math.floor(x / 2) % (SIDE + GAP), Math.floor(y / 2) % (SIDE + GAP)];
      const i = row * COLUMNS + column;
      if (u < SIDE && v < SIDE) pixels[y * width + x] = images[i * SIDE ** 2 + v * SIDE + u] ?? 90;
    }
  }
  return { pixels, width };
}

/** @see https://www.w3.org/TR/png/ */
function encodePng({ pixels, width }) {
  const height = pixels.length / width;
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
