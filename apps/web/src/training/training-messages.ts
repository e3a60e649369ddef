import type { EpochSummary, Evaluation, ModelFiles, PresetName, StopReason } from '@digits/model';

/** What one run is asked to do. */
export interface TrainingRequest {
  readonly preset: PresetName;
  readonly seed: number;
  readonly epochs: number;
}

/** Where a run stands, for display. */
export interface RunProgress {
  /** Counted from 0. */
  readonly epoch: number;
  readonly numEpochs: number;
  /** Steps taken and to take, over all epochs. */
  readonly step: number;
  readonly totalSteps: number;
  /** Means over the epoch so far, of the training images. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the last step. */
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** A validation image that was answered wrongly. */
export interface Mistake {
  /** `[28, 28]` uint8. */
  readonly image: Uint8Array;
  /** Names of the true class and of the answer. */
  readonly label: string;
  readonly answer: string;
  /** Probability of the answer. */
  readonly confidence: number;
}

/** The latest answers to the validation images. */
export interface AnswersSoFar {
  readonly classNames: readonly string[];
  /** `[numClasses][numClasses]` counts: rows are the true class. */
  readonly confusionMatrix: readonly (readonly number[])[];
  readonly numAnswered: number;
  readonly numRight: number;
  /** The surest first. */
  readonly mistakes: readonly Mistake[];
}

/** What a run leaves. */
export interface TrainingOutcome {
  /** SHA-256 of the float32 weights. */
  readonly weightsSha256: string;
  /** Whether a run of the trainer with the same preset, seed and epochs has the same hash. */
  readonly isComparable: boolean;
  readonly stopped: StopReason;
  readonly bestEpoch: number | null;
  readonly seconds: number;
  readonly parameters: number;
  readonly test: Evaluation;
  readonly files: ModelFiles;
}

/** What the worker tells. */
export type TrainingEvent =
  | { readonly type: 'loading'; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly type: 'preparing' }
  | { readonly type: 'progress'; readonly progress: RunProgress }
  /** SVG elements as text. */
  | { readonly type: 'curves'; readonly loss: string; readonly accuracy: string }
  | { readonly type: 'answers'; readonly answers: AnswersSoFar }
  | { readonly type: 'epoch'; readonly summary: EpochSummary }
  | { readonly type: 'testing' }
  | { readonly type: 'done'; readonly outcome: TrainingOutcome }
  | { readonly type: 'failed'; readonly message: string };

/** What the worker is told. */
export type TrainingCommand =
  | { readonly type: 'start'; readonly request: TrainingRequest; readonly mnistUrl: string }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** Ends the run with the best weights so far. */
  | { readonly type: 'stop' }
  /** Multiplies the learning rate of the schedule from now on. */
  | { readonly type: 'learningRate'; readonly factor: number };
