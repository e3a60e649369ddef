/** y = max(x, 0), for any number of vectors. */
export function relu(x: usize, y: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = x + bytes; x < end; x += 16, y += 16) v128.store(y, f32x4.pmax(v128.load(x), zero));
}

/** dx = dy where y > 0, else 0; dx may be dy. */
export function reluGradient(dy: usize, y: usize, dx: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = dy + bytes; dy < end; dy += 16, y += 16, dx += 16) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
  }
}

/** db[c] += sum over pixels of dy[pixel][c]. */
export function addBiasGradient(dy: usize, numPixels: i32, channels: i32, db: usize): void {
  const pixel = (<usize>channels) << 2;
  for (let c: usize = 0; c < pixel; c += 32) {
    let sum0 = f32x4.splat(0),
      sum1 = sum0;
    let from = dy + c;
    for (let i = 0; i < numPixels; i++, from += pixel) {
      sum0 = f32x4.add(sum0, v128.load(from));
      sum1 = f32x4.add(sum1, v128.load(from, 16));
    }
    v128.store(db + c, f32x4.add(v128.load(db + c), sum0));
    v128.store(db + c, f32x4.add(v128.load(db + c, 16), sum1), 16);
  }
}
