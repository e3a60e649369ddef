import type { EpochSummary } from '@digits/model';
import { proxy, type Remote } from 'comlink';
import { siteUrl } from '../site-files.ts';
import type { TrainingProgress } from '@digits/model';
import type { RunSnapshot, TrainingEvent } from '../training/run-watch.ts';
import type { TrainingOutcome, PageRequest } from '../training/training-run.ts';
import { type StartedWorker, startWorker } from '../workers/start-worker.ts';
import type { TrainCalls } from '../workers/train-worker.ts';

/** Stage of a run. */
export type RunPhase = 'idle' | 'loading' | 'preparing' | 'training' | 'paused' | 'testing' | 'done' | 'failed';

/** What there is to see of the latest run. */
export interface RunState {
  readonly phase: RunPhase;
  readonly request: PageRequest | null;
  /** Of MNIST's packed files, in bytes. */
  readonly loaded: { readonly bytes: number; readonly total: number };
  readonly progress: TrainingProgress | null;
  readonly snapshot: RunSnapshot | null;
  readonly epochs: readonly EpochSummary[];
  /** What the schedule's learning rate is multiplied by. */
  readonly rateFactor: number;
  readonly outcome: TrainingOutcome | null;
  /** Why it failed; '' where it did not. */
  readonly message: string;
}

/** What can happen to a run. */
export type RunAction =
  | TrainingEvent
  | { readonly type: 'started'; readonly request: PageRequest }
  | { readonly type: 'done'; readonly outcome: TrainingOutcome }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'rateScaled'; readonly factor: number };

/** Before the first run. */
export const NO_RUN: RunState = {
  phase: 'idle',
  request: null,
  loaded: { bytes: 0, total: 0 },
  progress: null,
  snapshot: null,
  epochs: [],
  rateFactor: 1,
  outcome: null,
  message: '',
};

/** @returns whether the run goes on, so that no other can be started and leaving the page would lose it */
export function isUnderWay({ phase }: RunState): boolean {
  return phase !== 'idle' && phase !== 'done' && phase !== 'failed';
}

/** Gives the state after something happened; a run that is paused may still tell of the steps that it was in. */
export function reduceRun(state: RunState, action: RunAction): RunState {
  switch (action.type) {
    case 'started':
      return { ...NO_RUN, phase: 'loading', request: action.request };
    case 'loading':
      return { ...state, loaded: { bytes: action.loadedBytes, total: action.totalBytes } };
    case 'preparing':
      return { ...state, phase: 'preparing' };
    case 'progress':
      return { ...state, phase: state.phase === 'paused' ? 'paused' : 'training', progress: action.progress };
    case 'snapshot':
      return { ...state, snapshot: action.snapshot };
    case 'epoch':
      return { ...state, epochs: [...state.epochs, action.summary] };
    case 'paused':
      return { ...state, phase: 'paused' };
    case 'resumed':
      return { ...state, phase: 'training' };
    case 'rateScaled':
      return { ...state, rateFactor: action.factor };
    case 'testing':
      return { ...state, phase: 'testing' };
    case 'done':
      return { ...state, phase: 'done', outcome: action.outcome };
    case 'failed':
      return { ...state, phase: 'failed', message: action.message };
  }
}

/*
 * The run lives beside the components: it goes on while another page of the site is looked at.
 */
let state = NO_RUN;
let trainer: StartedWorker<TrainCalls> | null = null;
const listeners = new Set<() => void>();

/** For `useSyncExternalStore`. */
export function subscribeToRun(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @returns the latest run as it is now */
export function currentRun(): RunState {
  return state;
}

/** @returns what the exported page shows */
export function noRun(): RunState {
  return NO_RUN;
}

/** Starts a run. The worker is started with the first one: its code, the kernels for training and MNIST are loaded only then. */
export function startRun(request: PageRequest): void {
  trainer ??= startWorker<TrainCalls>('train-worker');
  happen({ type: 'started', request });
  const mnistUrl = new URL(siteUrl('/mnist'), location.href).href;
  tell(async (worker) => {
    happen({ type: 'done', outcome: await worker.train(request, mnistUrl, proxy(happen)) });
  });
}

/** The run waits after the steps that it is in. */
export function pauseRun(): void {
  tell((worker) => worker.pause());
  happen({ type: 'paused' });
}

/** Goes on where {@link pauseRun} left off. */
export function resumeRun(): void {
  tell((worker) => worker.resume());
  happen({ type: 'resumed' });
}

/** Ends the run with the best weights so far. */
export function stopRun(): void {
  tell((worker) => worker.stop());
}

/** @param factor what the schedule's learning rate is multiplied by from now on */
export function scaleLearningRate(factor: number): void {
  tell((worker) => worker.scaleLearningRate(factor));
  happen({ type: 'rateScaled', factor });
}

function tell(ask: (worker: Remote<TrainCalls>) => Promise<void>): void {
  trainer?.call(ask).catch((error: unknown) => {
    trainer?.terminate();
    trainer = null;
    happen({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
}

function happen(action: RunAction): void {
  state = reduceRun(state, action);
  for (const listener of listeners) listener();
}
