import { compareScores, planGrid, proposeSettings, type Score, type Strategy } from './sampler.ts';
import type { Space, TrialSettings } from './space.ts';

/** Search space of a sweep, and its strategy. */
export interface SweepPlan {
  readonly space: Space;
  readonly strategy: Strategy;
  /** Maximum number of trials. */
  readonly trials: number;
  readonly seed: number;
  /** Epochs of a whole training, if a trial does not set its own. */
  readonly epochs: number;
  /** Epochs after which `asha` compares trials for the first time. */
  readonly minEpochs: number;
  /** One of so many trials goes on after each comparison of `asha`. */
  readonly reduction: number;
}

/** Why a trial has no result. */
export interface TrialFailure {
  /** Whether the training diverged, which it would do again, or something else went wrong. */
  readonly kind: 'diverged' | 'error';
  readonly message: string;
}

/** Start or end of a trial: one line of `trials.jsonl`. */
export type TrialEvent =
  | {
      readonly type: 'started';
      readonly trial: number;
      readonly settings: TrialSettings;
      /** Epoch at which it stops to be compared; null if it trains to its end. */
      readonly untilEpoch: number | null;
    }
  | {
      readonly type: 'ended';
      readonly trial: number;
      /** Number of completed epochs. */
      readonly epochs: number;
      /** Score of its best epoch so far; null if it failed. */
      readonly score: Score | null;
      /** Whether the training came to its end, and its model is measured. */
      readonly finished: boolean;
      readonly failure: TrialFailure | null;
    };

/** A part of a trial to be trained. */
export interface Job {
  readonly trial: number;
  readonly settings: TrialSettings;
  /** Epoch at which it stops to be compared; null if it trains to its end. */
  readonly untilEpoch: number | null;
}

/** State of a trial. */
export interface TrialState {
  readonly trial: number;
  readonly settings: TrialSettings;
  /** `stopped` by asha until it is promoted, if it ever is. */
  readonly status: 'running' | 'stopped' | 'finished' | 'failed';
  readonly epochs: number;
  readonly score: Score | null;
  readonly failure: TrialFailure | null;
}

/** Decides which trial trains next. */
export interface Scheduler {
  /**
   * Returns what to train next; null if nothing is left, or nothing until a running trial ends.
   *
   * The answer depends on the plan and on the events until then alone.
   */
  next(): Job | null;
  /** Records an event. */
  apply(event: TrialEvent): void;
  /** All trials that were started, by their number. */
  trials(): readonly TrialState[];
  /** Number of trials that the plan makes, at most. */
  readonly numTrials: number;
  /** Epochs that the whole sweep is expected to take. */
  readonly expectedEpochs: number;
}

interface Entry extends TrialState {
  /** Index of the comparison that it was last trained for. */
  readonly rung: number;
  /** Score at each comparison; null if the trial failed. */
  readonly scores: readonly (Score | null)[];
}

/**
 * Starts the scheduler of a sweep, or that of a sweep that is resumed.
 *
 * @param events in their order; trials that were started and have not ended come first
 * @see Li et al. (2020), A System for Massively Parallel Hyperparameter Tuning, algorithm 2, for `asha`
 */
