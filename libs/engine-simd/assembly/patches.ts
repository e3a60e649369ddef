/**
 * Copies 4 channels of a square patch into `to`, `[size][size]` vectors; zero outside the image.
 *
 * @param rows addresses of the patch's rows, 0 for a row of zeros
 * @param channel bytes of the first of the channels behind a pixel's beginning
 */
export function copyPatch(
  rows: usize, channel: usize, width: i32, pixel: usize, left: i32, size: i32, to: usize,
): void {
  const zero = f32x4.splat(0);
  for (const end = rows + (<usize>size << 2); rows < end; rows += 4) {
    const row = <usize>load<u32>(rows);
    for (let x = left; x < left + size; x++, to += 16) {
      const isInside = row != 0 && <u32>x < <u32>width;
      v128.store(to, isInside ? v128.load(row + <usize>x * pixel + channel) : zero);
    }
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
