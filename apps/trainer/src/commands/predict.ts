import { type Classifier, createClassifier, explain, type Explanation } from '@digits/model';
import { readPicture } from '@digits/picture-files';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { pMapIterable } from 'p-map';
import { describeError, note, UsageError } from '../command-line.ts';
import { createExplanationWriter, type ExplanationWriter } from '../predict/explanation-files.ts';
import {
  expandPictureArguments,
  type PictureArgument,
  readStandardInput,
  STANDARD_INPUT,
} from '../predict/picture-arguments.ts';
import { readDigit, readDigits } from '../predict/picture-reader.ts';
import { createAnswerTable, describeAnswer, type FileAnswer, writeLine } from '../predict/predictions-output.ts';
import { createEngine, type EngineChoice } from '../run/engine.ts';
import { createCountDisplay } from '../run/progress.ts';
import { openPictureModel } from '../run/trained-model.ts';
import { checkEngineChoice, wholeNumber, withCommonOptions, withEngineOptions, withModelOption } from './options.ts';

interface PredictOptions extends EngineChoice {
  readonly model?: string;
  readonly multiple?: boolean;
  readonly explain?: string;
  readonly csv?: string;
  readonly concurrency: number;
  readonly json?: boolean;
}

/** Default number of pictures that are read in parallel: enough to decode on every core while the network answers. */
const DEFAULT_CONCURRENCY = 8;

/** `predict`: reads the digits in picture files. */
export function predictCommand(): Command {
  const command = withModelOption(
    new Command('predict').description('Read the digit in each picture: png, jpeg, webp, gif, bmp or tiff.'),
  )
    .argument('<FILE...>', 'pictures, folders of pictures, patterns such as "scans/**/*.png", or - for standard input')
    .addOption(new Option('--multiple', 'read several digits in each picture, each with its bounding box'))
    .addOption(
      new Option(
        '--explain <DIR>',
        'write every preprocessing step, and the evidence for and against the answer, as PNG into one folder per file',
      ),
    )
    .addOption(new Option('--csv <FILE>', 'also write the answers as CSV'))
    .addOption(
      new Option('--concurrency <n>', 'number of pictures that are read in parallel')
        .argParser(wholeNumber(1, 256))
        .default(DEFAULT_CONCURRENCY),
    );
  return withCommonOptions(withEngineOptions(command))
    .addHelpText(
      'after',
      `
Answers come in the order of the files, with --json one line per file. For a file that cannot be read, the answer is its error and
the exit code is 1. Quote patterns, or the shell expands them. --explain paints evidence for the answer orange, against it blue.

Examples:
  $ npm run predict -- seven.png
  $ npm run predict -- --model runs/best --csv answers.csv scans "photos/**/*.jpg"
  $ npm run predict -- --multiple --explain steps receipt.jpg
  $ curl -s https://example.org/7.png | npm run --silent predict -- --json -`,
    )
    .action(async (args: string[], _options: PredictOptions, thisCommand: Command) => {
      const options = thisCommand.opts<PredictOptions>();
      checkEngineChoice(options);
      if (args.filter((argument) => argument === STANDARD_INPUT).length > 1) {
        throw new UsageError('predict: - must be given once, got it again; standard input holds one picture');
      }
      const { model } = await openPictureModel(options.model);
      const files = await expandPictureArguments(args);
      const classifier = await createClassifier(model, await createEngine(options));
      try {
        if ((await answerAll(files, classifier, options)).numFailed > 0) process.exitCode = 1;
      } finally {
        await classifier.dispose();
      }
    });
}

/** Answers in the order of the files, with a few of them in memory at a time. */
async function answerAll(
  files: readonly PictureArgument[],
  classifier: Classifier,
  { multiple = false, json = false, csv, explain: folder, concurrency }: PredictOptions,
): Promise<{ numFailed: number }> {
  const { classNames } = classifier.model.metadata;
  const explanations =
    folder === undefined
      ? null
      : await createExplanationWriter(
          resolve(folder),
          files.map(({ file }) => file),
        );
  const table = csv === undefined ? null : await createAnswerTable(resolve(csv), classNames, multiple);
  const display = createCountDisplay(files.length, 'files');
  let numFailed = 0;
  let numRejected = 0;
  try {
    const answers = pMapIterable(files, (file, index) => answerFile(classifier, file, multiple, index, explanations), {
      concurrency,
      backpressure: 2 * concurrency,
    });
    for await (const answer of answers) {
      if ('error' in answer) numFailed++;
      if ('rejected' in answer && answer.rejected) numRejected++;
      await table?.write(answer);
      await writeLine(json ? JSON.stringify(answer) : describeAnswer(answer, classNames));
      display.add();
    }
  } finally {
    display.stop();
    await table?.close();
  }
  if (files.length > 1) note(`${files.length} files: ${numRejected} rejected, ${numFailed} not readable`);
  return { numFailed };
}

async function answerFile(
  classifier: Classifier,
  argument: PictureArgument,
  multiple: boolean,
  index: number,
  explanations: ExplanationWriter | null,
): Promise<FileAnswer> {
  const { file } = argument;
  if ('problem' in argument) return { file, error: argument.problem };
  try {
    const { picture } = await readPicture(file === STANDARD_INPUT ? await readStandardInput() : file);
    if (multiple) {
      const { reading, steps, images } = await readDigits(classifier, picture);
      await explanations?.write(index, steps, await explainAll(classifier, explanations, images));
      return { file, ...reading };
    }
    const { answer, steps, image } = await readDigit(classifier, picture);
    await explanations?.write(index, steps, await explainAll(classifier, explanations, image === null ? [] : [image]));
    return { file, ...answer };
  } catch (error) {
    return { file, error: describeError(error) };
  }
}

async function explainAll(
  classifier: Classifier,
  explanations: ExplanationWriter | null,
  images: readonly Float32Array[],
): Promise<{ image: Float32Array; explanation: Explanation }[]> {
  if (explanations === null) return [];
  const explained: { image: Float32Array; explanation: Explanation }[] = [];
  for (const image of images) explained.push({ image, explanation: await explain(classifier, image) });
  return explained;
}
