import type { TrainingProgress } from '@digits/model';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { INTERRUPTED } from '../command-line.ts';
import { readRunRecord, type RunRecord } from '../run/run-record.ts';
import { whileLocked } from '../run/run-lock.ts';
import type { RunRequest } from '../run/training-request.ts';
import type { Score } from './sampler.ts';
import {
  createScheduler,
  type Job,
  type Scheduler,
  type SweepPlan,
  type TrialEvent,
  type TrialFailure,
  type TrialState,
} from './scheduler.ts';
import { createSweepDisplay, type SweepDisplay } from './sweep-display.ts';
import { appendEvent, readEvents, type Sweep, trialFolder, writeEvents } from './sweep-folder.ts';
import { startTrialProcess, type TrialEnd, type TrialMessage, type TrialProcess } from './trial-process.ts';

/** How a sweep ended. */
export interface SweepResult {
  readonly trials: readonly TrialState[];
  readonly interrupted: boolean;
}

/** Returns what a trial trains. */
function trialRequest({ request }: Sweep, { trial, settings }: Pick<Job, 'trial' | 'settings'>): RunRequest {
  const out = trialFolder(request.out, trial);
  return { ...request, settings: { ...request.settings, ...settings }, out };
}

/**
 * Trains the trials of a sweep in parallel, each in a separate process. The first Ctrl-C stops it with a checkpoint of each running trial,
 * the second at once. In both cases, the sweep can be resumed.
 *
 * @param onEnded called for each trial that ends, and awaited
 * @throws Error if the sweep's own files cannot be read or written, or another process writes its folder
 */
export async function runSweep(sweep: Sweep, onEnded: (state: TrialState) => Promise<void>): Promise<SweepResult> {
  return whileLocked(sweep.request.out, async (lost) => {
    const events = await eventsToResume(sweep);
    await writeEvents(sweep.request.out, events);
    const scheduler = createScheduler(sweep.plan, events);
    const display = createSweepDisplay(scheduler.numTrials);
    const pool = new TrialPool(sweep, scheduler, display, onEnded);
    const interrupt = () => {
      if (pool.isPausing) process.exit(INTERRUPTED);
      display.line('Stopping after this step, with a checkpoint of each trial. Ctrl-C again stops at once.');
      pool.pause();
    };
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', interrupt);
    try {
      await pool.runToTheEnd(lost);
      return { trials: scheduler.trials(), interrupted: pool.isPausing };
    } finally {
      pool.abandon();
      display.stop();
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    }
  });
}

/** Reads the events without outdated ends: those of trials whose folder is gone, and those that may differ this time. */
async function eventsToResume({ request }: Sweep): Promise<readonly TrialEvent[]> {
  const events = await readEvents(request.out);
  return events.filter((event) => {
    if (event.type === 'started') return true;
    if (event.failure !== null) return event.failure.kind === 'diverged';
    return !event.finished || existsSync(join(trialFolder(request.out, event.trial), 'metrics.json'));
  });
}

/** Processes that are training. */
class TrialPool {
  readonly #sweep: Sweep;
  readonly #scheduler: Scheduler;
  readonly #display: SweepDisplay;
  readonly #onEnded: (state: TrialState) => Promise<void>;
  readonly #running = new Map<number, TrialProcess>();
  readonly #ended: { readonly job: Job; readonly end: TrialEnd }[] = [];
  readonly #memory = new MemoryBudget();
  readonly #pace: SweepPace;
  #wake = () => {};
  isPausing = false;

  constructor(
    sweep: Sweep,
    scheduler: Scheduler,
    display: SweepDisplay,
    onEnded: (state: TrialState) => Promise<void>,
  ) {
    this.#sweep = sweep;
    this.#scheduler = scheduler;
    this.#display = display;
    this.#onEnded = onEnded;
    this.#pace = new SweepPace(sweep.plan, scheduler);
  }

