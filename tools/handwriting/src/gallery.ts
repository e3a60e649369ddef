import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HANDWRITING_VARIANTS, generateHandwriting } from '@digits/synthesis';
import sharp from 'sharp';
import { contactSheet } from './contact-sheet.ts';

/*
 * Writes a picture of 100 made digits of each variant into a folder, to be looked at: a person must read every one.
 * `node dist/gallery.js --out FOLDER [--seed N] [--strength X]`
 */

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'out' },
    seed: { type: 'string', default: '1' },
    strength: { type: 'string', default: '1' },
  },
});

await mkdir(values.out, { recursive: true });
for (const { name, heldOut } of HANDWRITING_VARIANTS) {
  const made = generateHandwriting({
    count: 100,
    seed: Number(values.seed),
    variants: [name],
    strength: Number(values.strength),
  });
  const { pixels, width, height } = contactSheet(made.images, made.width, 10, 2);
  const file = join(values.out, `${name}${heldOut ? '.held-out' : ''}.png`);
  await sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toFile(file);
  console.log(file);
}
