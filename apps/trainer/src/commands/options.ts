import type { GridSize } from '@digits/data';
import { defaultThreads, MAX_THREADS } from '@digits/engine-simd/node';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../command-line.ts';
import { PREPROCESSINGS } from '../dataset/prepare-images.ts';
import { type EngineChoice, ENGINES, TFJS_BACKENDS } from '../run/engine.ts';

/** Adds `--model`. */
export function withModelOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--model <DIR|FILE>',
      'a run folder, a model folder (model.json and weights.bin), or a .onnx, .keras or .h5 file (default: the bundled model)',
    ),
  );
}

/** What `--dataset` may name. */
export const DATASET_HELP =
  'the embedded MNIST, or a labelled set of your own: IDX files, or pictures in a subfolder for each class';

/**
 * Adds `--preprocess`, `--skip-broken` and `--cache`.
 *
 * @param byDefault how images reach the network if nothing is said
 */
export function withReadingOptions(command: Command, byDefault: string): Command {
  return command
    .addOption(
      new Option(
        '--preprocess <how>',
        `how images reach the network: resize them, prepare them as predict does with a picture, or none to use them as they are (default: ${byDefault})`,
      ).choices(PREPROCESSINGS),
    )
    .addOption(new Option('--skip-broken', 'leave out picture files that cannot be decoded, instead of failing'))
    .addOption(new Option('--cache <DIR>', 'folder that keeps the prepared images and makes the next start faster'));
}

/** Adds `--engine`, `--tfjs-backend` and `--threads`. */
export function withEngineOptions(command: Command): Command {
  return command
    .addOption(new Option('--engine <name>', 'engine that runs the network').choices(ENGINES).default('simd'))
    .addOption(
      new Option(
        '--tfjs-backend <name>',
        'backend of --engine tfjs (auto: tensorflow if installed, else wasm, else cpu)',
      )
        .choices(TFJS_BACKENDS)
        .default('auto'),
    )
    .addOption(
      new Option('--threads <n>', `threads of --engine simd, ${MAX_THREADS} at most; results do not depend on it`)
        .argParser(wholeNumber(1, MAX_THREADS))
        .default(defaultThreads(), 'one per core'),
    );
}

/** @throws UsageError if an option is given that the chosen engine does not have */
export function checkEngineChoice(choice: EngineChoice): void {
  if (choice.engine !== 'tfjs' && choice.tfjsBackend !== 'auto') {
    throw new UsageError(`--tfjs-backend must go with --engine tfjs, got --engine ${choice.engine}`);
  }
}

/** Reads a whole number of at least `min` from the command line. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < min || value > max) {
      const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    }
    return value;
  };
}

/** Reads any finite number from the command line. */
export function realNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** The largest number of rows, and of columns, of a table. */
const MAX_GRID = 50;

/** Reads the size of a table, rows first, from the command line: `9x9`. */
export function gridSize(text: string): GridSize {
  const [rows, columns] = (/^(\d{1,3})x(\d{1,3})$/i.exec(text) ?? []).slice(1).map(Number);
  const isSide = (side: number | undefined) => side !== undefined && side >= 1 && side <= MAX_GRID;
  if (!isSide(rows) || !isSide(columns)) {
    throw new InvalidArgumentError(`It must be rows x columns from 1x1 to ${MAX_GRID}x${MAX_GRID}, such as 9x9.`);
  }
  return { rows, columns };
}

/** Adds `--json` and `--debug`. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print one JSON object as the last line of standard output'))
    .addOption(new Option('--debug', 'also print the stack of an error'))
    .showHelpAfterError('(--help lists the options)');
}
