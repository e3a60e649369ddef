/*
 * Matrices as `multiplyPanel` reads them: panels of 8 columns, [columns / 8][rows][8].
 */
import { PANEL } from './matrix-tiles';

/**
 * Packs one panel of a [rows, columns] matrix, each column times its scale where one is given.
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
 * Packs one panel of a filter turned by 180 degrees, in and out exchanged: row tap * numOut + k, column c of what the input's gradient
 * multiplies is filter[numTaps - 1 - tap][c][k]. With one tap, a transposed matrix.
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
