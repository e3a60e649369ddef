import type { AugmentationBlock } from './augmentation-block.ts';
import * as contract from './contract.ts';
import { type Op, operation, type Tensor } from './emit.ts';
import { align } from './memory-plan.ts';
import { usesWinograd, paddedImage, type PaddedImage } from './matrix-operations.ts';
import type { Network, Node } from './network.ts';

/** How the network's input lies in memory: with the padding of the first layer, where that is a direct convolution. */
export interface InputImage {
  readonly isPadded: boolean;
  readonly image: PaddedImage;
  /** Bytes from image to image. */
  readonly imageBytes: number;
}

/** Lays out the input for the network's first node. */
export function inputImage(network: Network, nodes: readonly Node[]): InputImage {
  const first = nodes[0];
  const [layout] = network.layouts;
  const isPadded = first.type === 'matrix' && first.windows !== null && !usesWinograd(first);
  const image =
    first.type === 'matrix' && first.windows !== null && isPadded
      ? paddedImage(first.input, first.output, first.windows)
      : { height: layout.height, width: layout.width, top: 0, left: 0 };
  return { isPadded, image, imageBytes: align(4 * image.height * image.width * layout.stride) };
}

/** Writes images into the middle of their padding; in training distorted, where `augmentation` says how. */
export function inputOp(
  network: Network,
  { image }: InputImage,
  to: Tensor,
  augmentation: AugmentationBlock | null = null,
): Op {
  const [{ height, width, channels, stride }] = network.layouts;
  const pixelBytes = 4 * stride;
  const rowBytes = image.width * pixelBytes;
  const start = image.top * rowBytes + image.left * pixelBytes;
  const distortion = augmentation === null ? [0, 0] : [augmentation.address, augmentation.scratch];
  return operation(contract.OP_INPUT, to, height, width, channels, start, rowBytes, pixelBytes, distortion);
}
