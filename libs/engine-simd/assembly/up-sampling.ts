/*
 * Repetition of pixels, and sums of images.
 */

/**
 * y = x with each pixel repeated `rows` times downwards and `columns` times to the right, plus `other`.
 *
 * @param channels a multiple of 4
 * @param other `[rows * height, columns * width, channels]`, or 0 for none
 */
export function upSampling(
  x: usize, height: i32, width: i32, channels: i32, rows: i32, columns: i32, other: usize, y: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>width * pixel;
  for (let iy = 0; iy < height; iy++, x += row) {
    for (let r = 0; r < rows; r++) {
      for (let from = x, end = x + row; from < end; from += pixel) {
        for (let i = 0; i < columns; i++, y += pixel) {
          if (other) {
            for (let c: usize = 0; c < pixel; c += 16, other += 16) {
              v128.store(y + c, f32x4.add(v128.load(from + c), v128.load(other)));
            }
          } else {
            for (let c: usize = 0; c < pixel; c += 16) v128.store(y + c, v128.load(from + c));
          }
        }
      }
    }
  }
}

/** dx = the sum of dy over the repetitions of each pixel, row by row. */
export function upSamplingGradient(
  dy: usize, height: i32, width: i32, channels: i32, rows: i32, columns: i32, dx: usize,
): void {
  const pixel = <usize>channels << 2;
  const row = <usize>(width * columns) * pixel;
  for (let iy = 0; iy < height; iy++, dy += <usize>rows * row) {
    for (let from = dy, end = dy + row; from < end; from += <usize>columns * pixel) {
      for (let c: usize = 0; c < pixel; c += 16, dx += 16) {
        let sum = v128.load(from + c);
        for (let i = 1; i < columns; i++) sum = f32x4.add(sum, v128.load(from + c + <usize>i * pixel));
        for (let r = 1; r < rows; r++) {
          const at = from + c + <usize>r * row;
          for (let i = 0; i < columns; i++) sum = f32x4.add(sum, v128.load(at + <usize>i * pixel));
        }
        v128.store(dx, sum);
      }
    }
  }
}

/** y += x, for any number of vectors. */
export function addTo(x: usize, y: usize, bytes: usize): void {
  for (const end = x + bytes; x < end; x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
}
