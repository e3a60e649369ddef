import {
  type Box,
  createPlane,
  cropPlane,
  INK_TILE_CONTEXT,
  type RandomStream,
  resample,
  sampleGrey,
  toBytes,
} from '@digits/data';
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
 * Cuts a tile out of a page as reading cuts tiles out of a picture: whole pictures are scaled to the tile's core, contrast is
 * stretched, and beyond the picture's borders is the mean of its values, where all targets are 0.
 *
 * @returns a page of the same size
 */
export function cutTile(random: RandomStream, page: Page): Page {
  const { width, height, characters } = page;
  const frame = drawFrame(random, page);
  const { crop, left, top } = frame;
  const picture = cropPlane({ width, height, values: Float32Array.from(page.image) }, crop);
  const longerSide = frame.longerSide ?? Math.max(crop.width, crop.height);
  const whole = { x: 0, y: 0, width: crop.width, height: crop.height };
  const content = sampleGrey({ ...whole, factor: 1, plane: picture }, whole, longerSide);
  // A tile inside a large picture is stretched by the contrast of that picture, which can be larger.
  const isInside = crop.width === width && crop.height === height;
  const pixels = isInside && random.chance(0.5) ? page.image : content.pixels;
  const image = new Uint8Array(width * height).fill(Math.round(meanOf(pixels)));
  for (let y = 0; y < content.height; y++) {
    image.set(pixels.subarray(y * content.width, (y + 1) * content.width), (top + y) * width + left);
  }
  const scale = longerSide / Math.max(crop.width, crop.height);
  const moveX = (x: number): number => (x - crop.x) * scale + left;
  const moveY = (y: number): number => (y - crop.y) * scale + top;
  return {
    width,
    height,
    image,
    targets: cutTargets(page, frame, content),
    characters: characters.map((character) => {
      const { x, y, width: boxWidth, height: boxHeight } = character.box;
      const box = { x: moveX(x), y: moveY(y), width: boxWidth * scale, height: boxHeight * scale };
      return { ...character, box };
    }),
  };
}

function meanOf(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Scales the targets of a frame as its picture is. */
function cutTargets({ width, height, targets }: Page, { crop, left, top }: Frame, size: Size): Uint8Array {
  const numChannels = targets.length / (width * height);
  const cut = new Uint8Array(targets.length);
  for (let channel = 0; channel < numChannels; channel++) {
    const plane = createPlane(width, height);
    for (let i = 0; i < plane.values.length; i++) plane.values[i] = targets[i * numChannels + channel];
    const isScaled = size.width !== crop.width || size.height !== crop.height;
    const scaled = isScaled ? resample(plane, crop, size.width, size.height) : cropPlane(plane, crop);
    const bytes = toBytes(scaled.values, 1);
    for (let y = 0, i = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++, i++) {
        cut[((top + y) * width + left + x) * numChannels + channel] = bytes[i];
      }
    }
  }
  return cut;
}

/** Part of a page that becomes a picture, and where it is in the tile. */
interface Frame {
  readonly crop: Box;
  readonly left: number;
  readonly top: number;
  /** Pixels that the longer side of `crop` is scaled to, or null to keep its scale. */
  readonly longerSide: number | null;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A tile inside a picture, one at its border, or a whole picture: of one character, cut tight, or of any part of the page. */
function drawFrame(random: RandomStream, { width, height, characters }: Page): Frame {
  if (random.chance(0.45)) return { crop: { x: 0, y: 0, width, height }, left: 0, top: 0, longerSide: null };
  const largest = { width: width - 2 * INK_TILE_CONTEXT, height: height - 2 * INK_TILE_CONTEXT };
  if (random.chance(0.4)) {
    const left = random.chance(0.5) ? INK_TILE_CONTEXT : 0;
    const top = random.chance(0.5) ? INK_TILE_CONTEXT : 0;
    const cut = (side: number): number =>
      random.chance(0.5) ? INK_TILE_CONTEXT + Math.floor(side * random.uniform(0, 0.5)) : 0;
    const crop = { x: 0, y: 0, width: width - left - cut(width), height: height - top - cut(height) };
    return { crop, left, top, longerSide: null };
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
      const crop = { x, y, width: right - x, height: bottom - y };
      return {
        crop,
        left: INK_TILE_CONTEXT,
        top: INK_TILE_CONTEXT,
        longerSide: Math.min(largest.width, largest.height),
      };
    }
  }
  const isWide = random.chance(0.5);
  const shorter = random.chance(0.4) ? 1 : random.uniform(0.2, 1);
  const crop = {
    x: INK_TILE_CONTEXT,
    y: INK_TILE_CONTEXT,
    width: isWide ? largest.width : Math.round(largest.width * shorter),
    height: isWide ? Math.round(largest.height * shorter) : largest.height,
  };
  return { crop, left: INK_TILE_CONTEXT, top: INK_TILE_CONTEXT, longerSide: null };
}
