import { isPixelPreset } from '@digits/model';
import { Command, Option } from 'commander';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { INTERRUPTED, note, UsageError } from '../command-line.ts';
import { configForDataset, openRequested } from '../run/class-run.ts';
import { writeSweepReport } from '../report/sweep-report.ts';
import { createReadingDisplay } from '../run/progress.ts';
import { classRuns, readRunRecords } from '../run/run-record.ts';
import { rankRuns, runsTable } from '../run/run-tables.ts';
import { checkSettingNames, type RunRequest } from '../run/training-request.ts';
import { writeHparamsExperiment, writeHparamsOfTrial } from '../sweep/hparams.ts';
import { runSweep } from '../sweep/run-sweep.ts';
import { NUM_STARTING, planGrid, proposeSettings, STRATEGIES, type Strategy } from '../sweep/sampler.ts';
import type { SweepPlan } from '../sweep/scheduler.ts';
import {
  checkConditions,
  isRange,
  parseDomain,
  parseSpace,
  probeSettings,
  showSettings,
  type Space,
  type TrialSettings,
} from '../sweep/space.ts';
import { readSweep, requireNewSweepFolder, type Sweep, trialName, writeSweep } from '../sweep/sweep-folder.ts';
import { wholeNumber, withCommonOptions } from './options.ts';
import { splitSetting, type TrainingOptions, withTrainingOptions } from './train-options.ts';
import { runRequestOf } from './train-request.ts';

