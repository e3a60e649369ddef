import type { PreparationStep } from '@digits/data';
import { writeFileSafely } from '@digits/model/node';
import { paintExplanation, type ReadDigit, type Reading } from '@digits/reader';
import { access, constants, mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { STANDARD_INPUT } from './picture-arguments.ts';

/** Writes how files were read, as PNG files. */
export interface ExplanationWriter {
  /**
   * Writes `<DIR>/<name of the file>/<number>-<step>.png`, then the evidence of each explained digit, and `explanation.json`.
   *
   * @param index position of the file among all
   */
  write(index: number, reading: Reading): Promise<void>;
}

/**
 * Writes the steps from pictures to 28x28 images, and the evidence in them, as PNG files.
 *
 * @param files all files that will be written, in any order; a repeated name gets a number
 * @throws Error if the folder cannot be made or written to
 */
export async function createExplanationWriter(folder: string, files: readonly string[]): Promise<ExplanationWriter> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new Error(`predict: --explain must be a folder that can be written, got ${folder}`, { cause });
  }
  const names = folderNames(files);
  return {
    async write(index, { mode, steps, digits }) {
      const target = join(folder, names[index]);
      await mkdir(target, { recursive: true });
      let number = 0;
      const writePng = async (what: string, png: Promise<Buffer>) => {
        number++;
        await writeFileSafely(join(target, `${String(number).padStart(2, '0')}-${what}.png`), await png);
      };
      const nameOf = (i: number, what: string) => (mode === 'multiple' ? `digit-${i + 1}-${what}` : what);
      for (const step of steps) await writePng(step.name, stepPng(step));
      for (const [i, digit] of digits.entries()) {
        for (const step of digit.steps) await writePng(nameOf(i, step.name), stepPng(step));
      }
      for (const [i, { image, explanation }] of digits.entries()) {
        if (explanation === null) continue;
        const { width, height, digit, runnerUp } = explanation;
        const { evidenceFor, evidenceAgainst } = paintExplanation(image, explanation);
        await writePng(nameOf(i, `evidence-for-${digit}`), enlargedPng(evidenceFor, width, height));
        await writePng(nameOf(i, `evidence-against-${runnerUp}`), enlargedPng(evidenceAgainst, width, height));
      }
      const facts = digits.flatMap(factsOf);
      if (facts.length > 0) {
        await writeFileSafely(join(target, 'explanation.json'), `${JSON.stringify(facts, null, 2)}\n`);
      }
    },
  };
}

/** Returns a unique folder name for each file, ignoring case. */
export function folderNames(files: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  const numUses = new Map<string, number>();
  return files.map((file) => {
    const base = file === STANDARD_INPUT ? 'standard-input' : basename(file, extname(file));
    let name: string;
    do {
      const uses = (numUses.get(base) ?? 0) + 1;
      numUses.set(base, uses);
      name = uses === 1 ? base : `${base}-${uses}`;
    } while (taken.has(name.toLowerCase()));
    taken.add(name.toLowerCase());
    return name;
  });
}

function factsOf({ explanation }: ReadDigit) {
  if (explanation === null) return [];
  const { evidenceFor, evidenceAgainst, ...facts } = explanation;
  return [{ ...facts, evidenceFor: Array.from(evidenceFor), evidenceAgainst: Array.from(evidenceAgainst) }];
}

function stepPng({ width, height, pixels }: PreparationStep): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}

/** Factor by which evidence is enlarged, so that its pixels can be seen. */
const SCALE = 10;

/** @param rgba `[height, width, 4]` */
function enlargedPng(rgba: Uint8ClampedArray, width: number, height: number): Promise<Buffer> {
  return sharp(rgba, { raw: { width, height, channels: 4 } })
    .resize(width * SCALE, height * SCALE, { kernel: 'nearest' })
    .png()
    .toBuffer();
}
