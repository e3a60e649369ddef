import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pictureToImage, type Stroke, strokesToImage } from '@digits/data';
import { readPicture } from '@digits/picture-files';

/** One labelled drawing or picture, prepared for the network. */
export interface Sample {
  /** The file, or the drawing's index. */
  readonly name: string;
  readonly label: number;
  /** `[28, 28]` uint8; all black where no digit was found. */
  readonly image: Uint8Array;
}

const BLANK = new Uint8Array(28 * 28);

/** Reads drawings: `[{ label, strokes: [[[x, y], ...], ...] }, ...]`. */
export async function readDrawings(file: string): Promise<Sample[]> {
  const drawings = JSON.parse(await readFile(file, 'utf8')) as { label: number; strokes: Stroke[] }[];
  return drawings.map(({ label, strokes }, i) => ({
    name: String(i),
    label,
    image: strokesToImage(strokes).image ?? BLANK,
  }));
}

/** Reads a folder of pictures of one digit each, whose `labels.json` gives each file's digit. */
export async function readPictures(folder: string): Promise<Sample[]> {
  const labels = JSON.parse(await readFile(join(folder, 'labels.json'), 'utf8')) as Record<string, number>;
  return Promise.all(
    Object.entries(labels).map(async ([name, label]) => {
      const { picture } = await readPicture(join(folder, name));
      return { name, label, image: pictureToImage(picture).image ?? BLANK };
    }),
  );
}
