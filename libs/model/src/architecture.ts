import type { Layer } from './layers.ts';

/** A network as plain JSON. The last layer is a `dense` one whose outputs are the logits, one a class. */
export interface Architecture {
  /** `[height, width, channels]` of an input image, float32 in [0, 1]. */
  readonly inputShape: readonly [number, number, number];
  readonly layers: readonly Layer[];
}