interface SweepOptions extends Omit<TrainingOptions, 'set'> {
  readonly try?: Space;
  readonly set?: Space;
  readonly space?: string;
  readonly strategy?: Strategy;
  readonly trials?: number;
  readonly minEpochs?: number;
  readonly reduction?: number;
  readonly workers?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const MAX_WORKERS = 64;
const DEFAULT_MIN_EPOCHS = 1;
const DEFAULT_REDUCTION = 3;
/** Maximum number of trials if none is named. */
const DEFAULT_TRIALS = { grid: 100, other: 20 } as const;

/** `sweep`: trains with different settings, several at a time. */
export function sweepCommand(): Command {
  const set = new Option('--set <name=value,value>', 'the same as --try').argParser(addDomain('--set'));
  const out = new Option(
    '--out <DIR>',
    'folder to write, with a run folder for each trial (default: sweeps/<time>-<preset>-<seed>)',
  );
  const command = withTrainingOptions(
    new Command('sweep').description('Train with different settings, and rank them on the validation split.'),
    { set, out },
  )
    .addOption(
      new Option(
        '--try <name=range>',
        'values of a setting, learningRate=1e-3,3e-3, or a range, learningRate=1e-4..1e-1:log; can be repeated',
      ).argParser(addDomain('--try')),
    )
    .addOption(new Option('--space <FILE>', 'JSON with values and ranges of settings, and their conditions'))
    .addOption(
      new Option(
        '--strategy <name>',
        'every combination, random ones, those that a Parzen estimator proposes, or random ones of which the worst are stopped early (default: grid, or tpe if a setting has a range)',
      ).choices(STRATEGIES),
    )
    .addOption(
      new Option(
        '--trials <n>',
        `maximum number of trials (default: ${DEFAULT_TRIALS.grid} of a grid, drawn by the seed; otherwise ${DEFAULT_TRIALS.other})`,
      ).argParser(wholeNumber(1, 10_000)),
    )
    .addOption(
      new Option(
        '--min-epochs <n>',
        `epochs before asha first compares trials (default: ${DEFAULT_MIN_EPOCHS})`,
      ).argParser(wholeNumber(1, 100_000)),
    )
    .addOption(
      new Option(
        '--reduction <n>',
        `asha trains the best of every n trials n times as long (default: ${DEFAULT_REDUCTION})`,
      ).argParser(wholeNumber(2, 100)),
    )
    .addOption(
      new Option(
        '--workers <n>',
        'trainings at a time, each in a process with one thread unless --threads is given (default: 1, with all threads)',
      ).argParser(wholeNumber(1, MAX_WORKERS)),
    )
    .addOption(new Option('--dry-run', 'print the runs and do nothing'));
  return withCommonOptions(command)
    .addHelpText(
      'after',
      `
A range is LOW..HIGH, with :log for settings whose order of magnitude matters, :int for whole numbers, and :points=N for N values of it.
--space takes { "learningRate": { "low": 1e-4, "high": 0.1, "scale": "log" }, "optimizer.type": ["sgd", "adamw"],
"optimizer.momentum": { "low": 0.5, "high": 0.99, "when": { "optimizer.type": "sgd" } } }; "integer": true makes whole numbers.
The same space, seed and results give the same proposals. A trial that fails is listed with its reason, and the others go on.
--resume keeps finished trials and continues the unfinished ones, with the settings of the first start; --workers may be another.

Examples:
  $ npm run sweep -- --preset fast --try learningRate=1e-3,3e-3,1e-2 --try batchSize=64,128 --out sweeps/rates
  $ npm run sweep -- --try learningRate=1e-4..1e-1:log --try batchSize=32..512:log:int --trials 30 --workers 4
  $ npm run sweep -- --space space.json --strategy asha --epochs 9 --trials 27 --workers 4
  $ npm run sweep -- --try optimizer.type=sgd,adamw --try batchSize=64,128 --dry-run
  $ npm run sweep -- --out sweeps/rates --resume
  $ npm run runs -- sweeps/rates`,
    )
    .action(async (_options: SweepOptions, thisCommand: Command) => {
      const options = thisCommand.opts<SweepOptions>();
      const sweep =
        options.resume === true ? await resumeSweep(thisCommand, options) : await planNewSweep(thisCommand, options);
      if (options.dryRun === true) {
        printPlan(sweep, options.json === true);
        return;
      }
      if (options.resume !== true) await writeSweep(sweep);
      await runAndPrint(sweep, options.json === true);
    });
}

function addDomain(option: string) {
  return (text: string, before: Space = {}): Space => {
    const [name, values] = splitSetting(text, before);
    return { ...before, [name]: parseDomain(values, `sweep: ${option} ${name}`) };
  };
}

async function planNewSweep(command: Command, options: SweepOptions): Promise<Sweep> {
  const space = await spaceOf(options);
  // What is tried is not part of what all trials have in common.
  command.setOptionValue('set', undefined);
  const common = await runRequestOf(command, Object.keys(space));
  if (isPixelPreset(common.preset)) {
    throw new UsageError(`sweep: --preset must be one that answers for classes, got ${common.preset}; use train`);
  }
  const folder = options.out === undefined ? common.out.replace(/runs(?=[\\/][^\\/]*$)/, 'sweeps') : common.out;
  requireNewSweepFolder(folder);
  const { workers = 1 } = options;
  const threads = usesOneThread(command, options) ? 1 : common.engine.threads;
  const request = { ...common, out: folder, engine: { ...common.engine, threads } };
  const plan = planOf(space, options, Number(request.settings.seed));
  return { request, plan: { ...plan, epochs: await checkTrials(request, plan, options) }, workers };
}

/** Several trainings at a time share the cores. */
function usesOneThread(command: Command, { workers }: SweepOptions): boolean {
  return workers !== undefined && command.getOptionValueSource('threads') === 'default';
}

/**
 * Puts the search space together.
 *
 * @throws UsageError if there is none, or it is not a search space
 */
async function spaceOf({ space: file, set = {}, try: tried = {} }: SweepOptions): Promise<Space> {
  const parts = [
    { option: '--space', space: file === undefined ? {} : await readSpace(file) },
    { option: '--set', space: set },
    { option: '--try', space: tried },
  ];
  for (const [i, { option, space }] of parts.entries()) {
    checkSettingNames(Object.keys(space), option);
    for (const later of parts.slice(i + 1)) {
      const twice = Object.keys(space).find((name) => Object.hasOwn(later.space, name));
      if (twice === undefined) continue;
      throw new UsageError(
        `sweep: ${later.option} ${twice} must not go with ${option}, which has it too; leave one out`,
      );
    }
  }
  const space: Space = Object.assign({}, ...parts.map((part) => part.space)) as Space;
  if (Object.keys(space).length === 0) {
    throw new UsageError('sweep: --try name=range or --space FILE must be given, got neither');
  }
  checkConditions(space);
  return space;
}

async function readSpace(file: string): Promise<Space> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`sweep: --space must be a readable JSON file, got ${file}`, { cause });
  }
  return parseSpace(text, `sweep: --space ${file}`);
}

/** Everything but the epochs, which the preset may decide. */
function planOf(space: Space, options: SweepOptions, seed: number): Omit<SweepPlan, 'epochs'> {
  const strategy = options.strategy ?? (Object.values(space).some(isRange) ? 'tpe' : 'grid');
  const { minEpochs, reduction } = options;
  if (strategy !== 'asha' && (minEpochs !== undefined || reduction !== undefined)) {
    const option = minEpochs === undefined ? '--reduction' : '--min-epochs';
    throw new UsageError(`sweep: ${option} must go with --strategy asha, got --strategy ${strategy}`);
  }
  if (strategy === 'asha' && Object.hasOwn(space, 'epochs')) {
    throw new UsageError('sweep: --strategy asha must not try epochs, which it chooses itself; leave epochs out');
  }
  return {
    space,
    strategy,
    trials: options.trials ?? DEFAULT_TRIALS[strategy === 'grid' ? 'grid' : 'other'],
    seed,
    minEpochs: minEpochs ?? DEFAULT_MIN_EPOCHS,
    reduction: reduction ?? DEFAULT_REDUCTION,
  };
}

