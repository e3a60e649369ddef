import type { Picture } from '@digits/data';
import { MNIST } from '@digits/data/node';
import { confusionMatrix, wilsonInterval } from '@digits/metrics';
import { createClassifier } from '@digits/model';
import { readPicture } from '@digits/picture-files';
import { createReader, type ReadDigit, type Reader, type Reading } from '@digits/reader';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { describeError, note, UsageError } from '../command-line.ts';
import { openInk } from '../dataset/ink.ts';
import {
  findSampleSets,
  openDigitImages,
  readLabelledPictures,
  readLabelledStrings,
  readStrokesFile,
  type SampleKind,
  type SampleSet,
} from '../dataset/samples-files.ts';
import { formatTable, indent, percent } from '../formats.ts';
import { createCountDisplay } from '../run/progress.ts';
import { createEngine, type EngineChoice } from '../run/engine.ts';
import { openPictureModel } from '../run/trained-model.ts';
import { checkEngineChoice, withCommonOptions, withEngineOptions, withModelOption } from './options.ts';

interface SamplesOptions extends EngineChoice {
  readonly model?: string;
  readonly strokes?: string;
  readonly pictures?: string;
  readonly strings?: string;
  readonly json?: boolean;
}

/** One sample that was not read as its label says. */
interface Misread {
  /** The file, or the index of the drawing. */
  readonly sample: string;
  readonly label: string;
  /** What was read, or `error: ` and why the file could not be read. */
  readonly answer: string;
  readonly confidence: number | null;
}

/** Accuracy on one set; a rejected digit counts as misread. */
interface SetFigures {
  readonly count: number;
  readonly accuracy: number;
  readonly accuracyInterval: readonly [number, number];
  readonly numRejected: number;
  /** `[10][11]` counts, rows = true digit, last column = rejected; null for strings. */
  readonly confusionMatrix: readonly (readonly number[])[] | null;
  readonly misread: readonly Misread[];
}

const NUM_DIGITS = 10;
/** Where the confusion matrix counts what was rejected. */
const REJECTED = NUM_DIGITS;

/** `samples`: accuracy on labelled drawings and pictures. */
export function samplesCommand(): Command {
  const command = withModelOption(
    new Command('samples').description('Measure accuracy on labelled drawings and pictures of digits.'),
  )
    .argument(
      '[PATH]',
      'folder of sets in subfolders: every labels.json below it, and every other JSON file as drawings; or a data set, as train takes it',
    )
    .addOption(new Option('--strokes <FILE>', 'drawings: JSON [{label, strokes: [[[x, y], ...], ...]}]'))
    .addOption(new Option('--pictures <DIR>', 'pictures of one digit: a folder with labels.json, file to digit'))
    .addOption(
      new Option('--strings <DIR>', 'pictures of several digits: labels.json, file to text, rows joined by a blank'),
    );
  return withCommonOptions(withEngineOptions(command))
    .addHelpText(
      'after',
      `
Give a path or at least one set. Of a data set, the test split is read, or all of it if it has none. A rejected digit and a file that cannot be read count as misread.

Examples:
  $ npm run samples -- samples
  $ npm run samples -- test.csv
  $ npm run samples -- --strokes strokes.json
  $ npm run samples -- --model runs/best --pictures digits --strings numbers --json`,
    )
    .action(async (folder: string | undefined, _options: SamplesOptions, thisCommand: Command) => {
      const options = thisCommand.opts<SamplesOptions>();
      checkEngineChoice(options);
      const sets = await setsOf(folder, options);
      const { model, modelDir } = await openPictureModel(options.model);
      const engine = await createEngine(options);
      const ink = openInk(engine);
      const classifier = await createClassifier(model, engine);
      try {
        const reader = createReader(classifier, ink.load, ink.loadTouching);
        const measured: Record<string, SetFigures> = {};
        for (const { name, kind, path } of sets) {
          measured[name] = await MEASURES[kind](reader, path);
          note(describeSet(name, measured[name]));
        }
        if (options.json === true) {
          const { weightsSha256 } = model.metadata;
          process.stdout.write(`${JSON.stringify({ modelDir, weightsSha256, ...measured })}\n`);
        }
      } finally {
        await Promise.all([classifier.dispose(), ink.dispose()]);
      }
    });
}

const OPTION_KINDS = ['strokes', 'pictures', 'strings'] as const satisfies SampleKind[];

/** Returns the sets that were asked for; those of options are named after the option. */
async function setsOf(folder: string | undefined, options: SamplesOptions): Promise<SampleSet[]> {
  const given = OPTION_KINDS.flatMap((kind) => {
    const path = options[kind];
    return path === undefined ? [] : [{ name: kind, kind, path: resolve(path) }];
  });
  if (folder === undefined && given.length === 0) {
    throw new UsageError(
      'samples: PATH or at least one of --strokes, --pictures and --strings must be given, got none',
    );
  }
  if (folder !== undefined && given.length > 0) {
    throw new UsageError(`samples: PATH must be given without --${given[0].name}, got both`);
  }
  return folder === undefined ? given : findSampleSets(folder === MNIST ? folder : resolve(folder));
}

