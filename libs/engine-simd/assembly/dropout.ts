import { drawBlock, PURPOSE_DROPOUT, uniform, word0, word1, word2, word3 } from './random';

/**
 * Draws one sample's mask: 1 / (1 - rate) for an element that is kept, else 0.
 * Element e is kept if uniform(word e % 4 of block floor(e / 4)) is at least `rate`. Elements are counted without the
 * channels that only fill up memory.
 *
 * @param mask `[numPixels, stride]` float32; only the first `channels` of each pixel are written
 */
export function drawMask(
  mask: usize, numPixels: i32, channels: i32, stride: i32, rate: f32, factor: f32, site: u32, sample: u32,
): void {
  const stream = PURPOSE_DROPOUT + 256 * site;
  let element: u32 = 0;
  for (let i = 0; i < numPixels; i++) {
    let to = mask + (<usize>(i * stride) << 2);
    for (let c = 0; c < channels; c++, element++, to += 4) {
      if ((element & 3) == 0) drawBlock(element >> 2, sample, stream);
      const word = wordOf(element & 3);
      store<f32>(to, uniform(word) >= rate ? factor : 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function wordOf(index: u32): u32 {
  return index < 2 ? (index == 0 ? word0 : word1) : index == 2 ? word2 : word3;
}

/** y = x * mask; y may be x. */
export function applyMask(x: usize, mask: usize, y: usize, bytes: usize): void {
  for (const end = x + bytes; x < end; x += 16, mask += 16, y += 16) {
    v128.store(y, f32x4.mul(v128.load(x), v128.load(mask)));
  }
}
