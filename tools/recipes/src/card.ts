import type { Evaluation, RejectionRule, TrainingConfig } from '@digits/model';
import type { ReliabilityBin } from '@digits/metrics';

/** A share of some images, with Wilson's 95% interval. */
export interface Share {
  readonly count: number;
  readonly share: number;
  readonly interval: readonly [number, number];
}

/** How made digits of one way of writing are read. */
export interface VariantRow {
  readonly variant: string;
  readonly digit: number;
  /** Kept out of training. */
  readonly heldOut: boolean;
  readonly read: Share;
  /** Of all of them. */
  readonly refused: number;
  /** Wrong answers and how often each was given, refused or not. */
  readonly misreadAs: Readonly<Partial<Record<number, number>>>;
}

/** Images that should be answered or refused, as `tools/negatives` measures them. */
export interface RejectionRow {
  readonly name: string;
  readonly count: number;
  readonly refused: number;
  /** Against MNIST's test digits; null for digits. */
  readonly auroc: number | null;
}

/** Everything that the card says: `card.json`. */
export interface Card {
  readonly command: string;
  readonly config: TrainingConfig;
  readonly parameters: number;
  /** Of `model.json` and `weights.bin` together. */
  readonly fileBytes: number;
  readonly weightsSha256: string;
  readonly dataset: { readonly name: string; readonly sha256: string };
  readonly trainingImages: number;
  readonly trainingSeconds: number;
  readonly threads: number;
  readonly temperature: number;
  readonly validation: Pick<Evaluation, 'count' | 'accuracy' | 'accuracyInterval' | 'logLoss' | 'ece'>;
  readonly test: Evaluation;
  /** Of the test split. */
  readonly reliability: readonly ReliabilityBin[];
  readonly leftOut: Share;
  readonly groups: Readonly<Record<string, Share>>;
  readonly variants: readonly VariantRow[];
  readonly rejection: RejectionRule;
  readonly kept: Share;
  readonly digits: readonly RejectionRow[];
  readonly others: readonly RejectionRow[];
  readonly refusedByLetter: Readonly<Record<string, number>>;
}
