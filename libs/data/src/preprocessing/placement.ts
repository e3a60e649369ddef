/** MNIST's images are 28 pixels a side ... */
export const IMAGE_SIZE = 28;

/** ... with the ink's box, faint edges included, 20 on its longer side (all but 2 of the first 5000 training images). */
export const INK_SIZE = 20;

/**
 * MNIST moved each digit by whole pixels to bring its centre of mass to pixel (14, 14), counted from 0 at pixel
 * centres: over the training set the centres of mass spread evenly over [13.5, 14.5) on either axis.
 */
const CENTRE = 14;

/**
 * Places ink in the network's image as MNIST did: moved by whole pixels so that its centre of mass is nearest the
 * centre, though never over the edge.
 *
 * @param ink `[height, width]` uint8, white on black, at most 28 a side
 * @returns `[28, 28]` uint8
 */
export function placeByCentreOfMass(ink: Uint8Array, width: number, height: number): Uint8Array {
  const { left, top } = positionByCentreOfMass(ink, width, height);
  const image = new Uint8Array(IMAGE_SIZE * IMAGE_SIZE);
  for (let y = 0; y < height; y++) {
    image.set(ink.subarray(y * width, (y + 1) * width), (top + y) * IMAGE_SIZE + left);
  }
  return image;
}

/** Returns the column and row of the image at which {@link placeByCentreOfMass} places the ink's upper left corner. */
export function positionByCentreOfMass(
  ink: Uint8Array,
  width: number,
  height: number,
): { readonly left: number; readonly top: number } {
  let mass = 0;
  let momentX = 0;
  let momentY = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      mass += ink[i];
      momentX += ink[i] * x;
      momentY += ink[i] * y;
    }
  }
  const shift = (moment: number, size: number): number =>
    Math.min(Math.max(mass > 0 ? Math.round(CENTRE - moment / mass) : 0, 0), IMAGE_SIZE - size);
  return { left: shift(momentX, width), top: shift(momentY, height) };
}

/**
 * Tells an image that was prepared as MNIST's were, and so needs no preparation: 28x28, black where there is no ink
 * (at least 40% of the pixels are exactly 0), brightest pixel over 127, the box of all other pixels 19 or 20 on its longer side,
 * centre of mass within 0.6 pixels of (14, 14) on either axis.
 *
 * @param pixels `[28, 28]` uint8
 */
export function isMnistLike(pixels: Uint8Array): boolean {
  let numBlack = 0;
  let brightest = 0;
  let mass = 0;
  let momentX = 0;
  let momentY = 0;
  let [left, right, top, bottom] = [IMAGE_SIZE, -1, IMAGE_SIZE, -1];
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i];
    if (value === 0) {
      numBlack++;
      continue;
    }
    const x = i % IMAGE_SIZE;
    const y = (i - x) / IMAGE_SIZE;
    brightest = Math.max(brightest, value);
    mass += value;
    momentX += value * x;
    momentY += value * y;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const side = Math.max(right - left, bottom - top) + 1;
  const isCentred = Math.abs(momentX / mass - CENTRE) <= 0.6 && Math.abs(momentY / mass - CENTRE) <= 0.6;
  return (
    numBlack >= 0.4 * pixels.length && brightest > 127 && (side === INK_SIZE || side === INK_SIZE - 1) && isCentred
  );
}
