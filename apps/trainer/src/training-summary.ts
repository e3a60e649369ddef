import type { Evaluation, TrainingResult } from '@digits/model';

/** What `train --json` prints: field names are a contract. */
export interface TrainingSummary {
  readonly preset: string | null;
  readonly engine: string;
  readonly threads: number;
  readonly seed: number;
  readonly parameters: number;
  readonly epochs: number;
  readonly stopped: TrainingResult['stopped'];
  readonly bestEpoch: number | null;
  /** Training and validation, in seconds; loading and the test split aside. */
  readonly trainingSeconds: number;
  /** Training images a second over the epochs, validation included. */
  readonly imagesPerSecond: number;
  readonly weightsSha256: string;
  readonly modelDir: string;
  readonly report: string;
  readonly validation: Evaluation;
  readonly test: Evaluation;
}