const MEASURES: Readonly<Record<SampleKind, (reader: Reader, path: string) => Promise<SetFigures>>> = {
  strokes: measureStrokes,
  pictures: measurePictures,
  strings: measureStrings,
  dataset: measureDataset,
};

async function measureStrokes(reader: Reader, path: string): Promise<SetFigures> {
  const samples = await readStrokesFile(path);
  const answers: (ReadDigit | undefined)[] = [];
  for (const { strokes } of samples)
    answers.push((await reader.readDrawing({ strokes }, { mode: 'single' })).digits.at(0));
  return digitFigures(
    samples.map(({ label }, i) => ({ sample: `drawing ${i}`, label })),
    answers,
  );
}

async function measurePictures(reader: Reader, folder: string): Promise<SetFigures> {
  const samples = await readLabelledPictures(folder);
  const answers: Answer[] = [];
  for (const { path } of samples) {
    const reading = await tryToRead(reader, () => pictureAt(path), 'single');
    answers.push('error' in reading ? reading : reading.digits.at(0));
  }
  return digitFigures(
    samples.map(({ file, label }) => ({ sample: file, label })),
    answers,
  );
}

async function measureDataset(reader: Reader, source: string): Promise<SetFigures> {
  const set = await openDigitImages(source);
  const { count, labels, names } = set;
  const answers: Answer[] = [];
  const display = createCountDisplay(count, 'images');
  for (let i = 0; i < count; i++) {
    const reading = await tryToRead(reader, () => set.read(i), 'single');
    answers.push('error' in reading ? reading : reading.digits.at(0));
    display.add();
  }
  display.stop();
  return digitFigures(
    labels.map((label, i) => ({ sample: names[i], label })),
    answers,
  );
}

async function measureStrings(reader: Reader, folder: string): Promise<SetFigures> {
  const samples = await readLabelledStrings(folder);
  const misread: Misread[] = [];
  let numRejected = 0;
  for (const { file, path, label } of samples) {
    const reading = await tryToRead(reader, () => pictureAt(path), 'multiple');
    const answer = 'error' in reading ? `error: ${reading.error}` : reading.text;
    if ('error' in reading || answer.includes('?')) numRejected++;
    if (answer !== label) misread.push({ sample: file, label, answer, confidence: null });
  }
  return { ...share(samples.length, misread), numRejected, confusionMatrix: null, misread };
}

async function pictureAt(path: string): Promise<Picture> {
  return (await readPicture(path)).picture;
}

interface Unreadable {
  readonly error: string;
}

type Answer = ReadDigit | Unreadable | undefined;

async function tryToRead(
  reader: Reader,
  read: () => Promise<Picture>,
  mode: 'single' | 'multiple',
): Promise<Reading | Unreadable> {
  try {
    return await reader.readImage(await read(), { mode });
  } catch (error) {
    return { error: describeError(error) };
  }
}

function digitFigures(samples: readonly { sample: string; label: number }[], answers: readonly Answer[]): SetFigures {
  const yTrue = samples.map(({ label }) => label);
  const yPred = answers.map((answer) => digitOf(answer) ?? REJECTED);
  const misread = samples.flatMap(({ sample, label }, i): Misread[] => {
    const found = answers[i];
    const digit = digitOf(found);
    if (digit === label) return [];
    if (found !== undefined && 'error' in found) {
      return [{ sample, label: String(label), answer: `error: ${found.error}`, confidence: null }];
    }
    return [{ sample, label: String(label), answer: String(digit ?? '?'), confidence: found?.confidence ?? null }];
  });
  const labels = Array.from({ length: NUM_DIGITS + 1 }, (_, digit) => digit);
  return {
    ...share(samples.length, misread),
    numRejected: yPred.filter((digit) => digit === REJECTED).length,
    confusionMatrix: confusionMatrix(yTrue, yPred, { labels }).slice(0, NUM_DIGITS),
    misread,
  };
}

function digitOf(answer: Answer): number | null {
  return answer === undefined || 'error' in answer ? null : answer.digit;
}

function share(count: number, misread: readonly Misread[]) {
  if (count === 0) throw new Error('samples: a set must have at least 1 sample, got 0');
  const numCorrect = count - misread.length;
  return { count, accuracy: numCorrect / count, accuracyInterval: wilsonInterval(numCorrect, count) };
}

function describeSet(name: string, figures: SetFigures): string {
  const [lower, upper] = figures.accuracyInterval;
  const head =
    `${name}: ${percent(figures.accuracy)} right of ${figures.count} ` +
    `(95% interval ${percent(lower)} to ${percent(upper)}), ${figures.numRejected} rejected`;
  const matrix = figures.confusionMatrix?.map((row, digit) => [`${digit} |`, ...row.map(String)]);
  const misread = figures.misread.map(
    ({ sample, label, answer, confidence }) =>
      `  ${sample}: ${label} read as ${answer}${confidence === null ? '' : ` (${percent(confidence)})`}`,
  );
  return [
    head,
    ...(matrix === undefined
      ? []
      : ['  rows: true digit; columns: read as 0 to 9, rejected', indent(formatTable(matrix))]),
    ...(misread.length === 0 ? [] : ['  misread:', ...misread]),
  ].join('\n');
}
