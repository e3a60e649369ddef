import { createSimdEngine } from '@digits/engine-simd/node';
import { wilsonInterval } from '@digits/metrics';
import { createClassifier, type PixelModel } from '@digits/model';
import { loadModel, loadPixelModel, pretrainedInkModelDirectory, pretrainedModelDirectory } from '@digits/model/node';
import { createInkDetector, createReader, type Reader } from '@digits/reader';
import { generatePages, type PagesFold } from '@digits/synthesis';
import { Command } from 'commander';
import { formatTable, percent } from '../table.ts';

/** Seed of the pages for measuring; no training uses it. */
const MEASURING_SEED = 1_000_033;

const SIDE = 200;

/** Smallest height that is always legible in spite of noise, blur and shadows. */
const CHARACTER_HEIGHT = [40, 130] as const;

/** How many of some generated digits are read. */
export interface DigitsRead {
  readonly fold: PagesFold;
  readonly count: number;
  readonly numRight: number;
  readonly numRejected: number;
}

/** Creates `measure ink`: how many digits on generated pages are read after an ink network. */
export function measureInkCommand(): Command {
  return new Command('ink')
    .description(
      'read one digit per generated page, on kinds of paper that the ink network was trained on and on others',
    )
    .option('--model <DIR>', 'ink network to measure', pretrainedInkModelDirectory())
    .option('--count <n>', 'number of digits per kind', Number, 1000)
    .action(async ({ model, count }: { model: string; count: number }) => {
      const rows = await measureDigitsRead(await loadPixelModel(model), count);
      console.log(digitsReadTable(rows));
    });
}

/**
 * Reads generated pictures of one digit with the bundled classifier. The digits are anywhere in pictures of 200x200, on any paper and
 * in any light; some are hidden in part or lost in noise, so no reader reads all of them.
 */
export async function measureDigitsRead(ink: PixelModel, count: number): Promise<readonly DigitsRead[]> {
  const engine = createSimdEngine({ threads: 1 });
  const classifier = await createClassifier(await loadModel(pretrainedModelDirectory()), engine);
  const predictor = await engine.createPredictor(ink.architecture, ink.weights);
  const reader = createReader(classifier, createInkDetector(predictor));
  const rows = [await readDigits(reader, 'training', count), await readDigits(reader, 'validation', count)];
  await predictor.dispose();
  await classifier.dispose();
  return rows;
}

async function readDigits(reader: Reader, fold: PagesFold, count: number): Promise<DigitsRead> {
  let [numRead, numRight, numRejected] = [0, 0, 0];
  for (let start = 0; numRead < count; start++) {
    const { images, characters } = generatePages({
      count: 1,
      start,
      seed: MEASURING_SEED,
      fold,
      width: SIDE,
      height: SIDE,
      characterHeight: CHARACTER_HEIGHT,
      layout: 'single',
      isTile: false,
    });
    const [character] = characters[0];
    const { x, y, width, height } = character.box;
    if (character.label === null || x < 0 || y < 0 || x + width > SIDE || y + height > SIDE) continue;
    numRead++;
    const picture = { data: images, width: SIDE, height: SIDE, channels: 1 as const };
    const { text } = await reader.readImage(picture, { mode: 'single' });
    if (text === String(character.label)) numRight++;
    if (text === '' || text === '?') numRejected++;
  }
  return { fold, count: numRead, numRight, numRejected };
}

/** Formats shares of digits read as a Markdown table. */
export function digitsReadTable(rows: readonly DigitsRead[]): string {
  const names: Readonly<Record<PagesFold, string>> = {
    training: 'as in training, other pages',
    validation: 'left out of training',
  };
  return formatTable([
    ['paper, lines and hands', 'digits', 'read right', '95% interval', 'rejected'],
    ...rows.map(({ fold, count, numRight, numRejected }) => {
      const [low, high] = wilsonInterval(numRight, count);
      return [
        names[fold],
        String(count),
        percent(numRight / count, 1),
        `${percent(low, 1)} to ${percent(high, 1)}`,
        percent(numRejected / count, 1),
      ];
    }),
  ]);
}
