/*
 * Runs the operations of every network.
 */
import { SOURCE_FLOATS } from '../src/program/contract';
import { foldStatistics, scaleAndShift } from './batch-normalization';
import { numThreads, outputRecords, source, sourceImages, thread } from './context';
import { copyPadded, directConvolution } from './direct-convolution';
import {
  DenseOp, DirectConvolutionOp, FoldStatisticsOp, InputOp, OP_DENSE, OP_DIRECT_CONVOLUTION, OP_FOLD_STATISTICS, OP_INPUT,
  OP_OUTPUT, OP_PACK, OP_SCALE_AND_SHIFT, OP_UP_SAMPLING, OP_WINOGRAD_CONVOLUTION, OP_WINOGRAD_FILTER, OutputOp, PackOp,
  ScaleAndShiftOp, UpSamplingOp, WinogradConvolutionOp, WinogradFilterOp,
} from './generated/operations';
import { writeImage } from './input';
import { multiply, packPanel, PANEL } from './matrix-tiles';
import { runPlainLayer } from './plain-layers';
import { opcode } from './program';
import { upSampling } from './up-sampling';
import { transformFilterPanel, winogradConvolution } from './winograd';

/** Runs an operation on `count` images from `first`. */
export function runForwardOp(op: usize, first: i32, count: i32): void {
  switch (opcode(op)) {
    case OP_INPUT: runInput(changetype<InputOp>(op), first, count); return;
    case OP_DIRECT_CONVOLUTION: runDirectConvolution(changetype<DirectConvolutionOp>(op), first, count); return;
    case OP_WINOGRAD_CONVOLUTION: runWinogradConvolution(changetype<WinogradConvolutionOp>(op), first, count); return;
    case OP_DENSE: runDense(changetype<DenseOp>(op), first, count); return;
    case OP_SCALE_AND_SHIFT: runScaleAndShift(changetype<ScaleAndShiftOp>(op), first, count); return;
    case OP_UP_SAMPLING: runUpSampling(changetype<UpSamplingOp>(op), first, count); return;
    case OP_OUTPUT: runOutput(changetype<OutputOp>(op), first, count); return;
    case OP_PACK: runPack(changetype<PackOp>(op)); return;
    case OP_WINOGRAD_FILTER: runWinogradFilter(changetype<WinogradFilterOp>(op)); return;
    case OP_FOLD_STATISTICS: runFoldStatistics(changetype<FoldStatisticsOp>(op)); return;
    default: runPlainLayer(op, first, count);
  }
}

function runDirectConvolution(op: DirectConvolutionOp, first: i32, count: i32): void {
  let input = op.input(first), output = op.output(first);
  const padded = op.padded, paddedWidth = op.paddedWidth, channels = op.channels;
  for (let i = 0; i < count; i++, input += op.inputBytes, output += op.outputBytes) {
    if (padded) {
      copyPadded(
        input, op.height, op.width, channels, 1, 1, padded, op.paddedHeight, paddedWidth, op.padTop, op.padLeft,
      );
    }
    directConvolution(
      padded ? padded : input, paddedWidth, channels, op.windowHeight, op.windowWidth, op.strideY, op.strideX,
      op.filter, op.bias, op.relu, output, op.outHeight, op.outWidth, op.outChannels,
    );
  }
}

function runWinogradConvolution(op: WinogradConvolutionOp, first: i32, count: i32): void {
  winogradConvolution(
    op.tile, op.input(first), op.inputBytes, op.height, op.width, op.channels, op.padTop, op.padLeft,
    op.output(first), op.outputBytes, op.outHeight, op.outWidth, op.outChannels,
    op.filter, op.bias, op.relu, count, op.blockTiles, op.stacked, op.scratch,
  );
}

function runDense(op: DenseOp, first: i32, count: i32): void {
  multiply(
    op.input(first), op.inputBytes, op.filter, op.output(first), op.outputBytes, count, op.numOut, op.numIn, op.bias,
    op.relu,
  );
}

function runScaleAndShift(op: ScaleAndShiftOp, first: i32, count: i32): void {
  let x = op.x(first), y = op.y(first);
  for (let i = 0; i < count; i++, x += op.xBytes, y += op.yBytes) {
    scaleAndShift(x, y, op.numPixels, op.channels, op.scale, op.shift, op.relu);
  }
}

function runUpSampling(op: UpSamplingOp, first: i32, count: i32): void {
  let x = op.x(first), other = op.other(first), y = op.y(first);
  for (let i = 0; i < count; i++, x += op.xBytes, other += op.otherBytes, y += op.yBytes) {
    upSampling(x, op.height, op.width, op.channels, op.rows, op.columns, other, y);
  }
}

function runInput(op: InputOp, first: i32, count: i32): void {
  const height = op.height, width = op.width, channels = op.channels;
  const size = (<usize>(height * width * channels)) << (source == SOURCE_FLOATS ? 2 : 0);
  let from = sourceImages + <usize>first * size;
  let to = op.to(first) + op.start;
  for (let i = 0; i < count; i++, from += size, to += op.toBytes) {
    writeImage(from, source, height, width, channels, to, op.rowBytes, op.pixelBytes);
  }
}

/** Copies the channels of each pixel into the image's record, without those that only fill up memory. */
function runOutput(op: OutputOp, first: i32, count: i32): void {
  const recordBytes = op.recordBytes, numPixels = <usize>op.numPixels;
  let x = op.x(first), y = outputRecords + <usize>first * recordBytes + op.offset;
  const pixel = (<usize>op.channels) << 2, stride = (<usize>op.stride) << 2;
  for (let i = 0; i < count; i++, x += op.xBytes, y += recordBytes) {
    if (pixel <= 32) copyValues(x, stride, y, pixel, numPixels);
    else for (let p: usize = 0; p < numPixels; p++) memory.copy(y + p * pixel, x + p * stride, pixel);
  }
}

/** Copies few values of each pixel, one by one: quicker than `memory.copy`. */
function copyValues(x: usize, stride: usize, y: usize, pixel: usize, numPixels: usize): void {
  for (const end = x + numPixels * stride; x < end; x += stride, y += pixel) {
    for (let c: usize = 0; c < pixel; c += 4) store<f32>(y + c, load<f32>(x + c));
  }
}

function runPack(op: PackOp): void {
  const columns = op.columns;
  for (let panel = thread; panel < columns / PANEL; panel += numThreads) {
    packPanel(op.filter, op.rows, columns, panel, op.scale, op.packed);
  }
}

function runWinogradFilter(op: WinogradFilterOp): void {
  const numOut = op.numOut;
  for (let panel = thread; panel < numOut / PANEL; panel += numThreads) {
    transformFilterPanel(
      op.tile, op.filter, op.tapStep, op.inStep, op.outStep, op.numIn, numOut, panel, op.scale, op.packed, op.scratch,
    );
  }
}

function runFoldStatistics(op: FoldStatisticsOp): void {
  if (thread != 0) return;
  foldStatistics(
    op.gamma, op.beta, op.movingMean, op.movingVariance, op.bias, op.epsilon, op.channels, op.scale, op.shift,
  );
}
