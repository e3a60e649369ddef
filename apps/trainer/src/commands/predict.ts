import type { GridSize } from '@digits/data';
import { createClassifier } from '@digits/model';
import { readPicture } from '@digits/picture-files';
import { createReader, type Reader, type ReadingOptions, readingToJson } from '@digits/reader';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { pMapIterable } from 'p-map';
import { describeError, note, UsageError } from '../command-line.ts';
import { openInk } from '../dataset/ink.ts';
import { createExplanationWriter, type ExplanationWriter } from '../predict/explanation-files.ts';
import {
  expandPictureArguments,
  type PictureArgument,
  readStandardInput,
  STANDARD_INPUT,
} from '../predict/picture-arguments.ts';
import { writeSubmission } from '../predict/kaggle-submission.ts';
import {
  createAnswerTable,
  describeAnswer,
  type FileAnswer,
  notesOf,
  writeLine,
} from '../predict/predictions-output.ts';
import { createEngine, type EngineChoice } from '../run/engine.ts';
import { createCountDisplay } from '../run/progress.ts';
import { openModel, openPictureModel } from '../run/trained-model.ts';
import {
  checkEngineChoice,
  gridSize,
  wholeNumber,
  withCommonOptions,
  withEngineOptions,
  withModelOption,
} from './options.ts';

interface PredictOptions extends EngineChoice {
  readonly model?: string;
  readonly single?: boolean;
  readonly multiple?: boolean;
  readonly grid?: GridSize;
  readonly explain?: string;
  readonly csv?: string;
  readonly kaggle?: boolean;
  readonly concurrency: number;
  readonly json?: boolean;
}

/** Default number of pictures that are read in parallel: enough to decode on every core while the network answers. */
const DEFAULT_CONCURRENCY = 8;

/** `predict`: reads the digits in picture files. */
export function predictCommand(): Command {
  const command = withModelOption(
    new Command('predict').description('Read the digits in each picture: png, jpeg, webp, avif, gif, bmp or tiff.'),
  )
    .argument('<FILE...>', 'pictures, folders of pictures, patterns such as "scans/**/*.png", or - for standard input')
    .addOption(
      new Option('--single', 'read each picture as one digit (default: decide by what the picture shows)').conflicts(
        'multiple',
      ),
    )
    .addOption(new Option('--multiple', 'read each picture as several digits, each with its bounding box'))
    .addOption(
      new Option('--grid <RxC>', 'read each picture as a table of R rows and C columns, at most one digit in each cell')
        .argParser(gridSize)
        .conflicts(['single', 'multiple']),
    )
    .addOption(
      new Option(
        '--explain <DIR>',
        'write every preprocessing step, and the evidence for and against the answer, as PNG into one folder per file',
      ),
    )
    .addOption(new Option('--csv <FILE>', 'also write the answers as CSV'))
    .addOption(
      new Option(
        '--kaggle',
        'read one .csv file with the pixels of an image in each row, and write --csv as a submission to Kaggle (ImageId,Label)',
      ).conflicts(['single', 'multiple', 'grid', 'explain', 'json']),
    )
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
the exit code is 1. A table is printed row by row, with . for an empty cell. Lines on standard error say how a picture was turned, and
if it shows more digits than were read. Quote patterns, or the shell expands them. --explain paints evidence for the answer orange, against it blue.

Examples:
  $ npm run predict -- seven.png
  $ npm run predict -- --model runs/best --csv answers.csv scans "photos/**/*.jpg"
  $ npm run predict -- --explain steps phone-number.jpg
  $ npm run predict -- --single "scans/*.png"
  $ npm run predict -- --grid 9x9 sudoku.jpg
  $ npm run predict -- --model runs/best --csv submission.csv --kaggle test.csv
  $ curl -s https://example.org/7.png | npm run --silent predict -- --json -`,
    )
    .action(async (args: string[], _options: PredictOptions, thisCommand: Command) => {
      const options = thisCommand.opts<PredictOptions>();
      checkEngineChoice(options);
      if (options.kaggle === true) return predictTable(args, options);
      if (args.filter((argument) => argument === STANDARD_INPUT).length > 1) {
        throw new UsageError('predict: - must be given once, got it again; standard input holds one picture');
      }
      const { model } = await openPictureModel(options.model);
      const files = await expandPictureArguments(args);
      const engine = await createEngine(options);
      const ink = openInk(engine);
      const classifier = await createClassifier(model, engine);
      try {
        const reader = createReader(classifier, ink.load, ink.loadTouching);
        if ((await answerAll(files, reader, model.metadata.classNames, options)).numFailed > 0) process.exitCode = 1;
      } finally {
        await Promise.all([classifier.dispose(), ink.dispose()]);
      }
    });
}

/** Writes the class of each image of a table of pixels. */
async function predictTable(args: readonly string[], options: PredictOptions): Promise<void> {
  if (args.length !== 1 || options.csv === undefined) {
    throw new UsageError(
      `predict: --kaggle must be given with --csv FILE and one table of pixels, got ${args.length} files` +
        (options.csv === undefined ? ' and no --csv' : ''),
    );
  }
  const { model } = await openModel(options.model);
  const engine = await createEngine(options);
  const { numImages, notes } = await writeSubmission(resolve(args[0]), resolve(options.csv), model, engine);
  notes.forEach(note);
  note(`${options.csv}: ${numImages} images`);
}

/** Answers in the order of the files, with a few of them in memory at a time. */
async function answerAll(
  files: readonly PictureArgument[],
  reader: Reader,
  classNames: readonly string[],
  { single = false, multiple = false, grid, json = false, csv, explain: folder, concurrency }: PredictOptions,
): Promise<{ numFailed: number }> {
  const readingOptions: ReadingOptions = {
    mode: single ? 'single' : multiple ? 'multiple' : 'auto',
    explain: folder !== undefined,
    ...(grid !== undefined && { grid }),
  };
  const explanations =
    folder === undefined
      ? null
      : await createExplanationWriter(
          resolve(folder),
          files.map(({ file }) => file),
        );
  const table = csv === undefined ? null : await createAnswerTable(resolve(csv), classNames);
  const display = createCountDisplay(files.length, 'files');
  let numFailed = 0;
  let numRejected = 0;
  try {
    const answers = pMapIterable(
      files,
      (file, index) => answerFile(reader, file, readingOptions, index, explanations),
      {
        concurrency,
        backpressure: 2 * concurrency,
      },
    );
    for await (const answer of answers) {
      if ('error' in answer) numFailed++;
      if ('rejected' in answer && answer.rejected) numRejected++;
      await table?.write(answer);
      await writeLine(json ? JSON.stringify(answer) : describeAnswer(answer, classNames));
      if (!json) notesOf(answer).forEach(note);
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
  reader: Reader,
  argument: PictureArgument,
  options: ReadingOptions,
  index: number,
  explanations: ExplanationWriter | null,
): Promise<FileAnswer> {
  const { file } = argument;
  if ('problem' in argument) return { file, error: argument.problem };
  try {
    const { picture } = await readPicture(file === STANDARD_INPUT ? await readStandardInput() : file);
    const reading = await reader.readImage(picture, options);
    await explanations?.write(index, reading);
    return { file, ...readingToJson(reading) };
  } catch (error) {
    return { file, error: describeError(error) };
  }
}
