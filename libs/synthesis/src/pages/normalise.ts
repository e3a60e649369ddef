import type { Box, RandomStream } from '@digits/data';
import type { Character } from './writing.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Cuts a picture out of a page and brings it to the form in which pictures are read: contrast stretched, and the mean of the picture
 * beyond its borders, where all targets become 0.
 *
 * @param targets `[height, width, channels]` uint8
 * @returns both at the size of the page
 */
export function normalisePage(
  random: RandomStream,
  picture: Uint8Array,
  targets: Uint8Array,
  { width, height }: Size,
  characters: readonly Character[],
): { readonly image: Uint8Array; readonly targets: Uint8Array } {
  const { crop, left, top } = drawFrame(random, { width, height }, characters);
  const inside = new Uint8Array(crop.width * crop.height);
  for (let y = 0; y < crop.height; y++) {
    const from = (crop.y + y) * width + crop.x;
    inside.set(picture.subarray(from, from + crop.width), y * crop.width);
  }
  const isPart = crop.width < width || crop.height < height;
  const stretched = isPart || random.chance(0.5) ? stretch(inside) : inside;
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
  return { image, targets: moved };
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
function drawFrame(random: RandomStream, { width, height }: Size, characters: readonly Character[]): Frame {
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

function stretch(values: Uint8Array): Uint8Array {
  const counts = new Uint32Array(256);
  for (const value of values) counts[value]++;
  const quantile = (share: number): number => {
    let remaining = share * values.length;
    let level = 0;
    while (level < 255 && remaining >= counts[level]) remaining -= counts[level++];
    return level;
  };
  const [low, high] = [quantile(0.001), quantile(0.999)];
  const middle = (low + high) / 2;
  const gain = Math.min(MAX_GAIN, 255 / Math.max(1, high - low));
  const offset = high - low < 255 / MAX_GAIN ? 127.5 - gain * middle : -gain * low;
  return values.map((value) => Math.min(255, Math.max(0, Math.round(value * gain + offset))));
}
