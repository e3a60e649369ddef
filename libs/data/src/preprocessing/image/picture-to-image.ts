import { bottomOf, type Box, boxAround, gapBetween, rightOf, sizeOf } from '../geometry.ts';
import { checkPicture, type Picture, type PreparedImage } from '../picture.ts';
import { IMAGE_SIZE, isMnistLike } from '../placement.ts';
import type { Component } from './components.ts';
import type { Ink } from './ink.ts';
import { closerRegion, findRegionInk, isolateDigit } from './region-ink.ts';
import { isBlob, isPattern } from './writing.ts';

/**
 * 256 working pixels a side show any stroke of a digit that fills a fifth of them. The widest stroke of one digit takes 0.4 of its
 * picture's shorter side.
 */
const SEARCH = { workingPixels: 65_536, strokeShare: 0.4 };

/** A digit found smaller than this, in working pixels, is looked at again closer where the original has more detail. */
const COARSE_DIGIT = 50;

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
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  const asItIs = mnistLikePixels(picture);
  if (asItIs !== null) {
    const steps = [{ name: 'image', width: IMAGE_SIZE, height: IMAGE_SIZE, pixels: asItIs }];
    return { image: asItIs, box: whole, reason: null, steps };
  }
  return prepareRegion(picture, whole);
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
  const search = findRegionInk(picture, region, SEARCH);
  const { found, steps } = search;
  if (found === null) return { image: null, box: null, reason: search.reason, steps };
  const chosen = isPattern(found.ink) ? null : chooseDigit(found.ink);
  if (chosen === null) return { image: null, box: null, reason: 'notWriting', steps };
  const box = boxAround(chosen);
  if (found.factor > 1 && sizeOf(box) < COARSE_DIGIT) return prepareRegion(picture, closerRegion(found, box));
  const digit = isolateDigit(found, new Set(chosen.map(({ label }) => label)), box);
  if (digit.image === null) return { image: null, box: null, reason: 'blank', steps: [...steps, ...digit.steps] };
  return { image: digit.image, box: digit.box, reason: null, steps: [...steps, ...digit.steps] };
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
    const { x, y, numPixels } = component;
    const [right, bottom] = [rightOf(component), bottomOf(component)];
    const numSides = [x === 0, y === 0, right === width, bottom === height].filter(Boolean).length;
    const dx = Math.abs((x + right) / width - 1);
    const dy = Math.abs((y + bottom) / height - 1);
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
