import type { TrainingRequest } from '../training/training-messages.ts';
import { startTrainer, type Trainer } from '../workers/trainer.ts';
import { NO_RUN, reduceRun, type RunAction, type RunState } from './run-state.ts';

/*
 * The run lives beside the components: it goes on while another page of the site is looked at.
 */
let state = NO_RUN;
let trainer: Trainer | null = null;
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

/** Starts a run; the worker is started with the first one. */
export function startRun(request: TrainingRequest): void {
  trainer ??= startTrainer(happen);
  happen({ type: 'started', request });
  trainer.start(request);
}

/** The run waits after the steps that it is in. */
export function pauseRun(): void {
  trainer?.tell({ type: 'pause' });
  happen({ type: 'paused' });
}

/** Goes on where {@link pauseRun} left off. */
export function resumeRun(): void {
  trainer?.tell({ type: 'resume' });
  happen({ type: 'resumed' });
}

/** Ends the run with the best weights so far. */
export function stopRun(): void {
  trainer?.tell({ type: 'stop' });
}

/** @param factor what the schedule's learning rate is multiplied by from now on */
export function scaleLearningRate(factor: number): void {
  trainer?.tell({ type: 'learningRate', factor });
  happen({ type: 'rateScaled', factor });
}

function happen(action: RunAction): void {
  state = reduceRun(state, action);
  if (action.type === 'failed') {
    trainer?.terminate();
    trainer = null;
  }
  for (const listener of listeners) listener();
}
