/*
 * The two matrix products that all convolutions and dense layers use, in tiles of 4 rows by 8 columns, whose 8 accumulators
 * stay in registers; the packing of matrices for them, and the gradient of a bias. Sums run in a fixed order and start from
 * the bias or from the existing value, so the bits of a row depend neither on its neighbours nor on how the work is divided.
 *
 * Loops compute one product per iteration. V8 moves all loads of a block before the arithmetic, so in an unrolled loop the
 * accumulators do not fit the 16 registers.
 */

/** Columns of a packed panel; every channel count in memory is a multiple of it. */
export const PANEL: i32 = 8;
const PANEL_BYTES: usize = 32;

// @ts-ignore: decorator
@inline
function multiplyAdd(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

/**
 * c[row][0..7] = bias + sum over k of a[row][k] * b[k][0..7], for `numRows` rows.
 *
 * A row of `a` consists of `numRuns` runs of `runLength` floats, `runStep` bytes apart (the kernel's rows in an image, or
 * one single run); `aRow` and `cRow` are the bytes from row to row. `b` is a packed panel, `[numRuns * runLength][8]`.
 *
 * @param bias start of every row, or 0 to start from zero
 */
export function multiplyPanel(
  a: usize, aRow: usize, numRows: i32,
  numRuns: i32, runStep: usize, runLength: i32,
  b: usize,
  c: usize, cRow: usize,
  bias: usize, relu: bool,
): void {
  const runBytes = <usize>runLength << 2;
  const start0 = bias ? v128.load(bias) : f32x4.splat(0);
  const start1 = bias ? v128.load(bias, 16) : f32x4.splat(0);
  const panel = b;
  for (let rows = numRows; rows > 0; rows -= 4) {
    // If fewer than 4 rows are left, the last one is computed again and not stored.
    const row1: usize = rows > 1 ? aRow : 0;
    const row2: usize = rows > 2 ? aRow * 2 : 0;
    const row3: usize = rows > 3 ? aRow * 3 : 0;
    let c00 = start0, c01 = start1, c10 = start0, c11 = start1;
    let c20 = start0, c21 = start1, c30 = start0, c31 = start1;
    b = panel;
    for (let run = 0; run < numRuns; run++) {
      let a0 = a + <usize>run * runStep;
      let a1 = a0 + row1, a2 = a0 + row2, a3 = a0 + row3;
      const end = a0 + runBytes;
      while (a0 < end) {
        const b0 = v128.load(b), b1 = v128.load(b, 16);
        let x = v128.load32_splat(a0);
        c00 = multiplyAdd(c00, x, b0); c01 = multiplyAdd(c01, x, b1);
        x = v128.load32_splat(a1);
        c10 = multiplyAdd(c10, x, b0); c11 = multiplyAdd(c11, x, b1);
        x = v128.load32_splat(a2);
        c20 = multiplyAdd(c20, x, b0); c21 = multiplyAdd(c21, x, b1);
        x = v128.load32_splat(a3);
        c30 = multiplyAdd(c30, x, b0); c31 = multiplyAdd(c31, x, b1);
        a0 += 4; a1 += 4; a2 += 4; a3 += 4; b += PANEL_BYTES;
      }
    }
    if (relu) {
      const zero = f32x4.splat(0);
      c00 = f32x4.pmax(c00, zero); c01 = f32x4.pmax(c01, zero);
      c10 = f32x4.pmax(c10, zero); c11 = f32x4.pmax(c11, zero);
      c20 = f32x4.pmax(c20, zero); c21 = f32x4.pmax(c21, zero);
      c30 = f32x4.pmax(c30, zero); c31 = f32x4.pmax(c31, zero);
    }
    v128.store(c, c00); v128.store(c, c01, 16);
    if (rows < 2) return;
    c += cRow; v128.store(c, c10); v128.store(c, c11, 16);
    if (rows < 3) return;
    c += cRow; v128.store(c, c20); v128.store(c, c21, 16);
    if (rows < 4) return;
    c += cRow; v128.store(c, c30); v128.store(c, c31, 16);
    c += cRow;
    a += aRow * 4;
  }
}

/**
 * c[row][0..7] += sum over t of a[t][row] * b[t][0..7], for `numRows` rows: the gradient of a filter.
 *
 * The t are `numRuns` runs of `runLength` positions (rows of an image, or one single run); `a` and `b` have steps of their
 * own, in bytes. Up to three floats behind a's last row are read and dropped.
 *
 * @param isFirst whether `c` is overwritten instead
 */
export function accumulatePanel(
  a: usize, aRunStep: usize, aStep: usize,
  b: usize, bRunStep: usize, bStep: usize,
  numRuns: i32, runLength: i32,
  c: usize, cRow: usize, numRows: i32, isFirst: bool,
): void {
  const runBytes = <usize>runLength * bStep;
  for (let rows = numRows; rows > 0; rows -= 4) {
    const c1 = rows > 1 ? c + cRow : c;
    const c2 = rows > 2 ? c + 2 * cRow : c;
    const c3 = rows > 3 ? c + 3 * cRow : c;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    if (!isFirst) {
      c00 = v128.load(c); c01 = v128.load(c, 16);
      c10 = v128.load(c1); c11 = v128.load(c1, 16);
      c20 = v128.load(c2); c21 = v128.load(c2, 16);
      c30 = v128.load(c3); c31 = v128.load(c3, 16);
    }
    for (let run = 0; run < numRuns; run++) {
      let pa = a + <usize>run * aRunStep;
      let pb = b + <usize>run * bRunStep;
      const end = pb + runBytes;
      while (pb < end) {
        const b0 = v128.load(pb), b1 = v128.load(pb, 16);
        let x = v128.load32_splat(pa);
        c00 = multiplyAdd(c00, x, b0); c01 = multiplyAdd(c01, x, b1);
        x = v128.load32_splat(pa, 4);
        c10 = multiplyAdd(c10, x, b0); c11 = multiplyAdd(c11, x, b1);
        x = v128.load32_splat(pa, 8);
        c20 = multiplyAdd(c20, x, b0); c21 = multiplyAdd(c21, x, b1);
        x = v128.load32_splat(pa, 12);
        c30 = multiplyAdd(c30, x, b0); c31 = multiplyAdd(c31, x, b1);
        pa += aStep; pb += bStep;
      }
    }
    v128.store(c, c00); v128.store(c, c01, 16);
    if (rows < 2) return;
    v128.store(c1, c10); v128.store(c1, c11, 16);
    if (rows < 3) return;
    v128.store(c2, c20); v128.store(c2, c21, 16);
    if (rows < 4) return;
    v128.store(c3, c30); v128.store(c3, c31, 16);
    c += cRow * 4;
    a += 16;
  }
}

/** c[m][n] = bias[n] + sum over k of a[m][k] * b[k][n]; `b` in packed panels, n a multiple of 8. */
export function multiply(
  a: usize, aRow: usize, b: usize, c: usize, cRow: usize,
  m: i32, n: i32, k: i32, bias: usize, relu: bool,
): void {
  const panelBytes = <usize>k * PANEL_BYTES;
  for (let column: usize = 0; column < <usize>n << 2; column += PANEL_BYTES) {
    multiplyPanel(a, aRow, m, 1, 0, k, b, c + column, cRow, bias ? bias + column : 0, relu);
    b += panelBytes;
  }
}

/** c[m][n] += sum over t of a[t][m] * b[t][n], n a multiple of 8; `isFirst` as for {@link accumulatePanel}. */
export function accumulate(
  a: usize, aStep: usize, b: usize, bStep: usize, numSteps: i32,
  c: usize, m: i32, n: i32, isFirst: bool,
): void {
  const cRow = <usize>n << 2;
  for (let column: usize = 0; column < cRow; column += PANEL_BYTES) {
    accumulatePanel(a, 0, aStep, b + column, 0, bStep, 1, numSteps, c + column, cRow, m, isFirst);
  }
}

/**
 * Packs one panel of a [rows, columns] matrix, each column times its scale if there is one.
 *
 * @param scale `[columns]`, or 0
 */
export function packPanel(from: usize, rows: i32, columns: i32, panel: i32, scale: usize, to: usize): void {
  const column = (<usize>panel) << 5;
  const row = (<usize>columns) << 2;
  const scale0 = scale ? v128.load(scale + column) : f32x4.splat(1);
  const scale1 = scale ? v128.load(scale + column, 16) : f32x4.splat(1);
  from += column;
  to += <usize>rows * column;
  for (let i = 0; i < rows; i++, from += row, to += PANEL << 2) {
    v128.store(to, f32x4.mul(v128.load(from), scale0));
    v128.store(to, f32x4.mul(v128.load(from, 16), scale1), 16);
  }
}

/**
 * Packs one panel of a filter for the gradient of the input: turned by 180 degrees, with in and out exchanged. Row tap * numOut + k,
 * column c is filter[numTaps - 1 - tap][c][k]. With one tap this transposes a matrix.
 */
export function packTurnedPanel(filter: usize, numTaps: i32, numIn: i32, numOut: i32, panel: i32, to: usize): void {
  const column = (<usize>numOut) << 2;
  to += (<usize>(numTaps * numOut * panel)) << 5;
  for (let tap = numTaps - 1; tap >= 0; tap--) {
    let from = filter + <usize>(tap * numIn + panel * PANEL) * column;
    for (let k = 0; k < numOut; k++, from += 4) {
      for (let c: usize = 0; c < <usize>PANEL; c++, to += 4) store<f32>(to, load<f32>(from + c * column));
    }
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
