import { isPixelPreset } from '@digits/model';
import { Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeError, INTERRUPTED, note, UsageError } from '../command-line.ts';
import { configForDataset, openRequested } from '../run/class-run.ts';
import { createReadingDisplay } from '../run/progress.ts';
import { classRuns, readRunRecord, readRunRecords } from '../run/run-record.ts';
import { rankRuns, runsTable } from '../run/run-tables.ts';
import {
  planSweep,
  readSweep,
  requireNewSweepFolder,
  type Sweep,
  type SweepSpace,
  type Trial,
  writeSweep,
} from '../run/sweep.ts';
import { trainInWorker } from '../run/train-in-worker.ts';
import { checkSettingNames, type RunRequest } from '../run/training-request.ts';
import { wholeNumber, withCommonOptions } from './options.ts';
import { parseValue, splitSetting, type TrainingOptions, withTrainingOptions } from './train-options.ts';
import { runRequestOf } from './train-request.ts';

interface SweepOptions extends Omit<TrainingOptions, 'set'> {
  readonly set?: SweepSpace;
  readonly trials: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `sweep`: trains with each combination of some settings, one run after the other. */
export function sweepCommand(): Command {
  const set = new Option(
    '--set <name=value,value>',
    'values of a setting to try, e.g. learningRate=1e-3,3e-3; can be repeated, for every combination',
  ).argParser(addValues);
  const out = new Option(
    '--out <DIR>',
    'folder to write, with a run folder for each trial (default: sweeps/<time>-<preset>-<seed>)',
  );
  const command = withTrainingOptions(
    new Command('sweep').description(
      'Train with every combination of some settings and rank them on the validation split.',
    ),
    { set, out },
  )
    .addOption(
      new Option('--trials <n>', 'maximum number of combinations, drawn by the seed')
        .argParser(wholeNumber(1, 10_000))
        .default(100),
    )
    .addOption(new Option('--dry-run', 'print the runs and do nothing'));
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
--resume keeps finished trials and continues the unfinished one, with the settings of the first start.

Examples:
  $ npm run sweep -- --preset fast --set learningRate=1e-3,3e-3,1e-2 --set batchSize=64,128 --out sweeps/rates
  $ npm run sweep -- --set optimizer.type=sgd,adamw --set batchSize=64,128 --dry-run
  $ npm run sweep -- --out sweeps/rates --resume
  $ npm run runs -- sweeps/rates`,
    )
    .action(async (_options: SweepOptions, thisCommand: Command) => {
      const options = thisCommand.opts<SweepOptions>();
      const sweep =
        options.resume === true
          ? await resumeSweep(thisCommand, options.out)
          : await planNewSweep(thisCommand, options);
      if (options.dryRun === true) {
        printPlan(sweep, options.json === true);
        return;
      }
      if (options.resume !== true) await writeSweep(sweep);
      const { numFailed, interrupted } = await runTrials(sweep);
      const rows = rankRuns(classRuns(await readRunRecords(sweep.request.out)), 'accuracy');
      if (rows.length > 0) note(runsTable(rows));
      if (options.json === true) process.stdout.write(`${JSON.stringify({ best: rows.at(0) ?? null, runs: rows })}\n`);
      if (interrupted) process.exitCode = INTERRUPTED;
      else if (numFailed > 0) process.exitCode = 1;
    });
}

function addValues(text: string, before: SweepSpace = {}): SweepSpace {
  const [name, values] = splitSetting(text, before);
  return { ...before, [name]: values.split(',').map(parseValue) };
}

async function planNewSweep(command: Command, { set = {}, trials, out }: SweepOptions): Promise<Sweep> {
  // What is tried is not part of what all trials have in common.
  command.setOptionValue('set', undefined);
  checkSettingNames(Object.keys(set), '--set');
  const common = await runRequestOf(command, Object.keys(set));
  if (isPixelPreset(common.preset)) {
    throw new UsageError(`sweep: --preset must be one that answers for classes, got ${common.preset}; use train`);
  }
  const folder = out === undefined ? common.out.replace(/runs(?=[\\/][^\\/]*$)/, 'sweeps') : common.out;
  const request = { ...common, out: folder };
  const plan = planSweep(set, trials, Number(request.settings.seed));
  requireNewSweepFolder(folder);
  await checkSettings(request, plan);
  return { request, trials: plan };
}

/** Prints a line for each run, or with `json` an object. */
function printPlan({ request, trials }: Sweep, json: boolean): void {
  const runs = trials.map((trial) => ({ run: trialName(trial), settings: trial.settings }));
  const lines = json
    ? [JSON.stringify({ out: request.out, request, runs })]
    : trials.map((trial) => `${join(request.out, trialName(trial))}: ${describeTrial(trial)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function trialName({ number }: Trial): string {
  return `trial-${String(number).padStart(3, '0')}`;
}

function describeTrial({ settings }: Trial): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
}

/**
 * Makes every trial's configuration once, before the first trial starts, to find invalid settings early.
 *
 * @throws UsageError if a setting is unknown or out of range
 */
async function checkSettings(request: RunRequest, trials: readonly Trial[]): Promise<void> {
  const opened = await openRequested(request, createReadingDisplay());
  for (const trial of trials) configForDataset(requestOf(request, trial), opened);
}

function requestOf(common: RunRequest, { settings }: Trial): RunRequest {
  return { ...common, settings: { ...common.settings, ...settings } };
}

/** What goes with `--resume`; everything else is the sweep's own. */
const RESUME_OPTIONS = ['resume', 'out', 'dryRun', 'json', 'debug'];

async function resumeSweep(command: Command, out: string | undefined): Promise<Sweep> {
  if (out === undefined) throw new UsageError('sweep: --resume must go with --out DIR, the sweep to go on with');
  const other = command.options.find((option) => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === 'cli' && !RESUME_OPTIONS.includes(name);
  });
  if (other !== undefined) {
    throw new UsageError(`sweep: --resume goes on as the sweep was started, got ${other.flags} with it; leave it out`);
  }
  return readSweep(resolve(out));
}

/** One trial that fails, as by a learning rate that is too high, does not end the others. */
async function runTrials({ request, trials }: Sweep): Promise<{ numFailed: number; interrupted: boolean }> {
  let numFailed = 0;
  for (const [i, trial] of trials.entries()) {
    const out = join(request.out, trialName(trial));
    if (await isDone(out)) continue;
    note(`Trial ${i + 1} of ${trials.length}: ${describeTrial(trial)}`);
    try {
      const resume = existsSync(join(out, 'config.json'));
      const { interrupted } = await trainInWorker({ ...requestOf(request, trial), out, resume });
      if (interrupted) return { numFailed, interrupted };
    } catch (error) {
      if (error instanceof UsageError) throw error;
      numFailed++;
      note(`Trial ${i + 1} failed: ${describeError(error)}`);
    }
  }
  return { numFailed, interrupted: false };
}

/** An interrupted trial has figures too, and goes on. */
async function isDone(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, 'metrics.json'))) return false;
  const { metrics } = await readRunRecord(folder);
  return metrics !== null && metrics.stopped !== 'aborted';
}
