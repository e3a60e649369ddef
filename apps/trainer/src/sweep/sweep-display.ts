import type { EpochSummary, TrainingProgress } from '@digits/model';
import cliProgress from 'cli-progress';
import { note } from '../command-line.ts';
import { formatDuration, percent } from '../formats.ts';
import { BAR } from '../run/progress.ts';
import { compareScores } from './sampler.ts';
import type { Job, TrialState } from './scheduler.ts';
import { showSettings } from './space.ts';
import { trialName } from './sweep-folder.ts';

/** Progress of a sweep in the terminal. */
export interface SweepDisplay {
  /** A trial begins, or goes on after it was stopped. */
  started(job: Job): void;
  progress(trial: number, progress: TrainingProgress): void;
  epoch(trial: number, summary: EpochSummary, numEpochs: number): void;
  /** A trial has ended, for now or for good. */
  ended(state: TrialState, overview: SweepOverview): void;
  /** A line that stays. */
  line(text: string): void;
  stop(): void;
}

/** The whole sweep at some moment. */
export interface SweepOverview {
  readonly trials: readonly TrialState[];
  /** Null while it is unknown. */
  readonly secondsLeft: number | null;
}

/** A table that refreshes in place on a terminal, plain lines elsewhere; always on standard error. */
export function createSweepDisplay(numTrials: number, isTerminal = process.stderr.isTTY): SweepDisplay {
  return isTerminal ? createTable(numTrials) : createLines(numTrials);
}

function createLines(numTrials: number): SweepDisplay {
  return {
    started: (job) => {
      note(describeJob(job, numTrials));
    },
    progress: () => {},
    epoch: (trial, { epoch, validationAccuracy }, numEpochs) => {
      note(`${trialName(trial)}  epoch ${epoch}/${numEpochs}  validation accuracy ${percent(validationAccuracy)}`);
    },
    ended: (state, overview) => {
      note(`${describeEnd(state)}; ${describeOverview(overview)}`);
    },
    line: note,
    stop: () => {},
  };
}

function createTable(numTrials: number): SweepDisplay {
  const table = new cliProgress.MultiBar({ ...BAR, barsize: 12, linewrap: false, format: '' });
  const summary = table.create(numTrials, 0, {}, { format: 'sweep      {bar}  {value} of {total} trials{text}' });
  summary.update(0, { text: '' });
  const rows = new Map<number, cliProgress.SingleBar>();
  const rowFormat = '{name}  {bar}  epoch {epoch}  {figure}  {settings}';
  return {
    started: ({ trial, settings }) => {
      const payload = {
        name: trialName(trial),
        epoch: '-  ',
        figure: 'starting'.padEnd(WIDTH),
        settings: showSettings(settings),
      };
      rows.set(trial, table.create(1, 0, payload, { format: rowFormat }));
    },
    progress: (trial, { step, totalSteps, epoch, numEpochs, accuracy }) => {
      const row = rows.get(trial);
      row?.setTotal(totalSteps);
      row?.update(step, { epoch: `${epoch}/${numEpochs}`, figure: `training ${percent(accuracy)}`.padEnd(WIDTH) });
    },
    epoch: (trial, { validationAccuracy }) => {
      rows.get(trial)?.update({ figure: `validation ${percent(validationAccuracy)}`.padEnd(WIDTH) });
    },
    ended: (state, overview) => {
      const row = rows.get(state.trial);
      if (row !== undefined) table.remove(row);
      rows.delete(state.trial);
      table.log(`${describeEnd(state)}\n`);
      const numEnded = overview.trials.filter(({ status }) => status !== 'running').length;
      summary.update(numEnded, { text: `  ${describeOverview(overview)}` });
    },
    line: (text) => {
      table.log(`${text}\n`);
    },
    stop: () => {
      table.stop();
    },
  };
}

/** Fixed width of a row's figure, which keeps the columns in place. */
const WIDTH = 'validation 100.00%'.length;

function describeJob({ trial, settings, untilEpoch }: Job, numTrials: number): string {
  const until = untilEpoch === null ? '' : `, until epoch ${untilEpoch}`;
  return `Trial ${trial + 1} of ${numTrials}${until}: ${showSettings(settings)}`;
}

const OUTCOMES = { running: 'interrupted', stopped: 'stopped', finished: 'finished', failed: 'failed' } as const;

function describeEnd({ trial, status, epochs, score, failure }: TrialState): string {
  const name = `${trialName(trial)}  ${OUTCOMES[status]}`;
  if (failure !== null) return `${name}: ${failure.message}`;
  return `${name} after ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}${score === null ? '' : `, validation accuracy ${percent(score.accuracy)}`}`;
}

function describeOverview({ trials, secondsLeft }: SweepOverview): string {
  const ranked = trials
    .flatMap(({ trial, score }) => (score === null ? [] : [{ trial, score }]))
    .sort((a, b) => compareScores(a.score, b.score));
  const running = trials.filter(({ status }) => status === 'running').length;
  const failed = trials.filter(({ status }) => status === 'failed').length;
  return [
    `${running} running`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...ranked.slice(0, 1).map(({ trial, score }) => `best ${percent(score.accuracy)} (${trialName(trial)})`),
    ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
  ].join(', ');
}
