/**
 * Copies 4 channels of what an image has of a square patch into `to`, vectors `toRow` bytes from row to row; the rest of `to` stays.
 *
 * @param rows addresses of the patch's rows, 0 for a row outside
 * @param channel bytes of the first of the channels behind a pixel's beginning
 */
export function copyPatch(
  rows: usize, channel: usize, width: i32, pixel: usize, left: i32, size: i32, to: usize, toRow: usize,
): void {
  const first = <usize>max(-left, 0);
  const end = <usize>min(size, width - left) << 4;
  for (const endRow = rows + (<usize>size << 2); rows < endRow; rows += 4, to += toRow) {
    const row = <usize>load<u32>(rows);
    if (!row) continue;
    let from = row + (<usize>left + first) * pixel + channel;
    for (let x = first << 4; x < end; x += 16, from += pixel) v128.store(to + x, v128.load(from));
  }
}

/**
 * Copies an image into the middle of zeros, its pixels `stride` apart.
 *
 * @param to `[paddedHeight, paddedWidth, channels]`, overwritten
 */
export function copyPadded(
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  stride0: i32,
  stride1: i32,
  to: usize,
  paddedHeight: i32,
  paddedWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2;
  memory.fill(to, 0, <usize>(paddedHeight * paddedWidth) * pixel);
  for (let y = 0; y < height; y++) {
    let target = to + <usize>((y * stride0 + top) * paddedWidth + left) * pixel;
    if (stride1 == 1) {
      memory.copy(target, image, <usize>width * pixel);
      image += <usize>width * pixel;
      continue;
    }
    for (let x = 0; x < width; x++, image += pixel, target += <usize>stride1 * pixel) memory.copy(target, image, pixel);
  }
}
