/*
 * Pooling over windows of an image. The gradient of a maximum goes to the first of equal values, row by row.
 */

/** y = the largest value of each window, per channel; values outside the image do not count. */
export function maxPool(
  x: usize,
  height: i32,
  width: i32,
  channels: i32,
  poolHeight: i32,
  poolWidth: i32,
  stride0: i32,
  stride1: i32,
  padTop: i32,
  padLeft: i32,
  y: usize,
  outHeight: i32,
  outWidth: i32,
): void {
  const pixel = (<usize>channels) << 2;
  for (let oy = 0; oy < outHeight; oy++) {
    const top = max(oy * stride0 - padTop, 0),
      bottom = min(oy * stride0 - padTop + poolHeight, height);
    for (let ox = 0; ox < outWidth; ox++, y += pixel) {
      const left = max(ox * stride1 - padLeft, 0),
        right = min(ox * stride1 - padLeft + poolWidth, width);
      for (let c: usize = 0; c < pixel; c += 16) {
        let best = f32x4.splat(-Infinity);
        for (let iy = top; iy < bottom; iy++) {
          let from = x + <usize>(iy * width + left) * pixel + c;
          for (let ix = left; ix < right; ix++, from += pixel) best = f32x4.pmax(best, v128.load(from));
        }
        v128.store(y + c, best);
      }
    }
  }
}

/** Does the same as {@link maxPool} for adjacent windows of 2x2 pixels, all of them inside the image. */
export function maxPoolByTwo(x: usize, width: i32, channels: i32, y: usize, outHeight: i32, outWidth: i32): void {
  const pixel = (<usize>channels) << 2;
  const row = <usize>width * pixel;
  for (let oy = 0; oy < outHeight; oy++, x += 2 * row) {
    let upper = x;
    for (let ox = 0; ox < outWidth; ox++, upper += 2 * pixel) {
      const lower = upper + row;
      for (let c: usize = 0; c < pixel; c += 16, y += 16) {
        const above = f32x4.pmax(v128.load(upper + c), v128.load(upper + pixel + c));
        const below = f32x4.pmax(v128.load(lower + c), v128.load(lower + pixel + c));
        v128.store(y, f32x4.pmax(above, below));
      }
    }
  }
}

/** dx = dy at the first of the largest values of each window, added up; 0 elsewhere. */
export function maxPoolGradient(
  x: usize,
  height: i32,
  width: i32,
  channels: i32,
  poolHeight: i32,
  poolWidth: i32,
  stride0: i32,
  stride1: i32,
  padTop: i32,
  padLeft: i32,
  y: usize,
  dy: usize,
  outHeight: i32,
  outWidth: i32,
  dx: usize,
): void {
  const pixel = (<usize>channels) << 2;
  memory.fill(dx, 0, <usize>(height * width) * pixel);
  for (let oy = 0; oy < outHeight; oy++) {
    const top = max(oy * stride0 - padTop, 0),
      bottom = min(oy * stride0 - padTop + poolHeight, height);
    for (let ox = 0; ox < outWidth; ox++, y += pixel, dy += pixel) {
      const left = max(ox * stride1 - padLeft, 0),
        right = min(ox * stride1 - padLeft + poolWidth, width);
      for (let c: usize = 0; c < pixel; c += 16) {
        const best = v128.load(y + c);
        let rest = v128.load(dy + c);
        for (let iy = top; iy < bottom; iy++) {
          let at = <usize>(iy * width + left) * pixel + c;
          for (let ix = left; ix < right; ix++, at += pixel) {
            const isBest = f32x4.eq(v128.load(x + at), best);
            v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(rest, isBest)));
            rest = v128.andnot(rest, isBest);
          }
        }
      }
    }
  }
}

/** Does the same as {@link maxPoolGradient} for adjacent windows of 2x2 pixels, all of them inside the image. */
export function maxPoolByTwoGradient(
  x: usize, height: i32, width: i32, channels: i32, y: usize, dy: usize, outHeight: i32, outWidth: i32, dx: usize,
): void {
  const pixel = (<usize>channels) << 2;
  const row = <usize>width * pixel;
  if (2 * outHeight < height || 2 * outWidth < width) memory.fill(dx, 0, <usize>height * row);
  for (let oy = 0; oy < outHeight; oy++, x += 2 * row, dx += 2 * row) {
    let upper: usize = 0;
    for (let ox = 0; ox < outWidth; ox++, upper += 2 * pixel) {
      for (let c: usize = 0; c < pixel; c += 16, y += 16, dy += 16) {
        const best = v128.load(y), at = upper + c;
        let rest = passTo(x + at, dx + at, best, v128.load(dy));
        rest = passTo(x + at + pixel, dx + at + pixel, best, rest);
        rest = passTo(x + at + row, dx + at + row, best, rest);
        passTo(x + at + row + pixel, dx + at + row + pixel, best, rest);
      }
    }
  }
}

