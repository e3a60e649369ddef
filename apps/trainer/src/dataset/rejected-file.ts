import { writeFileSafely } from '@digits/model/node';
import { stringify } from 'csv-stringify/sync';
import type { RejectedImage } from './prepare-images.ts';

/** Name of the list of images that a run left out, in its folder; there is none if no image was. */
export const REJECTED_FILE = 'rejected.csv';

/** Writes `name,class,reason`, one line for each image that is left out. */
export async function writeRejected(path: string, rejected: readonly RejectedImage[]): Promise<void> {
  const rows = rejected.map(({ name, className, reason }) => [name, className, reason]);
  await writeFileSafely(path, stringify([['name', 'class', 'reason'], ...rows]));
}
