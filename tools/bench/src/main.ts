/** The bench's command line. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { measureApi, reachedApiGoals, reportApi } from './commands/api.ts';
import { BACKEND_RUNNERS, type BackendRunner, measureBackends, reportBackends } from './commands/backends.ts';
import { measureCorruptions, reportCorruptions } from './commands/corruptions.ts';
import { measureMemory, reportMemory } from './commands/memory.ts';
import { measurePictures, reportPictures } from './commands/pictures.ts';
import { reportSpeed } from './commands/speed-report.ts';
import { measureSpeed, type Section, SECTIONS } from './commands/speed.ts';
import { measureWeb, reachedWebGoals, reportWeb } from './commands/web.ts';
import { RUNNER_NAMES, type RunnerName } from './field.ts';
import { NETWORKS } from './networks.ts';
import type { Clock } from './race.ts';
import { findGoals } from './results.ts';

interface SpeedFlags {
  readonly networks: readonly string[];
  readonly batches: readonly number[];
  readonly threads: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  readonly clock: Clock;
  readonly only: readonly Section[];
  readonly contestants: readonly RunnerName[];
  readonly python?: string;
  readonly json?: true;
}

interface MemoryFlags {
  readonly network: string;
  readonly batch: number;
  readonly threads: number;
  readonly steps: number;
  readonly json?: true;
}

interface ApiFlags {
  readonly model?: string;
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly json?: true;
}

interface PicturesFlags {
  readonly model: string;
  readonly count: number;
  readonly scales: readonly number[];
  readonly json?: true;
}

interface CorruptionsFlags {
  readonly model?: string;
  readonly count: number;
  readonly pictures?: number;
  readonly json?: true;
}

interface WebFlags {
  readonly visits: number;
  readonly drawings?: number;
  readonly json?: true;
}

interface BackendsFlags {
  readonly networks: readonly string[];
  readonly contestants: readonly BackendRunner[];
  readonly seconds: number;
  readonly rounds: number;
  readonly json?: true;
}

const program = new Command('bench').description('Speed and memory, side by side with the peers on this machine.');
program.exitOverride().showHelpAfterError('(--help says what can be given)');

program
  .command('speed', { isDefault: true })
  .description('training and prediction against TensorFlow.js, PyTorch and ONNX Runtime')
  .option('--networks <names>', [...NETWORKS.keys()].join(', '), namesOf([...NETWORKS.keys()]), [
    'small',
    'fast',
    'accurate',
    'wide',
  ])
  .option('--batches <sizes>', 'batch sizes', wholeNumbers, [32, 128, 512])
  .option('--threads <counts>', 'numbers of threads; all means one a core', threadCounts, threadCounts('1,all'))
  .option('--seconds <n>', 'for each contestant in each race', positiveNumber, 1.5)
  .option('--rounds <n>', 'turns that the seconds are divided into', wholeNumber, 5)
  .addOption(
    new Option('--clock <clock>', 'processor counts processor time, for machines that are busy')
      .choices(['wall', 'processor'])
      .default('wall'),
  )
  .option('--only <sections>', SECTIONS.join(', '), namesOf(SECTIONS), SECTIONS)
  .option('--contestants <names>', RUNNER_NAMES.join(', '), namesOf(RUNNER_NAMES), RUNNER_NAMES)
  .option('--python <program>', 'a Python that can import torch; by default python3, then /usr/bin/python3')
  .option('--json', 'print one JSON object as the last line of standard output')
  .action(async (flags: SpeedFlags) => {
    const threads = [...new Set(flags.threads)].sort((a, b) => a - b);
    const results = await measureSpeed({
      networks: flags.networks,
      batchSizes: flags.batches,
      threads,
      seconds: flags.seconds,
      rounds: flags.rounds,
      clock: flags.clock,
      sections: flags.only,
      contestants: flags.contestants,
      python: flags.python === undefined ? ['python3', '/usr/bin/python3'] : [flags.python],
      progress,
    });
    const goals = findGoals(results, Math.max(...threads));
    const report = reportSpeed(results, goals);
    print({ ...results, goals }, report, flags.json);
  });

program
  .command('memory')
  .description('resident memory of the engine while it trains on 60,000 images; exit code 1 if it is too much or grows')
  .addOption(new Option('--network <name>').choices([...NETWORKS.keys()]).default('accurate'))
  .option('--batch <size>', 'batch size', wholeNumber, 128)
  .option('--threads <count>', 'number of threads; all means one a core', threadCount, threadCount('all'))
  .option('--steps <n>', 'training steps', wholeNumber, 1000)
  .option('--json', 'print one JSON object as the last line of standard output')
  .action(async ({ network, batch, threads, steps, json }: MemoryFlags) => {
    const results = await measureMemory({ network, batchSize: batch, threads, steps, progress });
    print(results, reportMemory(results), json);
    if (!results.reached) process.exitCode = 1;
  });

program
  .command('backends')
  .description('training on every backend of TensorFlow.js, in Node and in Chromium')
  .option('--networks <names>', [...NETWORKS.keys()].join(', '), namesOf([...NETWORKS.keys()]), ['small', 'accurate'])
  .option('--contestants <names>', BACKEND_RUNNERS.join(', '), namesOf(BACKEND_RUNNERS), BACKEND_RUNNERS)
  .option('--seconds <n>', 'for each backend with each network', positiveNumber, 3)
  .option('--rounds <n>', 'turns that the seconds are divided into', wholeNumber, 3)
  .option('--json', 'print one JSON object as the last line of standard output')
  .action(async ({ json, ...flags }: BackendsFlags) => {
    const results = await measureBackends({ ...flags, progress });
    print(results, reportBackends(results), json);
  });

program
  .command('pictures')
  .description("MNIST's validation digits as pictures, read back; exit code 1 where a distortion costs too much")
  .requiredOption('--model <DIR>', 'the folder of a trained model')
  .option('--count <n>', 'validation digits in each cell', wholeNumber, 2000)
  .option('--scales <factors>', 'sizes of the pictures', positiveNumbers, [0.5, 0.75, 1, 2, 4, 10])
  .option('--json', 'print one JSON object as the last line of standard output')
  .action(async ({ model, json, ...flags }: PicturesFlags) => {
    const results = await measurePictures({ model: resolve(model), ...flags, progress });
    print(results, reportPictures(results), json);
    if (results.cells.some(({ loss, limit }) => loss > limit)) process.exitCode = 1;
  });

program
  .command('corruptions')
  .description("MNIST's test digits after each of the 15 corruptions of MNIST-C, as they are and read as pictures")
  .option('--model <DIR>', 'folder of a trained model (default: the bundled model)')
  .option('--count <n>', 'test digits for each corruption', wholeNumber, 10000)
  .option('--pictures <n>', 'how many of them are read as pictures too (default: all)', wholeNumber)
  .option('--json', 'print one JSON object as the last line of standard output')
  .action(async ({ model, count, pictures = count, json }: CorruptionsFlags) => {
    const folder = { ...(model !== undefined && { model: resolve(model) }) };
    const results = await measureCorruptions({ ...folder, count, pictureCount: pictures, progress });
    print(results, reportCorruptions(results), json);
  });

program
  .command('api')
  .description('the service against its HTTP server and its engine; exit code 1 where it costs too much')
  .option('--model <DIR>', 'the folder of a trained model; the one that ships where none is named')
  .option('--seconds <n>', 'for each course of each round', wholeNumber, 3)
  .option('--rounds <n>', 'turns that are counted', wholeNumber, 5)
  .option('--connections <n>', 'of the client', wholeNumber, 16)
  .option('--json', 'print one JSON object as the last line of standard output')
  .action(async ({ model, json, ...flags }: ApiFlags) => {
    const results = await measureApi({ ...(model !== undefined && { model: resolve(model) }), ...flags, progress });
    print(results, reportApi(results), json);
    if (!reachedApiGoals(results)) process.exitCode = 1;
  });

program
  .command('web')
  .description('the page: first load, readiness, real drawings, Lighthouse; exit code 1 where it falls short')
  .option('--visits <n>', 'first visits that are timed', wholeNumber, 5)
  .option('--drawings <n>', 'real drawings that are replayed, evenly picked; all where left out', wholeNumber)
  .option('--json', 'print one JSON object as the last line of standard output')
  .action(async ({ visits, drawings, json }: WebFlags) => {
    const results = await measureWeb({ visits, ...(drawings !== undefined && { drawings }), progress });
    print(results, reportWeb(results), json);
    if (!reachedWebGoals(results)) process.exitCode = 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

/** The report, on standard error where standard output is kept for the JSON. */
function print(results: object, report: string, json: true | undefined): void {
  (json === true ? process.stderr : process.stdout).write(`\n${report}\n`);
  if (json === true) process.stdout.write(`${JSON.stringify(results)}\n`);
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function namesOf<T extends string>(allowed: readonly T[]): (text: string) => readonly T[] {
  return (text) =>
    text.split(',').map((name) => {
      const found = allowed.find((each) => each === name);
      if (found === undefined) throw new InvalidArgumentError(`It must be some of ${allowed.join(', ')}.`);
      return found;
    });
}

function threadCounts(text: string): readonly number[] {
  return text.split(',').map(threadCount);
}

function threadCount(text: string): number {
  return text === 'all' ? availableParallelism() : wholeNumber(text);
}

function wholeNumbers(text: string): readonly number[] {
  return text.split(',').map(wholeNumber);
}

function positiveNumbers(text: string): readonly number[] {
  return text.split(',').map(positiveNumber);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
