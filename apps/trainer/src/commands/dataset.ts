import { type PresetName, PRESET_NAMES } from '@digits/model';
import { writeFileSafely } from '@digits/model/node';
import { Command, Option } from 'commander';
import { basename, resolve } from 'node:path';
import { note, UsageError } from '../command-line.ts';
import { type Preprocessing, PREPROCESSINGS } from '../dataset/prepare-images.ts';
import { formatCount, percent } from '../formats.ts';
import { inspectDataset, type Inspection } from '../inspect/inspection.ts';
import { renderInspection } from '../inspect/inspection-page.ts';
import type { EngineChoice } from '../run/engine.ts';
import { type CountDisplay, createCountDisplay, createReadingDisplay } from '../run/progress.ts';
import { checkEngineChoice, wholeNumber, withCommonOptions, withEngineOptions } from './options.ts';

interface InspectOptions extends EngineChoice {
  readonly out?: string;
  readonly preprocess?: Preprocessing;
  readonly skipBroken?: boolean;
  readonly labels: boolean;
  readonly preset: PresetName;
  readonly folds: number;
  readonly epochs?: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** `dataset`: says what is in a data set. */
export function datasetCommand(): Command {
  return new Command('dataset')
    .description('Look into a data set before training on it.')
    .addCommand(inspectCommand().exitOverride());
}

function inspectCommand(): Command {
  const command = new Command('inspect')
    .description(
      'Write counts, sizes, splits, duplicates, suspicious labels and a contact sheet of a data set into one HTML file.',
    )
    .argument('<PATH>', 'the data set: mnist, or anything that train --dataset takes')
    .addOption(new Option('--out <FILE>', 'HTML file to write (default: <name of the data set>-inspection.html)'))
    .addOption(new Option('--preprocess <how>', 'how images reach the network, as in train').choices(PREPROCESSINGS))
    .addOption(new Option('--skip-broken', 'leave out picture files that cannot be decoded'))
    .addOption(new Option('--no-labels', 'do not look for suspicious labels, which takes a training per fold'))
    .addOption(
      new Option('--preset <name>', 'preset that looks for suspicious labels').choices(PRESET_NAMES).default('fast'),
    )
    .addOption(
      new Option('--folds <k>', 'parts of the data set; each is answered by a network trained on the others')
        .argParser(wholeNumber(2, 100))
        .default(5),
    ) // prettier-ignore
    .addOption(
      new Option('--epochs <n>', 'epochs of each training (default: those of the preset)').argParser(
        wholeNumber(1, 100_000),
      ),
    )
    .addOption(new Option('--seed <n>', 'seed of folds and trainings').argParser(wholeNumber(0)).default(42));
  return withCommonOptions(withEngineOptions(command))
    .addHelpText(
      'after',
      `
Labels are suspicious if networks that never saw the image prefer another class (confident learning).

Examples:
  $ npm run dataset -- inspect ./my-letters
  $ npm run dataset -- inspect mnist --no-labels --out mnist.html`,
    )
    .action(async (source: string, options: InspectOptions) => {
      await runInspect(source, options);
    });
}

async function runInspect(source: string, options: InspectOptions): Promise<void> {
  const { out, preprocess, skipBroken, labels, engine, tfjsBackend, threads, json } = options;
  checkEngineChoice(options);
  const file = resolve(out ?? `${basename(source)}-inspection.html`);
  if (!/\.html?$/.test(file)) throw new UsageError(`dataset: --out must be an HTML file, got ${file}`);
  const { preset, folds: numFolds, seed, epochs } = options;
  let display: CountDisplay | null = null;
  const inspection = await inspectDataset({
    source: source === 'mnist' ? source : resolve(source),
    preprocess,
    skipBroken,
    engine: { engine, tfjsBackend, threads },
    onRead: createReadingDisplay(),
    labels: labels
      ? {
          preset,
          numFolds,
          seed,
          epochs,
          onStart: (numEpochs) => {
            display = createCountDisplay(numEpochs, 'epochs');
          },
          onEpoch: () => display?.add(),
          onFold: ({ fold, validation }) => {
            note(`fold ${fold}/${numFolds}  agrees with ${percent(validation.accuracy)} of the labels`);
          },
        }
      : null,
  }).finally(() => display?.stop());
  await writeFileSafely(file, await renderInspection(source, inspection));
  const summary = summarise(inspection);
  for (const { split, count } of summary.splits) note(`${formatCount(count)} ${split} images`);
  inspection.opened.notes.forEach(note);
  if (summary.suspicious !== null) note(`${formatCount(summary.suspicious.length)} labels are suspicious`);
  note(`Inspection: ${file}`);
  if (json === true) process.stdout.write(`${JSON.stringify({ ...summary, file })}\n`);
}

/** What `--json` prints. */
function summarise({ opened, form, sizes, splits, labels }: Inspection) {
  const { classNames, checksum, preprocessing, rejected, problems } = opened;
  return {
    form,
    sha256: checksum,
    classNames,
    preprocessing,
    sizes,
    splits: splits.map(({ split, images }) => ({ split, count: images.count })),
    numRejected: rejected.length,
    problems: problems.map(({ kind, message, images }) => ({ kind, message, numImages: images.length })),
    suspicious:
      labels === null
        ? null
        : labels.suspicious.map(({ split, name, label, suggestion, labelProbability, probability }) => ({
            split,
            name,
            label: classNames[label],
            suggestion: classNames[suggestion],
            labelProbability,
            probability,
          })),
  };
}