export function createScheduler(plan: SweepPlan, events: readonly TrialEvent[] = []): Scheduler {
  const { space, strategy, seed } = plan;
  const rungs = strategy === 'asha' ? rungsOf(plan) : [null];
  const grid = strategy === 'grid' ? planGrid(space, plan.trials, seed) : [];
  const numTrials = strategy === 'grid' ? grid.length : plan.trials;
  const entries = new Map<number, Entry>();
  let isExhausted = false;

  const apply = (event: TrialEvent): void => {
    const before = entries.get(event.trial);
    if (event.type === 'started') {
      const { trial, settings, untilEpoch } = event;
      const fresh = { trial, settings, epochs: 0, score: null, scores: [] };
      entries.set(trial, { ...(before ?? fresh), status: 'running', failure: null, rung: rungs.indexOf(untilEpoch) });
      return;
    }
    if (before === undefined) return;
    const { epochs, score, finished, failure } = event;
    const scores = [...before.scores];
    scores[before.rung] = score;
    const status = failure !== null ? 'failed' : finished ? 'finished' : 'stopped';
    entries.set(event.trial, { ...before, epochs, score, scores, failure, status });
  };
  events.forEach(apply);
  const interrupted = [...entries.values()].filter(({ status }) => status === 'running');

  const propose = (): Job | null => {
    if (entries.size >= numTrials || isExhausted) return null;
    const [untilEpoch] = rungs;
    if (strategy === 'grid') {
      const planned = grid.find(({ number }) => !entries.has(number));
      return planned === undefined ? null : { trial: planned.number, settings: planned.settings, untilEpoch };
    }
    const all = [...entries.values()];
    const ended = all.filter(({ status }) => status !== 'running');
    const settings = proposeSettings(
      { space, strategy, seed, trial: entries.size },
      all.map((entry) => entry.settings),
      ended,
    );
    isExhausted = settings === null;
    return settings && { trial: entries.size, settings, untilEpoch };
  };

  const membersOf = (rung: number) =>
    [...entries.values()]
      .filter(({ scores }) => scores.length > rung)
      .sort((a, b) => compareScores(a.scores[rung], b.scores[rung]) || a.trial - b.trial);

  /** Lets a trial go on to the next comparison; one that came to its end before has nothing left to train. */
  const promote = (): Job | null => {
    for (let rung = rungs.length - 2; rung >= 0; rung--) {
      const members = membersOf(rung);
      const best = members.slice(0, Math.floor(members.length / plan.reduction));
      for (const entry of best.filter((one) => one.rung === rung)) {
        if (entry.status === 'stopped') return promotionOf(entry);
        if (entry.status !== 'finished') continue;
        entries.set(entry.trial, { ...entry, rung: rung + 1, scores: [...entry.scores, entry.score] });
        return promote();
      }
    }
    return null;
  };
  const promotionOf = ({ trial, settings, rung }: Entry): Job => ({ trial, settings, untilEpoch: rungs[rung + 1] });

  /** Continues the best trial if there are too few to compare: every sweep ends with a trained model. */
  const promoteLast = (): Job | null => {
    const all = [...entries.values()];
    if (all.some(({ status }) => status === 'running' || status === 'finished')) return null;
    for (let rung = rungs.length - 2; rung >= 0; rung--) {
      const best = membersOf(rung).find((entry) => entry.status === 'stopped' && entry.rung === rung);
      if (best !== undefined) return promotionOf(best);
    }
    return null;
  };

  return {
    apply,
    next: () => {
      const first = interrupted.shift();
      if (first !== undefined) return { trial: first.trial, settings: first.settings, untilEpoch: rungs[first.rung] };
      return promote() ?? propose() ?? promoteLast();
    },
    trials: () =>
      [...entries.values()]
        .map(({ trial, settings, status, epochs, score, failure }) => ({
          trial,
          settings,
          status,
          epochs,
          score,
          failure,
        }))
        .sort((a, b) => a.trial - b.trial),
    numTrials,
    expectedEpochs: expectedEpochsOf(plan, numTrials),
  };
}

/** Epochs at which `asha` compares trials; null stands for the end of the training. */
function rungsOf({ minEpochs, reduction, epochs }: SweepPlan): readonly (number | null)[] {
  const rungs: (number | null)[] = [];
  for (let epoch = minEpochs; epoch < epochs; epoch *= reduction) rungs.push(epoch);
  return [...rungs, null];
}

function expectedEpochsOf(plan: SweepPlan, numTrials: number): number {
  if (plan.strategy !== 'asha') return numTrials * plan.epochs;
  let before = 0;
  let numLeft = numTrials;
  return rungsOf(plan).reduce<number>((sum, rung) => {
    const epochs = rung ?? plan.epochs;
    const added = numLeft * (epochs - before);
    before = epochs;
    numLeft = Math.max(1, Math.floor(numLeft / plan.reduction));
    return sum + added;
  }, 0);
}
