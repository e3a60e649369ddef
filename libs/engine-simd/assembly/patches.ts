/** Copies 4 channels of a square patch of an image into `to`, `[size][size]` vectors; zero outside the image. */
export function copyPatch(
  image: usize,
  height: i32,
  width: i32,
  pixel: usize,
  top: i32,
  left: i32,
  size: i32,
  to: usize,
): void {
  const zero = f32x4.splat(0);
  for (let y = top; y < top + size; y++) {
    const row = image + <usize>(y * width) * pixel;
    for (let x = left; x < left + size; x++, to += 16) {
      const isInside = <u32>y < <u32>height && <u32>x < <u32>width;
      v128.store(to, isInside ? v128.load(row + <usize>x * pixel) : zero);
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