  /**
   * Trains until nothing is left, or all trials are paused.
   *
   * @param lost aborts if the folder may be written by another process
   */
  async runToTheEnd(lost: AbortSignal): Promise<void> {
    lost.addEventListener('abort', () => {
      this.#wake();
    });
    for (;;) {
      const woken = new Promise<void>((wake) => (this.#wake = wake));
      await this.#startTrials();
      if (this.#running.size === 0 && this.#ended.length === 0) return;
      if (this.#ended.length === 0) await woken;
      lost.throwIfAborted();
      for (const { job, end } of this.#ended.splice(0)) await this.#take(job, end);
    }
  }

  /** Starts no more trials, and ends those that run with a checkpoint. */
  pause(): void {
    this.isPausing = true;
    for (const trial of this.#running.values()) trial.pause();
    this.#wake();
  }

  /** Ends what still runs at once. */
  abandon(): void {
    for (const trial of this.#running.values()) trial.abandon();
  }

  async #startTrials(): Promise<void> {
    while (!this.isPausing && this.#running.size < this.#sweep.workers) {
      if (this.#running.size > 0) {
        const shortage = this.#memory.shortage(this.#running.size);
        if (shortage !== null) this.#display.line(shortage);
        if (!this.#memory.hasRoom()) return;
      }
      const job = this.#scheduler.next();
      if (job === null) return;
      await this.#start(job);
    }
  }

  async #start(job: Job): Promise<void> {
    const event = { type: 'started', ...job } as const;
    this.#scheduler.apply(event);
    await appendEvent(this.#sweep.request.out, event);
    this.#display.started(job);
    const request = trialRequest(this.#sweep, job);
    const resume = existsSync(join(request.out, 'config.json'));
    const data = { request: { ...request, resume }, pauseAfterEpoch: job.untilEpoch };
    const trial = startTrialProcess(data, (message) => {
      this.#hear(job.trial, message);
    });
    this.#running.set(job.trial, trial);
    void trial.ended.then((end) => {
      this.#running.delete(job.trial);
      this.#ended.push({ job, end });
      this.#wake();
    });
  }

  #hear(trial: number, message: TrialMessage): void {
    switch (message.type) {
      case 'memory':
        if (this.#memory.measured(message.bytes, this.#pace.hasBegun(trial))) this.#wake();
        return;
      case 'progress':
        this.#pace.progressed(trial, message.progress);
        this.#display.progress(trial, message.progress);
        return;
      case 'epoch':
        this.#display.epoch(trial, message.summary, message.numEpochs);
    }
  }

  async #take(job: Job, end: TrialEnd): Promise<void> {
    const { trial, untilEpoch } = job;
    this.#pace.ended(trial);
    const record = await readTrial(trialFolder(this.#sweep.request.out, trial));
    const epochs = record?.history.length ?? 0;
    const finished = end.type === 'ended' && end.finished;
    // A trial that was paused before it could be compared has not ended; it goes on when the sweep is resumed.
    if (end.type === 'ended' && !finished && (untilEpoch === null || epochs < untilEpoch)) return;
    const failure = end.type === 'failed' ? failureOf(end.message, record) : null;
    const score = failure === null && record !== null ? scoreOf(record) : null;
    const event = { type: 'ended', trial, epochs, score, finished, failure } as const;
    this.#scheduler.apply(event);
    await appendEvent(this.#sweep.request.out, event);
    const trials = this.#scheduler.trials();
    const state = trials.find((one) => one.trial === trial);
    if (state === undefined) return;
    this.#display.ended(state, { trials, secondsLeft: this.#pace.secondsLeft() });
    await this.#onEnded(state);
  }
}

/** @returns null if the run got to nothing, or its files are damaged */
async function readTrial(folder: string): Promise<RunRecord | null> {
  try {
    return await readRunRecord(folder);
  } catch {
    return null;
  }
}

function failureOf(message: string, record: RunRecord | null): TrialFailure {
  return record?.failure == null ? { kind: 'error', message } : { kind: 'diverged', message: record.failure.message };
}

/** Returns the validation figures of the epoch whose weights are kept. */
function scoreOf({ history }: RunRecord): Score | null {
  const best = history.reduce<RunRecord['history'][number] | null>(
    (kept, epoch) => (kept === null || epoch.validationLoss < kept.validationLoss ? epoch : kept),
    null,
  );
  return best && { accuracy: best.validationAccuracy, loss: best.validationLoss };
}

/** Decides whether one more trial fits into memory: as much as the largest trial so far must be free. */
class MemoryBudget {
  #largestBytes = 0;
  #isKnown = false;
  #hasTold = false;

  /**
   * Takes note of the memory of a trial's process.
   *
   * @param isTraining whether it has read its data: earlier figures are too small
   * @returns whether this is the first time that a trial's memory is known
   */
  measured(bytes: number, isTraining: boolean): boolean {
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
    if (this.#isKnown || !isTraining) return false;
    this.#isKnown = true;
    return true;
  }

  /** Whether one more trial fits; until the first one has told what it takes, none does. */
  hasRoom(): boolean {
    return this.#isKnown && process.availableMemory() > this.#largestBytes;
  }

  /** Returns a line for the user if the memory is short, and null if it is not or the user knows. */
  shortage(numRunning: number): string | null {
    if (!this.#isKnown || this.#hasTold || this.hasRoom()) return null;
    this.#hasTold = true;
    const [needed, free] = [this.#largestBytes, process.availableMemory()].map((bytes) => (bytes / 1e9).toFixed(1));
    return `Running ${numRunning} at a time: another trial needs ${needed} GB of memory, but only ${free} GB are free.`;
  }
}

/** Speed of a sweep. */
class SweepPace {
  readonly #plan: SweepPlan;
  readonly #scheduler: Scheduler;
  readonly #startedAt = performance.now();
  /** Epochs of each running trial, including fractions: at its first message and now. */
  readonly #running = new Map<number, { readonly first: number; now: number }>();
  /** Epochs that were trained by processes that have ended. */
  #epochsTrained = 0;

  constructor(plan: SweepPlan, scheduler: Scheduler) {
    this.#plan = plan;
    this.#scheduler = scheduler;
  }

  hasBegun(trial: number): boolean {
    return this.#running.has(trial);
  }

  progressed(trial: number, { step, stepsPerEpoch }: TrainingProgress): void {
    const now = step / stepsPerEpoch;
    this.#running.set(trial, { first: this.#running.get(trial)?.first ?? now, now });
  }

  ended(trial: number): void {
    const { first, now } = this.#running.get(trial) ?? { first: 0, now: 0 };
    this.#epochsTrained += now - first;
    this.#running.delete(trial);
  }

  /** Returns the estimated time for the remaining epochs; null before anything was trained. */
  secondsLeft(): number | null {
    const running = [...this.#running.values()];
    const trained = running.reduce((sum, { first, now }) => sum + now - first, this.#epochsTrained);
    if (trained === 0) return null;
    const done = this.#scheduler.trials().reduce((sum, { trial, status, epochs }) => {
      const isWhole = this.#plan.strategy !== 'asha' && (status === 'finished' || status === 'failed');
      return sum + (isWhole ? this.#plan.epochs : (this.#running.get(trial)?.now ?? epochs));
    }, 0);
    const secondsPerEpoch = (performance.now() - this.#startedAt) / 1000 / trained;
    return Math.max(0, this.#scheduler.expectedEpochs - done) * secondsPerEpoch;
  }
}
