import type { ReliabilityBin } from '@digits/metrics';
import type { Evaluation, RejectionRule } from '@digits/model';

/** What the Model page says of the shipped model; measured by `scripts/model-figures.mjs`. */
export interface ModelFigures {
  readonly facts: {
    readonly preset: string | null;
    readonly seed: number | null;
    readonly weightsSha256: string;
    readonly temperature: number;
    readonly rejection: RejectionRule | null;
    /** Trainable ones. */
    readonly parameters: number;
    readonly numLayers: number;
    /** Of both files together. */
    readonly fileBytes: number;
    readonly isTrainedOnMnist: boolean;
  };
  readonly classNames: readonly string[];
  /** On MNIST's test split. */
  readonly evaluation: Evaluation;
  /** Test digits that are answered; the others are refused as no digit. */
  readonly numAnswered: number;
  readonly reliability: readonly ReliabilityBin[];
  /** Test digits that are read wrongly, the surest first, in the order of their images in `figures/misread.bin`. */
  readonly mistakes: readonly { readonly label: number; readonly answer: number; readonly confidence: number }[];
  /** The model card as HTML, its title left out. */
  readonly cardHtml: string;
}
