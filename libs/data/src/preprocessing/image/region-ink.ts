import { bottomOf, type Box, rightOf, sizeOf } from '../geometry.ts';
import { MIN_PICTURE_SIDE, type NoImageReason, type Picture, type PreparationStep } from '../picture.ts';
import { measureContrast } from './contrast.ts';
import { inkToImage } from './digit-image.ts';
import { mixChannels } from './grey.ts';
import { findInk, type Ink, inkOf } from './ink.ts';
import { maskStep, planeStep } from './plane.ts';
import { reducePicture } from './reduce.ts';

/** The ink found in a region of a picture. */
export interface RegionInk {
  readonly ink: Ink;
  /** Region in the picture's pixels. */
  readonly region: Box;
  /** Pixels of the picture per working pixel of `ink`, on either axis. */
  readonly factor: number;
}

/** The ink of a region, or the reason why there is none; and what each step saw. */
export type InkSearch =
  | { readonly found: RegionInk; readonly steps: readonly PreparationStep[] }
  | { readonly found: null; readonly reason: NoImageReason; readonly steps: readonly PreparationStep[] };

/** How closely a region is looked at. */
export interface InkSearchSettings {
  /** Maximum number of working pixels that the region is reduced to. */
  readonly workingPixels: number;
  /** The widest stroke, as a share of the region's shorter side. */
  readonly strokeShare: number;
}

/** Finds the ink of a region: reduced to working pixels, mixed to grey, measured against the paper, thresholded. */
export function findRegionInk(picture: Picture, region: Box, settings: InkSearchSettings): InkSearch {
  const none = (reason: NoImageReason, steps: readonly PreparationStep[]): InkSearch => ({
    found: null,
    reason,
    steps,
  });
  if (Math.min(region.width, region.height) < MIN_PICTURE_SIDE) return none('tooSmall', []);
  const reduced = reducePicture(picture, region, settings.workingPixels);
  if (!reduced.visible) return none('blank', []);
  const grey = mixChannels(reduced);
  const contrast = measureContrast(grey, settings.strokeShare);
  const steps = [planeStep('grey', grey, 1), planeStep('contrast', contrast.plane, 255)];
  const ink = findInk(contrast);
  if (ink === null) return none('blank', steps);
  steps.push(maskStep('ink', ink.width, ink.height, ink.found));
  return { found: { ink, region, factor: reduced.factor }, steps };
}

/**
 * Brings some of the ink to the network's image.
 *
 * @param labels of the ink to keep
 * @param box around them, in working pixels
 * @returns `image`, `[28, 28]` uint8, or null if nothing is left; the box in the picture's pixels; the steps of this digit
 */
export function isolateDigit(
  { ink, region, factor }: RegionInk,
  labels: ReadonlySet<number>,
  box: Box,
): { image: Uint8Array | null; box: Box; steps: PreparationStep[] } {
  const soft = inkOf(ink, labels, box);
  const { image, steps } = inkToImage(soft);
  return { image, box: toPicture(box, region, factor), steps: [planeStep('kept', soft, 255), ...steps] };
}

/** Returns the part of the region around a box of working pixels, with enough paper around it to measure against. */
export function closerRegion({ region, factor }: RegionInk, box: Box): Box {
  const margin = Math.max(4, Math.ceil(sizeOf(box) / 2));
  const left = Math.max(0, box.x - margin) * factor;
  const top = Math.max(0, box.y - margin) * factor;
  const right = Math.min(region.width, (rightOf(box) + margin) * factor);
  const bottom = Math.min(region.height, (bottomOf(box) + margin) * factor);
  return { x: region.x + left, y: region.y + top, width: right - left, height: bottom - top };
}

/** Converts a box from working pixels of a region to the picture's own pixels. */
function toPicture(box: Box, region: Box, factor: number): Box {
  const x = region.x + box.x * factor;
  const y = region.y + box.y * factor;
  const right = Math.min(rightOf(region), x + box.width * factor);
  const bottom = Math.min(bottomOf(region), y + box.height * factor);
  return { x, y, width: right - x, height: bottom - y };
}
