/*
 * Runs the operations that every network needs. Arguments come in the order of `emit.ts`.
 */
import {
  OP_DENSE,
  OP_DIRECT_CONVOLUTION,
  OP_FOLD_STATISTICS,
  OP_INPUT,
  OP_OUTPUT,
  OP_PACK,
  OP_SCALE_AND_SHIFT,
  OP_WINOGRAD_CONVOLUTION,
  OP_WINOGRAD_FILTER,
  SOURCE_FLOATS,
} from '../src/program/contract';
import { foldStatistics, scaleAndShift } from './batch-normalization';
import { numThreads, outputRecords, source, sourceImages, thread } from './context';
import { directConvolution } from './direct-convolution';
import { writeImage } from './input';
import { multiply, PANEL } from './matrix-tiles';
import { packPanel } from './packing';
import { copyPadded } from './patches';
import { runPlainLayer } from './plain-layers';
import { address, argument, doubleArgument, imageBytes, opcode, tensor } from './program';
import { transformFilterPanel, winogradConvolution } from './winograd';

/** Runs an operation on `count` images from `first`. */
export function runForwardOp(op: usize, first: i32, count: i32): void {
  switch (opcode(op)) {
    case OP_INPUT:
      runInput(op, first, count);
      return;
    case OP_DIRECT_CONVOLUTION:
      runDirectConvolution(op, first, count);
      return;
    case OP_WINOGRAD_CONVOLUTION:
      runWinogradConvolution(op, first, count);
      return;
    case OP_DENSE:
      runDense(op, first, count);
      return;
    case OP_SCALE_AND_SHIFT:
      runScaleAndShift(op, first, count);
      return;
    case OP_OUTPUT:
      runOutput(op, first, count);
      return;
    case OP_PACK:
      runPack(op);
      return;
    case OP_WINOGRAD_FILTER:
      runWinogradFilter(op);
      return;
    case OP_FOLD_STATISTICS:
      runFoldStatistics(op);
      return;
    default:
      runPlainLayer(op, first, count);
  }
}

function runDirectConvolution(op: usize, first: i32, count: i32): void {
  let input = tensor(op, 0, first),
    output = tensor(op, 2, first);
  const height = argument(op, 4),
    width = argument(op, 5),
    channels = argument(op, 6);
  const scratch = address(op, 11),
    paddedHeight = argument(op, 12),
    paddedWidth = argument(op, 13);
  for (let i = 0; i < count; i++, input += imageBytes(op, 0), output += imageBytes(op, 2)) {
    if (scratch) {
      copyPadded(
        input,
        height,
        width,
        channels,
        1,
        1,
        scratch,
        paddedHeight,
        paddedWidth,
        argument(op, 14),
        argument(op, 15),
      );
    }
    directConvolution(
      scratch ? scratch : input,
      paddedWidth,
      channels,
      argument(op, 7),
      argument(op, 8),
      argument(op, 9),
      argument(op, 10),
      address(op, 16),
      address(op, 17),
      argument(op, 18) != 0,
      output,
      argument(op, 19),
      argument(op, 20),
      argument(op, 21),
    );
  }
}

function runWinogradConvolution(op: usize, first: i32, count: i32): void {
  winogradConvolution(
    argument(op, 18),
    tensor(op, 0, first),
    imageBytes(op, 0),
    argument(op, 4),
    argument(op, 5),
    argument(op, 6),
    argument(op, 7),
    argument(op, 8),
    tensor(op, 2, first),
    imageBytes(op, 2),
    argument(op, 9),
    argument(op, 10),
    argument(op, 11),
    address(op, 12),
    address(op, 13),
    argument(op, 14) != 0,
    count,
    argument(op, 15),
    argument(op, 17),
    address(op, 16),
  );
}

function runDense(op: usize, first: i32, count: i32): void {
  multiply(
    tensor(op, 0, first),
    imageBytes(op, 0),
    address(op, 6),
    tensor(op, 2, first),
    imageBytes(op, 2),
    count,
    argument(op, 5),
    argument(op, 4),
    address(op, 7),
    argument(op, 8) != 0,
  );
}

function runScaleAndShift(op: usize, first: i32, count: i32): void {
  let x = tensor(op, 0, first),
    y = tensor(op, 2, first);
  for (let i = 0; i < count; i++, x += imageBytes(op, 0), y += imageBytes(op, 2)) {
    scaleAndShift(x, y, argument(op, 4), argument(op, 5), address(op, 6), address(op, 7), argument(op, 8) != 0);
  }
}

function runInput(op: usize, first: i32, count: i32): void {
  const height = argument(op, 2),
    width = argument(op, 3),
    channels = argument(op, 4);
  const size = (<usize>(height * width * channels)) << (source == SOURCE_FLOATS ? 2 : 0);
  let from = sourceImages + <usize>first * size;
  let to = tensor(op, 0, first) + <usize>argument(op, 5);
  for (let i = 0; i < count; i++, from += size, to += imageBytes(op, 0)) {
    writeImage(from, source, height, width, channels, to, <usize>argument(op, 6), <usize>argument(op, 7));
  }
}

/** Copies what there is of each pixel's channels into the image's record, without those that only fill up memory. */
function runOutput(op: usize, first: i32, count: i32): void {
  const recordBytes = <usize>argument(op, 2),
    numPixels = <usize>argument(op, 4);
  let x = tensor(op, 0, first),
    y = outputRecords + <usize>first * recordBytes + <usize>argument(op, 3);
  const pixel = (<usize>argument(op, 5)) << 2,
    stride = (<usize>argument(op, 6)) << 2;
  for (let i = 0; i < count; i++, x += imageBytes(op, 0), y += recordBytes) {
    for (let p: usize = 0; p < numPixels; p++) memory.copy(y + p * pixel, x + p * stride, pixel);
  }
}

function runPack(op: usize): void {
  const columns = argument(op, 2);
  for (let panel = thread; panel < columns / PANEL; panel += numThreads) {
    packPanel(address(op, 0), argument(op, 1), columns, panel, address(op, 3), address(op, 4));
  }
}

function runWinogradFilter(op: usize): void {
  const numOut = argument(op, 5);
  for (let panel = thread; panel < numOut / PANEL; panel += numThreads) {
    transformFilterPanel(
      argument(op, 9),
      address(op, 0),
      <isize>argument(op, 1),
      <usize>argument(op, 2),
      <usize>argument(op, 3),
      argument(op, 4),
      numOut,
      panel,
      address(op, 6),
      address(op, 7),
      address(op, 8),
    );
  }
}

function runFoldStatistics(op: usize): void {
  if (thread != 0) return;
  foldStatistics(
    address(op, 0),
    address(op, 1),
    address(op, 2),
    address(op, 3),
    address(op, 4),
    doubleArgument(op, 8),
    argument(op, 5),
    address(op, 6),
    address(op, 7),
  );
}