/** Gives a gradient to a pixel where it is the largest, and returns what is left for the others. */
// @ts-ignore: decorator
@inline
function passTo(x: usize, dx: usize, best: v128, rest: v128): v128 {
  const isBest = f32x4.eq(v128.load(x), best);
  v128.store(dx, f32x4.add(f32x4.splat(0), v128.and(rest, isBest)));
  return v128.andnot(rest, isBest);
}

/** y[c] = the mean over all pixels. */
export function averagePool(x: usize, numPixels: i32, channels: i32, y: usize): void {
  const pixel = (<usize>channels) << 2;
  const count = f32x4.splat(<f32>numPixels);
  for (let c: usize = 0; c < pixel; c += 16) {
    let sum = f32x4.splat(0);
    let from = x + c;
    for (let i = 0; i < numPixels; i++, from += pixel) sum = f32x4.add(sum, v128.load(from));
    v128.store(y + c, f32x4.div(sum, count));
  }
}

/** dx = dy / numPixels at every pixel. */
export function averagePoolGradient(dy: usize, numPixels: i32, channels: i32, dx: usize): void {
  const pixel = (<usize>channels) << 2;
  const count = f32x4.splat(<f32>numPixels);
  for (let i = 0; i < numPixels; i++, dx += pixel) {
    for (let c: usize = 0; c < pixel; c += 16) v128.store(dx + c, f32x4.div(v128.load(dy + c), count));
  }
}

/** y[oy][ox][c] = the mean of the window's pixels that are in the image. */
export function averagePoolWindows(
  x: usize, height: i32, width: i32, channels: i32, poolHeight: i32, poolWidth: i32, stride0: i32, stride1: i32,
  padTop: i32, padLeft: i32, y: usize, outHeight: i32, outWidth: i32,
): void {
  const pixel = (<usize>channels) << 2;
  for (let oy = 0; oy < outHeight; oy++) {
    const top = max(oy * stride0 - padTop, 0), bottom = min(oy * stride0 - padTop + poolHeight, height);
    for (let ox = 0; ox < outWidth; ox++, y += pixel) {
      const left = max(ox * stride1 - padLeft, 0), right = min(ox * stride1 - padLeft + poolWidth, width);
      const count = f32x4.splat(<f32>((bottom - top) * (right - left)));
      for (let c: usize = 0; c < pixel; c += 16) {
        let sum = f32x4.splat(0);
        for (let iy = top; iy < bottom; iy++) {
          let from = x + <usize>(iy * width + left) * pixel + c;
          for (let ix = left; ix < right; ix++, from += pixel) sum = f32x4.add(sum, v128.load(from));
        }
        v128.store(y + c, f32x4.div(sum, count));
      }
    }
  }
}

/** dx = dy / (pixels in the window) at every pixel of each window, added up; 0 where no window is. */
export function averagePoolWindowsGradient(
  dy: usize, height: i32, width: i32, channels: i32, poolHeight: i32, poolWidth: i32, stride0: i32, stride1: i32,
  padTop: i32, padLeft: i32, outHeight: i32, outWidth: i32, dx: usize,
): void {
  const pixel = (<usize>channels) << 2;
  memory.fill(dx, 0, <usize>(height * width) * pixel);
  for (let oy = 0; oy < outHeight; oy++) {
    const top = max(oy * stride0 - padTop, 0), bottom = min(oy * stride0 - padTop + poolHeight, height);
    for (let ox = 0; ox < outWidth; ox++, dy += pixel) {
      const left = max(ox * stride1 - padLeft, 0), right = min(ox * stride1 - padLeft + poolWidth, width);
      const count = f32x4.splat(<f32>((bottom - top) * (right - left)));
      for (let c: usize = 0; c < pixel; c += 16) {
        const share = f32x4.div(v128.load(dy + c), count);
        for (let iy = top; iy < bottom; iy++) {
          let at = dx + <usize>(iy * width + left) * pixel + c;
          for (let ix = left; ix < right; ix++, at += pixel) v128.store(at, f32x4.add(v128.load(at), share));
        }
      }
    }
  }
}
