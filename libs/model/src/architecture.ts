/** `[height, width, channels]` of one image, or `[units]` of one flat vector: never with the batch dimension. */
export type Shape = readonly number[];

/** What a window does at the edges, as in Keras: `same` pads with zeros so that stride 1 keeps the size, `valid` stays inside. */
export type Padding = 'same' | 'valid';

/**
 * One layer, named and set as in Keras. Images are NHWC; every layer keeps the batch dimension.
 *
 * - `conv2d`: kernel `[kh, kw, in, filters]` (HWIO), bias `[filters]`; `same` pads as TensorFlow does (more after than before)
 * - `batchNormalization`: over the last axis; biased variance; moving = moving * momentum + batch * (1 - momentum)
 * - `maxPooling2d`: windows that leave the image are cut (`valid`) or padded with -infinity (`same`)
 * - `globalAveragePooling2d`: `[h, w, c]` to `[c]`
 * - `flatten`: row-major, channels fastest
 * - `dropout`: keeps with probability 1 - rate and divides what is kept by it; identity when predicting
 * - `dense`: kernel `[in, units]`, bias `[units]`
 */
export type Layer =
  | {
      readonly type: 'conv2d';
      readonly name: string;
      readonly filters: number;
      readonly kernelSize: readonly [number, number];
      readonly strides: readonly [number, number];
      readonly padding: Padding;
      readonly useBias: boolean;
    }
  | { readonly type: 'batchNormalization'; readonly name: string; readonly momentum: number; readonly epsilon: number }
  | { readonly type: 'relu'; readonly name: string }
  | {
      readonly type: 'maxPooling2d';
      readonly name: string;
      readonly poolSize: readonly [number, number];
      readonly strides: readonly [number, number];
      readonly padding: Padding;
    }
  | { readonly type: 'globalAveragePooling2d'; readonly name: string }
  | { readonly type: 'flatten'; readonly name: string }
  | { readonly type: 'dropout'; readonly name: string; readonly rate: number }
  | { readonly type: 'dense'; readonly name: string; readonly units: number; readonly useBias: boolean };

/** The name of a layer's type, as Keras has it. */
export type LayerType = Layer['type'];

/** A network as plain JSON. The last layer is a `dense` one whose outputs are the logits, one a class. */
export interface Architecture {
  /** `[height, width, channels]` of an input image, float32 in [0, 1]. */
  readonly inputShape: readonly [number, number, number];
  readonly layers: readonly Layer[];
}
