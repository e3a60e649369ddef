import type { Box, RandomStream } from '@digits/data';
import type { Character } from './writing.ts';

/** A page with what is known of each pixel. */
export interface Page {
  readonly width: number;
  readonly height: number;
  /** `[height, width]` uint8. */
  readonly image: Uint8Array;
  /** `[height, width, channels]` uint8. */
  readonly targets: Uint8Array;
  readonly characters: readonly Character[];
}

/**
 * Cuts a tile out of a page as reading cuts tiles out of a picture: contrast stretched, and beyond the picture's borders the mean
 * of its values, where all targets are 0.
 *
 * @returns a page of the same size
 */
export function cutTile(random: RandomStream, page: Page): Page {
  const { width, height, targets, characters } = page;
  const { crop, left, top } = drawFrame(random, page);
  const inside = new Uint8Array(crop.width * crop.height);
  for (let y = 0; y < crop.height; y++) {
    const from = (crop.y + y) * width + crop.x;
    inside.set(page.image.subarray(from, from + crop.width), y * crop.width);
  }
  // A tile inside a large picture is stretched by the contrast of that picture, which can be larger.
  const isPart = crop.width < width || crop.height < height;
  const stretched = isPart || random.chance(0.5) ? stretchContrast(inside) : inside;
  const numChannels = targets.length / (width * height);
  let sum = 0;
  for (const value of stretched) sum += value;
  const image = new Uint8Array(width * height).fill(Math.round(sum / stretched.length));
  const moved = new Uint8Array(targets.length);
  for (let y = 0; y < crop.height; y++) {
    const to = (top + y) * width + left;
    image.set(stretched.subarray(y * crop.width, (y + 1) * crop.width), to);
    const from = ((crop.y + y) * width + crop.x) * numChannels;
    moved.set(targets.subarray(from, from + crop.width * numChannels), to * numChannels);
  }
  const movedCharacters = characters.map((character) => {
    const { box } = character;
    return { ...character, box: { ...box, x: box.x + left - crop.x, y: box.y + top - crop.y } };
  });
  return { width, height, image, targets: moved, characters: movedCharacters };
}

/** Context of a tile on each side of its core, in pixels. */
const CONTEXT = 8;

/** Part of a page that becomes a picture, and where it is in the tile. */
interface Frame {
  readonly crop: Box;
  readonly left: number;
  readonly top: number;
}

/** A tile inside a picture, one at its border, or a whole picture: of one character, cut tight, or of any part of the page. */
function drawFrame(random: RandomStream, { width, height, characters }: Page): Frame {
  if (random.chance(0.45)) return { crop: { x: 0, y: 0, width, height }, left: 0, top: 0 };
  const largest = { width: width - 2 * CONTEXT, height: height - 2 * CONTEXT };
  if (random.chance(0.4)) {
    const left = random.chance(0.5) ? CONTEXT : 0;
    const top = random.chance(0.5) ? CONTEXT : 0;
    const cut = (side: number): number =>
      random.chance(0.5) ? CONTEXT + Math.floor(side * random.uniform(0, 0.5)) : 0;
    const crop = { x: 0, y: 0, width: width - left - cut(width), height: height - top - cut(height) };
    return { crop, left, top };
  }
  if (characters.length > 0 && random.chance(0.7)) {
    const { box } = random.pick(characters);
    const margin = (): number =>
      (random.chance(0.5) ? random.uniform(-0.02, 0.04) : random.uniform(0, 0.5)) * Math.max(box.width, box.height);
    const x = Math.max(0, Math.floor(box.x - margin()));
    const y = Math.max(0, Math.floor(box.y - margin()));
    const right = Math.min(width, x + largest.width, Math.ceil(box.x + box.width + margin()));
    const bottom = Math.min(height, y + largest.height, Math.ceil(box.y + box.height + margin()));
    if (right - x >= 12 && bottom - y >= 12) {
      return { crop: { x, y, width: right - x, height: bottom - y }, left: CONTEXT, top: CONTEXT };
    }
  }
  const isWide = random.chance(0.5);
  const shorter = random.chance(0.4) ? 1 : random.uniform(0.2, 1);
  const crop = {
    x: CONTEXT,
    y: CONTEXT,
    width: isWide ? largest.width : Math.round(largest.width * shorter),
    height: isWide ? Math.round(largest.height * shorter) : largest.height,
  };
  return { crop, left: CONTEXT, top: CONTEXT };
}

/** Largest factor by which contrast is increased: beyond it, noise would look like ink. */
const MAX_GAIN = 8;

/**
 * Maps the quantiles 0.1% and 99.9% to 0 and 255.
 *
 * @param values uint8
 */
function stretchContrast(values: Uint8Array): Uint8Array {
  const counts = new Uint32Array(256);
  for (const value of values) counts[value]++;
  const quantile = (share: number): number => {
    let remaining = share * values.length;
    let level = 0;
    while (level < 255 && remaining >= counts[level]) remaining -= counts[level++];
    return level;
  };
  const [low, high] = [quantile(0.001), quantile(0.999)];
  const gain = Math.min(MAX_GAIN, 255 / Math.max(1, high - low));
  const middle = (low + high) / 2;
  return values.map((value) => Math.min(255, Math.max(0, Math.round((value - middle) * gain + 127.5))));
}
