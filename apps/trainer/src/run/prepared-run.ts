import type { LabelledImages } from '@digits/data';
import type {
  Engine,
  EpochSummary,
  TrainingConfig,
  TrainingData,
  TrainingImages,
  TrainingProgress,
  Weights,
} from '@digits/model';
import type { DatasetProgress } from '../dataset/open-dataset.ts';
import type { Preprocessing } from '../dataset/prepare-images.ts';
import type { RunFolder } from './run-folder.ts';
import type { ClassSummary, PixelSummary, TrainingSummary } from './run-record.ts';

/** What a run tells while it goes on, and at its end. */
export type TrainingEvent =
  | { readonly type: 'note'; readonly text: string }
  /** So many more of all pages of the run are generated. */
  | { readonly type: 'pages'; readonly count: number; readonly total: number }
  /** So many more of all files of the data set are read. */
  | {
      readonly type: 'files';
      readonly count: number;
      readonly total: number;
      readonly things: Parameters<DatasetProgress>[2];
    }
  | { readonly type: 'progress'; readonly progress: TrainingProgress }
  | { readonly type: 'epoch'; readonly summary: EpochSummary; readonly numEpochs: number }
  | { readonly type: 'done'; readonly summary: TrainingSummary }
  /** Paused with a checkpoint and without a model. */
  | { readonly type: 'paused' }
  | { readonly type: 'failed'; readonly message: string; readonly stack: string; readonly cause: FailureCause };

/** Whether the command line, the person at the keyboard or something else made a run fail. */
export type FailureCause = 'usage' | 'interruption' | 'other';

/** The images of a run, and what becomes of the weights that they give. */
export interface PreparedRun<Images extends TrainingImages = TrainingImages> {
  readonly config: TrainingConfig;
  readonly data: TrainingData<Images>;
  readonly preprocessing: Preprocessing;
  readonly checksum: string;
  /** SHA-256 of what is added to the training images; null if nothing is. */
  readonly addedChecksum: string | null;
  /** What the run is trained on, for the line that announces it. */
  readonly summary: string;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
  /** Number of images of the data set that are left out. */
  readonly numRejected: number;
  /** Writes what else the run folder holds about the data set, before the training starts. */
  writeFacts(run: RunFolder): Promise<void>;
  /**
   * Makes the model of the trained weights, saves it with what else belongs to it, and measures it.
   *
   * @returns what `metrics.json` says of the model, and the test split, null without one
   */
  finish(run: RunFolder, weights: Weights, engine: Engine): Promise<FinishedModel>;
}

/** A saved model's part of the summary. */
export interface FinishedModel {
  readonly figures: Pick<ClassSummary, 'validation' | 'test'> | Pick<PixelSummary, 'figures'>;
  readonly weightsSha256: string;
  readonly test: LabelledImages | null;
}
