import type { Architecture, OptimizerSettings } from '@digits/model';

/** Training steps, or predictions of whole batches. */
export type Kind = 'train' | 'predict';

/** Raw little-endian files that a contestant reads; written once a run of the bench. */
export interface TaskFiles {
  /** `[numImages, height, width, channels]` uint8. */
  readonly images: string;
  /** `[numImages]` uint8. */
  readonly labels: string;
  readonly numImages: number;
  /** float32, one tensor after the other, as `tensors` says. */
  readonly weights: string;
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** What a contestant gets ready for. */
export interface Task {
  readonly kind: Kind;
  readonly architecture: Architecture;
  readonly batchSize: number;
  readonly threads: number;
  /** One of those in the contestant's greeting. */
  readonly variant: string;
  readonly files: TaskFiles;
  readonly optimizer: OptimizerSettings;
  readonly learningRate: number;
  readonly labelSmoothing: number;
}

/** Samples come in the order `k * SAMPLE_STRIDE mod numImages`: scattered like shuffled ones, the same for every contestant. */
export const SAMPLE_STRIDE = 7919;

/** Steps whose losses, or images whose logits, are compared between contestants. */
export const NUM_CHECKED = 2;

/** What the bench writes to a contestant's standard input, one JSON object a line. */
export type Request =
  | { readonly op: 'prepare'; readonly task: Task }
  /** Work for about so long; at least one batch. */
  | { readonly op: 'run'; readonly seconds: number }
  /** Predict single images, so many times. */
  | { readonly op: 'latency'; readonly calls: number };

/** The first line of a contestant: what it is, and how each kind of work can be set up. */
export interface Greeting {
  readonly version: string;
  readonly variants: Readonly<Record<Kind, readonly string[]>>;
}

/** Answer to `prepare`: the losses of the first steps, or the logits of the first images, to be compared. */
export interface Prepared {
  readonly outcome: readonly number[];
}

/** Answer to `run`. */
export interface Slice {
  /** Images, or whatever the contestant counts. */
  readonly amount: number;
  readonly seconds: number;
  /** Processor time of all threads of the process. */
  readonly processorSeconds: number;
  /** Resident memory of the process, now and at its highest; 0 where it cannot tell. */
  readonly residentBytes: number;
  readonly maxResidentBytes: number;
}

/** Answer to `latency`. */
export interface Latencies {
  readonly durationsMs: readonly number[];
}

/** What a contestant writes to standard output, one JSON object a line; other lines are passed over. */
export type Reply<T> = { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: string };
