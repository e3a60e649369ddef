import type { LabelledImages } from '@digits/data';
import type { Shape } from './shapes.ts';

/** Images with what a network that answers for pixels has to give for each. */
export interface TargetImages {
  /** `[count, height, width, channels]` uint8, row-major. */
  readonly images: Uint8Array;
  /** `[count, ...targetShape]` uint8, row-major: 255 for a logit that has to be positive, 0 for a negative one, or between. */
  readonly targets: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `[height, width, channels]` of one image's targets: the output of the network's last layer. */
  readonly targetShape: Shape;
}

/** What a network is trained on: images with labels for one that answers for classes, with targets for one that answers for pixels. */
export type TrainingImages = LabelledImages | TargetImages;

/** What a target is divided by, to be in [0, 1]. */
export const TARGET_SCALE = 255;
