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
