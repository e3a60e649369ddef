import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ChannelFigures, countParameters, MODEL_FILES, parseTrainingConfig } from '@digits/model';
import { loadPixelModel, pretrainedInkModelDirectory } from '@digits/model/node';
import { Command } from 'commander';
import { formatTable, percent } from '../table.ts';
import { type DigitsRead, digitsReadTable, measureDigitsRead } from './measure-ink.ts';

/** Size that the page can load beside an image without being noticed. */
const MOST_BYTES = 80_000;

const NUM_DIGITS = 1000;

/** Everything that the card of the ink network says: `card.json`. */
interface InkCard {
  readonly command: string;
  readonly parameters: number;
  readonly fileBytes: number;
  readonly weightsSha256: string;
  readonly pages: { readonly training: number; readonly validation: number };
  readonly trainingSeconds: number;
  readonly threads: number;
  /** Figures on kinds of paper, fonts and hands that were left out of training. */
  readonly leftOut: readonly ChannelFigures[];
  readonly trainingKinds: readonly ChannelFigures[];
  readonly digits: readonly DigitsRead[];
}

/** Creates `ship-ink`: makes the ink network of a run the bundled one. */
export function shipInkCommand(): Command {
  return new Command('ship-ink')
    .description('copy the ink network of a run to where programs find the bundled one, and write its card')
    .requiredOption('--run <DIR>', 'run folder of npm run train -- --preset ink')
    .option('--to <DIR>', 'default: libs/model/pretrained-ink')
    .action(async ({ run, to: target }: { run: string; to?: string }) => {
      const to = target === undefined ? pretrainedInkModelDirectory() : resolve(target);
      const card = await measureRun(resolve(run));
      await mkdir(to, { recursive: true });
      for (const name of Object.values(MODEL_FILES)) await copyFile(join(run, 'model', name), join(to, name));
      await writeFile(join(to, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
      await writeFile(join(to, 'README.md'), `${inkCardText(card)}\n`);
      console.log(`${to}: ${card.fileBytes} bytes, weights ${card.weightsSha256}`);
    });
}

async function measureRun(run: string): Promise<InkCard> {
  const { config: stored } = JSON.parse(await readFile(join(run, 'config.json'), 'utf8')) as { config: unknown };
  const config = parseTrainingConfig(stored, 'ship-ink: config.json: config');
  const { trainingSeconds, threads } = JSON.parse(await readFile(join(run, 'metrics.json'), 'utf8')) as {
    trainingSeconds: number;
    threads: number;
  };
  const folder = join(run, 'model');
  const model = await loadPixelModel(folder);
  const { figures, weightsSha256 } = model.metadata;
  if (figures === null || config.pages === null) {
    throw new Error(`ship-ink: the run in ${run} must be one of the preset ink with its figures, got none`);
  }
  const sizes = await Promise.all(Object.values(MODEL_FILES).map((name) => stat(join(folder, name))));
  const fileBytes = sizes.reduce((sum, { size }) => sum + size, 0);
  if (fileBytes > MOST_BYTES) {
    throw new Error(`ship-ink: the model must have at most ${MOST_BYTES} bytes, got ${fileBytes}; train a smaller one`);
  }
  return {
    command: `npm run train -- --preset ${config.preset ?? 'custom'} --seed ${config.seed}`,
    parameters: countParameters(config.architecture).trainable,
    fileBytes,
    weightsSha256,
    pages: { training: config.pages.count, validation: config.validationSize },
    trainingSeconds,
    threads,
    leftOut: figures.validation,
    trainingKinds: figures.trainingKinds,
    digits: await measureDigitsRead(model, NUM_DIGITS),
  };
}

/** Writes the card of an ink network, in Markdown. */
function inkCardText(card: InkCard): string {
  const { parameters, fileBytes, weightsSha256, command, pages, trainingSeconds, threads } = card;
  return [
    '# The bundled ink network',
    `Finds the ink in a picture. For each pixel of a grey tile of 96x96, it returns how likely the pixel is ink (handwriting or printed ` +
      `characters) or a printed line. It has ${parameters.toLocaleString('en')} trainable parameters ` +
      `and takes ${(fileBytes / 1000).toFixed(0)} kB in two files.`,
    `\`node tools/experiments/dist/main.js ship-ink --run DIR\` writes this page and \`card.json\` from the run of \`${command}\`. ` +
      `The float32 weights have the SHA-256 \`${weightsSha256}\` on every machine.`,
    '## Training data',
    `${pages.training.toLocaleString('en')} generated pages (\`generatePages\`), no photos: handwritten digits, printed letters and scribbles of 8 to 84 ` +
      'pixels on blank, squared, ruled, dotted and printed paper, with shadows, folds, table edges, blur, noise, compression, low resolution ' +
      `and either polarity. Training took ${(trainingSeconds / 60).toFixed(0)} minutes with ${threads} thread${threads === 1 ? '' : 's'}.`,
    '## Pixels',
    `On ${pages.validation.toLocaleString('en')} pages each. A pixel is positive if at least half of it is covered. The threshold is the one with the highest F1.`,
    'Kinds of paper, fonts and hands that were left out of training:',
    figuresTable(card.leftOut),
    'Those of the training, other pages:',
    figuresTable(card.trainingKinds),
    '## Digits read after it',
    'One digit in each generated picture of 200x200, 40 to 130 pixels high, read with the bundled classifier in mode `single`. Some are hidden in ' +
      'part or lost in noise. `node tools/experiments/dist/main.js measure ink` prints this table.',
    digitsReadTable(card.digits),
    '## Limits',
    [
      '- A straight stroke from one border of the picture to the other looks like a printed line. A 1 in a tight crop can be lost.',
      '- Ink is any writing: letters and drawings are found too, and the classifier rejects them.',
      '- Characters smaller than about 8 pixels in the working image are found in part.',
    ].join('\n'),
  ].join('\n\n');
}

function figuresTable(rows: readonly ChannelFigures[]): string {
  return formatTable([
    ['channel', 'share of pixels', 'average precision', 'F1', 'precision', 'recall', 'threshold'],
    ...rows.map(({ channel, positiveShare, averagePrecision, f1, precision, recall, threshold }) => [
      channel,
      percent(positiveShare),
      averagePrecision.toFixed(4),
      f1.toFixed(4),
      precision.toFixed(4),
      recall.toFixed(4),
      threshold.toFixed(3),
    ]),
  ]);
}
