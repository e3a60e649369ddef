import type { EpochSummary } from '@digits/model';
import type {
  AnswersSoFar,
  RunProgress,
  TrainingEvent,
  TrainingOutcome,
  TrainingRequest,
} from '../training/training-messages.ts';

export type RunPhase = 'idle' | 'loading' | 'preparing' | 'training' | 'paused' | 'testing' | 'done' | 'failed';

/** What there is to see of the latest run. */
export interface RunState {
  readonly phase: RunPhase;
  readonly request: TrainingRequest | null;
  /** Of MNIST's packed files, in bytes. */
  readonly loaded: { readonly bytes: number; readonly total: number };
  readonly progress: RunProgress | null;
  /** SVG elements as text. */
  readonly curves: { readonly loss: string; readonly accuracy: string } | null;
  readonly answers: AnswersSoFar | null;
  readonly epochs: readonly EpochSummary[];
  /** What the schedule's learning rate is multiplied by. */
  readonly rateFactor: number;
  readonly outcome: TrainingOutcome | null;
  /** Why it failed; '' where it did not. */
  readonly message: string;
}

export type RunAction =
  | TrainingEvent
  | { readonly type: 'started'; readonly request: TrainingRequest }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'rateScaled'; readonly factor: number };

/** Before the first run. */
export const NO_RUN: RunState = {
  phase: 'idle',
  request: null,
  loaded: { bytes: 0, total: 0 },
  progress: null,
  curves: null,
  answers: null,
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
    case 'curves':
      return { ...state, curves: { loss: action.loss, accuracy: action.accuracy } };
    case 'answers':
      return { ...state, answers: action.answers };
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
