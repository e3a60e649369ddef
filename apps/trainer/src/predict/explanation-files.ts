import type { PreparationStep } from '@digits/data';
import type { Explanation } from '@digits/model';
import { writeFileSafely } from '@digits/model/node';
import { access, constants, mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import sharp from 'sharp';
import { STANDARD_INPUT } from './picture-arguments.ts';

/** An image that the network saw, with what spoke for its answer. */
export interface ExplainedImage {
  /** `[height, width, 1]` float32 in [0, 1], white ink on black. */
  readonly image: Float32Array;
  readonly explanation: Explanation;
}

export interface ExplanationWriter {
  /**
   * Writes `<DIR>/<name of the file>/<number>-<step>.png`, behind them the evidence of each explained image, and
   * `explanation.json`.
   *
   * @param index the file's place among all
   */
  write(index: number, steps: readonly PreparationStep[], explained: readonly ExplainedImage[]): Promise<void>;
}

/**
 * Writes the steps from pictures to 28x28 images, and the evidence in them, as PNG files.
 *
 * @param files all that will be written, in whatever order; one whose name an earlier one has gets a number
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
    async write(index, steps, explained) {
      const target = join(folder, names[index]);
      await mkdir(target, { recursive: true });
      let number = 0;
      const writePng = async (what: string, png: Promise<Buffer>) => {
        number++;
        await writeFileSafely(join(target, `${String(number).padStart(2, '0')}-${what}.png`), await png);
      };
      for (const { name: step, width, height, pixels } of steps) {
        await writePng(
          step,
          sharp(pixels, { raw: { width, height, channels: 1 } })
            .png()
            .toBuffer(),
        );
      }
      for (const [i, one] of explained.entries()) {
        const { digit, runnerUp, evidenceFor, evidenceAgainst } = one.explanation;
        const place = explained.length > 1 ? `digit-${i + 1}-` : '';
        await writePng(`${place}evidence-for-${digit}`, overlayPng(one, evidenceFor));
        await writePng(`${place}evidence-against-${runnerUp}`, overlayPng(one, evidenceAgainst));
      }
      if (explained.length > 0) {
        await writeFileSafely(join(target, 'explanation.json'), `${JSON.stringify(explained.map(factsOf), null, 2)}\n`);
      }
    },
  };
}

/** A name for each file that no other has, whatever the case of its letters. */
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

function factsOf({ explanation }: ExplainedImage) {
  const { evidenceFor, evidenceAgainst, ...facts } = explanation;
  return { ...facts, evidenceFor: Array.from(evidenceFor), evidenceAgainst: Array.from(evidenceAgainst) };
}

const SCALE = 10;
const BLUE = [64, 148, 255] as const;
const ORANGE = [255, 128, 32] as const;

/** The image in grey, ten times as large; evidence over it, orange for the answer, blue against it. */
function overlayPng(
  { image, explanation: { width, height } }: ExplainedImage,
  evidence: Float32Array,
): Promise<Buffer> {
  const strongest = evidence.reduce((max, value) => Math.max(max, Math.abs(value)), Number.MIN_VALUE);
  const pixels = new Uint8Array(3 * evidence.length);
  evidence.forEach((value, i) => {
    const share = (0.8 * Math.abs(value)) / strongest;
    const colour = value > 0 ? ORANGE : BLUE;
    const grey = 255 * image[i];
    colour.forEach((part, channel) => {
      pixels[3 * i + channel] = Math.round(grey * (1 - share) + part * share);
    });
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(width * SCALE, height * SCALE, { kernel: 'nearest' })
    .png()
    .toBuffer();
}