/**
 * Makes configurations of a sweep's trials, before the first trial starts, to find invalid settings early.
 *
 * @returns epochs of a training
 * @throws UsageError if a setting is unknown or out of range
 */
async function checkTrials(
  request: RunRequest,
  plan: Omit<SweepPlan, 'epochs'>,
  { minEpochs }: SweepOptions,
): Promise<number> {
  const { space, strategy, trials, seed } = plan;
  const settings =
    strategy === 'grid' ? planGrid(space, trials, seed).map((trial) => trial.settings) : probeSettings(space);
  const opened = await openRequested(request, createReadingDisplay());
  const [first] = settings.map(
    (own) => configForDataset({ ...request, settings: { ...request.settings, ...own } }, opened).epochs,
  );
  if (strategy === 'asha' && first <= plan.minEpochs) {
    throw new UsageError(
      minEpochs === undefined
        ? `sweep: --strategy asha must have at least ${plan.minEpochs + 1} epochs to choose from, got ${first}; add --epochs`
        : `sweep: --min-epochs must be less than the ${first} epochs of a training, got ${minEpochs}`,
    );
  }
  opened.notes.forEach(note);
  return first;
}

/** Prints a line for each run, or with `json` an object. */
function printPlan({ request, plan }: Sweep, json: boolean): void {
  const planned = plannedTrials(plan);
  const runs = planned.map(({ number, settings }) => ({ run: trialName(number), settings }));
  const lines = json
    ? [JSON.stringify({ out: request.out, request, plan, runs })]
    : runs.map(({ run, settings }) => `${join(request.out, run)}: ${showSettings(settings)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  if (plan.strategy === 'tpe' && plan.trials > runs.length) {
    note(`The other trials, up to ${plan.trials}, depend on the results of these.`);
  }
}

/** Lists the trials that do not depend on results. */
function plannedTrials(plan: SweepPlan): readonly { number: number; settings: TrialSettings }[] {
  const { space, strategy, seed } = plan;
  if (strategy === 'grid') return planGrid(space, plan.trials, seed);
  const numKnown = strategy === 'tpe' ? Math.min(plan.trials, NUM_STARTING) : plan.trials;
  const tried: TrialSettings[] = [];
  while (tried.length < numKnown) {
    const settings = proposeSettings({ space, strategy, seed, trial: tried.length }, tried, []);
    if (settings === null) break;
    tried.push(settings);
  }
  return tried.map((settings, number) => ({ number, settings }));
}

/** Options that may be combined with `--resume`; all others come from the sweep's folder. */
const RESUME_OPTIONS = ['resume', 'out', 'workers', 'threads', 'dryRun', 'json', 'debug'];

async function resumeSweep(command: Command, options: SweepOptions): Promise<Sweep> {
  const { out, workers } = options;
  if (out === undefined) throw new UsageError('sweep: --resume must go with --out DIR, the sweep to go on with');
  const other = command.options.find((option) => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === 'cli' && !RESUME_OPTIONS.includes(name);
  });
  if (other !== undefined) {
    throw new UsageError(`sweep: --resume goes on as the sweep was started, got ${other.flags} with it; leave it out`);
  }
  const sweep = await readSweep(resolve(out));
  const { engine } = sweep.request;
  const isGiven = command.getOptionValueSource('threads') === 'cli';
  const threads = isGiven ? options.threads : usesOneThread(command, options) ? 1 : engine.threads;
  const request = { ...sweep.request, engine: { ...engine, threads } };
  return { ...sweep, request, workers: workers ?? sweep.workers };
}

async function runAndPrint(sweep: Sweep, json: boolean): Promise<void> {
  const { out, tensorboard } = sweep.request;
  const { space } = sweep.plan;
  if (tensorboard === true) await writeHparamsExperiment(out, space);
  const { trials, interrupted } = await runSweep(sweep, async (state) => {
    if (tensorboard === true) await writeHparamsOfTrial(out, space, state);
  });
  const rows = rankRuns(classRuns(await readRunRecords(out)), 'accuracy');
  const measured = rows.filter(({ validation }) => validation !== null);
  if (measured.length > 0) note(runsTable(measured));
  const stopped = trials.filter(({ status }) => status === 'stopped').length;
  const failed = trials.filter(({ failure }) => failure !== null);
  if (stopped > 0)
    note(`${stopped} of ${trials.length} trials were stopped early; to continue one, use train --resume`);
  for (const { trial, failure } of failed) note(`${trialName(trial)} failed: ${failure?.message ?? ''}`);
  const report = await writeSweepReport(out);
  note(`Report: ${report}`);
  if (json) process.stdout.write(`${JSON.stringify({ best: rows.at(0) ?? null, runs: rows, trials, report })}\n`);
  if (interrupted) process.exitCode = INTERRUPTED;
  else if (failed.length > 0) process.exitCode = 1;
}
