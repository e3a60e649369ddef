import type { Component } from './components.ts';
import { sizeOf } from './components.ts';
import { measureContrast } from './contrast.ts';
import { inkToImage } from './digit-image.ts';
import { mixChannels } from './grey.ts';
import { findInk, type Ink } from './ink.ts';
import { inkOf } from './ink-selection.ts';
import {
  checkPicture,
  MIN_PICTURE_SIDE,
  type Box,
  type NoImageReason,
  type Picture,
  type PreparationStep,
  type PreparedImage,
} from './picture.ts';
import { IMAGE_SIZE, isMnistLike } from './placement.ts';
import { maskStep, planeStep } from './plane.ts';
import { reducePicture } from './reduce.ts';
import { isBlob, isPattern } from './writing.ts';

/** Pixels that a picture is worked on at: 256 a side show any stroke of a digit that fills a fifth of them. */
const WORKING_PIXELS = 65_536;

/** A digit found smaller than this, in working pixels, is looked at again closer where the original has more detail. */
const COARSE_DIGIT = 50;

/** The widest stroke of one digit in its picture, as a share of the shorter side. */
const STROKE_SHARE = 0.4;

/**
 * Prepares a picture of one digit as MNIST's were: finds the ink, whatever the light, the colours and which of them is
 * darker, and brings it to 28x28. A picture that is MNIST-like already (28x28, opaque, grey) comes back unchanged.
 *
 * @param picture grey, RGB or RGBA, up to 50 megapixels
 * @returns `image`, `[28, 28]` uint8, white on black; or null and the reason; and what each step saw
 * @throws RangeError where size, channels and data do not fit together
 * @see Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits", for the recipe
 */
export function pictureToImage(picture: Picture): PreparedImage {
  checkPicture('pictureToImage', picture);
  const asItIs = mnistLikePixels(picture);
  if (asItIs !== null) {
    const steps = [{ name: 'image', width: IMAGE_SIZE, height: IMAGE_SIZE, pixels: asItIs }];
    return { image: asItIs, reason: null, steps };
  }
  return prepareRegion(picture, { x: 0, y: 0, width: picture.width, height: picture.height });
}

/** @returns the picture's grey pixels, a copy, if it needs no preparation */
function mnistLikePixels({ data, width, height, channels }: Picture): Uint8Array | null {
  if (width !== IMAGE_SIZE || height !== IMAGE_SIZE) return null;
  const pixels = new Uint8Array(width * height);
  for (let i = 0, j = 0; i < pixels.length; i++, j += channels) {
    const isGrey = channels === 1 || (data[j] === data[j + 1] && data[j] === data[j + 2]);
    if (!isGrey || (channels === 4 && data[j + 3] !== 255)) return null;
    pixels[i] = data[j];
  }
  return isMnistLike(pixels) ? pixels : null;
}

function prepareRegion(picture: Picture, region: Box): PreparedImage {
  if (Math.min(region.width, region.height) < MIN_PICTURE_SIDE) return none('tooSmall', []);
  const reduced = reducePicture(picture, region, WORKING_PIXELS);
  if (!reduced.visible) return none('blank', []);
  const grey = mixChannels(reduced);
  const steps = [planeStep('grey', grey, 1)];
  const contrast = measureContrast(grey, STROKE_SHARE);
  steps.push(planeStep('contrast', contrast.plane, 255));
  const ink = findInk(contrast);
  if (ink === null) return none('blank', steps);
  steps.push(maskStep('ink', ink.width, ink.height, ink.found));
  const chosen = isPattern(ink) ? null : chooseDigit(ink);
  if (chosen === null) return none('notWriting', steps);
  const box = boxAround(chosen);
  const side = Math.max(box.width, box.height);
  if (reduced.factor > 1 && side < COARSE_DIGIT) return prepareRegion(picture, closer(region, box, reduced.factor));
  const soft = inkOf(ink, new Set(chosen.map((component) => component.label)), box);
  steps.push(planeStep('kept', soft, 255));
  const { image, steps: last } = inkToImage(soft);
  if (image === null) return none('blank', steps);
  return { image, reason: null, steps: [...steps, ...last] };
}

function none(reason: NoImageReason, steps: readonly PreparationStep[]): PreparedImage {
  return { image: null, reason, steps };
}

/**
 * The digit is the component with the most ink, those away from the border and near the middle first, together with
 * the pieces around it (a 5's bar, a broken stroke).
 *
 * @returns null where the ink is scattered all over, as noise and patterns are, or a blob
 */
function chooseDigit(ink: Ink): Component[] | null {
  const { width, height, components } = ink;
  const weigh = (component: Component): number => {
    const { left, top, right, bottom, numPixels } = component;
    const numSides = [left === 0, top === 0, right === width - 1, bottom === height - 1].filter(Boolean).length;
    const dx = Math.abs((left + right + 1) / width - 1);
    const dy = Math.abs((top + bottom + 1) / height - 1);
    return (numPixels * (1.3 - 0.5 * Math.max(dx, dy))) / (1 + 0.7 * numSides);
  };
  const main = components.reduce((best, component) => (weigh(component) > weigh(best) ? component : best));
  const reach = 0.3 * sizeOf(main);
  const chosen = components.filter((component) => {
    const gap = gapBetween(main, component);
    const share = component.numPixels / main.numPixels;
    return component === main || (gap <= reach && share >= 0.05) || (gap === 0 && share >= 0.01);
  });
  const total = components.reduce((sum, component) => sum + component.numPixels, 0);
  const kept = chosen.reduce((sum, component) => sum + component.numPixels, 0);
  const isScattered = kept < 0.2 * total && components.length > 20;
  return isScattered || isBlob(ink, main) ? null : chosen;
}

/** Pixels between two components' boxes, 0 where they overlap or touch. */
function gapBetween(a: Component, b: Component): number {
  const dx = Math.max(0, a.left - b.right - 1, b.left - a.right - 1);
  const dy = Math.max(0, a.top - b.bottom - 1, b.top - a.bottom - 1);
  return Math.max(dx, dy);
}

function boxAround(components: readonly Component[]): Box {
  const x = Math.min(...components.map(({ left }) => left));
  const y = Math.min(...components.map(({ top }) => top));
  const right = Math.max(...components.map((component) => component.right));
  const bottom = Math.max(...components.map((component) => component.bottom));
  return { x, y, width: right - x + 1, height: bottom - y + 1 };
}

/** The part of the region around a box given in working pixels, with paper enough around it to measure against. */
export function closer(region: Box, box: Box, factor: number): Box {
  const margin = Math.max(4, Math.ceil(Math.max(box.width, box.height) / 2));
  const left = Math.max(0, box.x - margin) * factor;
  const top = Math.max(0, box.y - margin) * factor;
  const right = Math.min(region.width, (box.x + box.width + margin) * factor);
  const bottom = Math.min(region.height, (box.y + box.height + margin) * factor);
  return { x: region.x + left, y: region.y + top, width: right - left, height: bottom - top };
}
