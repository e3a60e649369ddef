import type { PreparationStep } from '@digits/data';
import { writeFileSafely } from '@digits/model/node';
import { access, constants, mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';

export interface ExplanationWriter {
  /** Writes `<DIR>/<name of the file>/<number>-<step>.png`; a name that was used before gets a number. */
  write(file: string, steps: readonly PreparationStep[]): Promise<void>;
}

/**
 * Writes the steps from pictures to 28x28 images as PNG files.
 *
 * @throws Error where the folder cannot be made or written to
 */
export async function createExplanationWriter(folder: string): Promise<ExplanationWriter> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(`predict: --explain must be a folder that can be written, got ${folder}`, { cause });
  }
  const numUses = new Map<string, number>();
  return {
    async write(file, steps) {
      const name = basename(file, extname(file));
      const uses = (numUses.get(name) ?? 0) + 1;
      numUses.set(name, uses);
      const target = join(folder, uses === 1 ? name : `${name}-${uses}`);
      await mkdir(target, { recursive: true });
      for (const [i, { name: step, width, height, pixels }] of steps.entries()) {
        const png = await sharp(pixels, { raw: { width, height, channels: 1 } })
          .png()
          .toBuffer();
        await writeFileSafely(join(target, `${String(i + 1).padStart(2, '0')}-${step}.png`), png);
      }
    },
  };
}
