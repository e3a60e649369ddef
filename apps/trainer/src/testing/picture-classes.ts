import type { LabelledImages } from '@digits/data';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

/** Writes images as black ink on white paper, ten times as large, into one subfolder for each label. */
export async function writePictureClasses(
  folder: string,
  { images, labels }: LabelledImages,
  classNames: readonly string[],
): Promise<void> {
  for (const name of classNames) await mkdir(join(folder, name), { recursive: true });
  for (const [i, label] of labels.entries()) {
    if (label >= classNames.length) continue;
    const pixels = images.slice(i * 784, (i + 1) * 784).map((ink) => 255 - ink);
    const picture = sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } }).resize(140, 140, {
      kernel: 'cubic',
    });
    await writeFile(join(folder, classNames[label], `${i}.png`), await picture.png().toBuffer());
  }
}
