import { confusionMatrix, wilsonInterval } from '@digits/metrics';
import { createClassifier } from '@digits/model';
import { readPicture } from '@digits/picture-files';
import { createReader, type ReadDigit, type Reader } from '@digits/reader';
import { openInkDetector } from '../dataset/ink-detector.ts';
import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { note, UsageError } from '../command-line.ts';
import { readLabelledPictures, readLabelledStrings, readStrokesFile } from '../dataset/samples-files.ts';
import { formatTable, indent, percent } from '../formats.ts';
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
    .addOption(new Option('--strokes <FILE>', 'drawings: JSON [{label, strokes: [[[x, y], ...], ...]}]'))
    .addOption(new Option('--pictures <DIR>', 'pictures of one digit: a folder with labels.json, file to digit'))
    .addOption(
      new Option('--strings <DIR>', 'pictures of several digits: labels.json, file to text, rows joined by a blank'),
    );
  return withCommonOptions(withEngineOptions(command))
    .addHelpText(
      'after',
      `
Give at least one set. A rejected digit counts as misread.

Examples:
  $ npm run samples -- --strokes strokes.json
  $ npm run samples -- --model runs/best --pictures digits --strings numbers --json`,
    )
    .action(async (_options: SamplesOptions, thisCommand: Command) => {
      const options = thisCommand.opts<SamplesOptions>();
      checkEngineChoice(options);
      const { strokes, pictures, strings } = options;
      if (strokes === undefined && pictures === undefined && strings === undefined) {
        throw new UsageError('samples: at least one of --strokes, --pictures and --strings must be given, got none');
      }
      const { model, modelDir } = await openPictureModel(options.model);
      const classifier = await createClassifier(model, await createEngine(options));
      try {
        const reader = createReader(classifier, openInkDetector);
        const sets = {
          ...(strokes !== undefined && { strokes: await measureStrokes(reader, resolve(strokes)) }),
          ...(pictures !== undefined && { pictures: await measurePictures(reader, resolve(pictures)) }),
          ...(strings !== undefined && { strings: await measureStrings(reader, resolve(strings)) }),
        };
        for (const [name, figures] of Object.entries(sets)) note(describeSet(name, figures));
        if (options.json === true) {
          const { weightsSha256 } = model.metadata;
          process.stdout.write(`${JSON.stringify({ modelDir, weightsSha256, ...sets })}\n`);
        }
      } finally {
        await classifier.dispose();
      }
    });
}

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
  const answers: (ReadDigit | undefined)[] = [];
  for (const { path } of samples) {
    const { picture } = await readPicture(path);
    answers.push((await reader.readImage(picture, { mode: 'single' })).digits.at(0));
  }
  return digitFigures(
    samples.map(({ file, label }) => ({ sample: file, label })),
    answers,
  );
}

async function measureStrings(reader: Reader, folder: string): Promise<SetFigures> {
  const samples = await readLabelledStrings(folder);
  const misread: Misread[] = [];
  let numRejected = 0;
  for (const { file, path, label } of samples) {
    const { picture } = await readPicture(path);
    const { text } = await reader.readImage(picture, { mode: 'multiple' });
    if (text.includes('?')) numRejected++;
    if (text !== label) misread.push({ sample: file, label, answer: text, confidence: null });
  }
  return { ...share(samples.length, misread), numRejected, confusionMatrix: null, misread };
}

function digitFigures(
  samples: readonly { sample: string; label: number }[],
  answers: readonly (ReadDigit | undefined)[],
): SetFigures {
  const yTrue = samples.map(({ label }) => label);
  const yPred = answers.map((answer) => answer?.digit ?? REJECTED);
  const misread = samples.flatMap(({ sample, label }, i): Misread[] => {
    const { digit = null, confidence = null } = answers[i] ?? {};
    return digit === label ? [] : [{ sample, label: String(label), answer: String(digit ?? '?'), confidence }];
  });
  const labels = Array.from({ length: NUM_DIGITS + 1 }, (_, digit) => digit);
  return {
    ...share(samples.length, misread),
    numRejected: yPred.filter((digit) => digit === REJECTED).length,
    confusionMatrix: confusionMatrix(yTrue, yPred, { labels }).slice(0, NUM_DIGITS),
    misread,
  };
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
