/*
 * Runs the operations that only training needs. Arguments come in the order of `emit.ts`.
 */
import {
  CONTROL_DATASET, CONTROL_LABELS, OP_ADAM, OP_BIAS_GRADIENT, OP_DENSE_FILTER_GRADIENT, OP_DIRECT_FILTER_GRADIENT,
  OP_DIRECT_INPUT_GRADIENT, OP_DROPOUT, OP_DROPOUT_GRADIENT, OP_FINISH_GRADIENTS, OP_FINISH_STATISTICS, OP_INPUT,
  OP_LOSS, OP_MOVE_AVERAGE, OP_MOVE_STATISTICS, OP_NORMALIZATION_GRADIENT, OP_NORMALIZATION_SUMS,
  OP_NORMALIZE_AND_POOL, OP_PACK_TURNED, OP_POOLED_GRADIENT, OP_POOLED_SUMS, OP_REPORT, OP_SGD, OP_STATISTICS,
  OP_WINOGRAD_GRADIENTS, SOURCE_TRAINING_SET,
} from '../src/program/contract';
import { writeDistorted } from './augmentation';
import {
  addGradients, addStatistics, applyGradient, finishGradients, finishStatistics, moveStatistics,
} from './batch-normalization';
import { addBiasGradient } from './bias-gradient';
import { control, isFirstChunk, isLastChunk, numThreads, shard, thread } from './context';
import { directConvolution, directFilterGradient } from './direct-convolution';
import { applyMask, drawMask } from './dropout';
import { writeImage } from './input';
import { softmaxCrossEntropy, wasCorrect } from './loss';
import { accumulate, PANEL } from './matrix-tiles';
import { addPooledGradients, applyPooledGradient, normalizeAndPool } from './normalized-pooling';
import { adam, moveAverage, sgd } from './optimizers';
import { packTurnedPanel } from './packing';
import { copyPadded } from './patches';
import { runPlainGradient } from './plain-layers';
import { powerOf } from './portable-math';
import { address, argument, doubleArgument, imageBytes, opcode, tensor } from './program';
import { averageDecay, batchSize, learningRate, reportStep, sampleAt, stepNumber } from './step';
import { finishFilterGradient, winogradGradients } from './winograd';
import { pointBytes } from './winograd-tiles';

/** Runs an operation on `count` images from `first` of the batch; false when it is not one of training's own. */
export function runTrainingOp(op: usize, first: i32, count: i32): bool {
  switch (opcode(op)) {
    case OP_INPUT: runInput(op, first, count); return true;
    case OP_STATISTICS: runStatistics(op, first, count); return true;
    case OP_FINISH_STATISTICS: runFinishStatistics(op); return true;
    case OP_DROPOUT: runDropout(op, first, count); return true;
    case OP_LOSS: runLoss(op, first, count); return true;
    case OP_DROPOUT_GRADIENT: runDropoutGradient(op, first, count); return true;
    case OP_BIAS_GRADIENT: runBiasGradient(op, first, count); return true;
    case OP_NORMALIZATION_SUMS: runNormalizationSums(op, first, count); return true;
    case OP_FINISH_GRADIENTS: runFinishGradients(op); return true;
    case OP_NORMALIZATION_GRADIENT: runNormalizationGradient(op, first, count); return true;
    case OP_NORMALIZE_AND_POOL: runNormalizeAndPool(op, first, count); return true;
    case OP_POOLED_SUMS: runPooledSums(op, first, count); return true;
    case OP_POOLED_GRADIENT: runPooledGradient(op, first, count); return true;
    case OP_DENSE_FILTER_GRADIENT: runDenseFilterGradient(op, first, count); return true;
    case OP_DIRECT_FILTER_GRADIENT: runDirectFilterGradient(op, first, count); return true;
    case OP_WINOGRAD_GRADIENTS: runWinogradGradients(op, first, count); return true;
    case OP_DIRECT_INPUT_GRADIENT: runDirectInputGradient(op, first, count); return true;
    case OP_PACK_TURNED: runPackTurned(op); return true;
    case OP_MOVE_STATISTICS: runMoveStatistics(op); return true;
    case OP_SGD: runSgd(op); return true;
    case OP_ADAM: runAdam(op); return true;
    case OP_MOVE_AVERAGE: runMoveAverage(op); return true;
    case OP_REPORT: runReport(op); return true;
    default: return runPlainGradient(op, first, count);
  }
}

function runInput(op: usize, first: i32, count: i32): void {
  const height = argument(op, 2), width = argument(op, 3), channels = argument(op, 4);
  const dataset = <usize>control(CONTROL_DATASET);
  let to = tensor(op, 0, first) + <usize>argument(op, 5);
  for (let i = 0; i < count; i++, to += imageBytes(op, 0)) {
    const sample = sampleAt(first + i);
    const image = dataset + <usize>sample * <usize>(height * width * channels);
    if (argument(op, 8)) {
      writeDistorted(
        image, height, width, channels, to, <usize>argument(op, 6), <usize>argument(op, 7),
        address(op, 8), sample, address(op, 9),
      );
    } else {
      writeImage(
        image, SOURCE_TRAINING_SET, height, width, channels, to, <usize>argument(op, 6), <usize>argument(op, 7),
      );
    }
  }
}

/** This shard's gradient of a weight. */
// @ts-ignore: decorator
@inline
function shardGradient(op: usize, index: i32): usize {
  return address(op, index) + <usize>shard * <usize>argument(op, index + 1);
}

/** Sets what the shard adds up to zero before its first chunk. */
// @ts-ignore: decorator
@inline
function startSum(at: usize, bytes: usize): void {
  if (isFirstChunk) memory.fill(at, 0, bytes);
}

function runStatistics(op: usize, first: i32, count: i32): void {
  const channels = argument(op, 3);
  const sums = shardGradient(op, 5);
  startSum(sums, <usize>channels << 4);
  let x = tensor(op, 0, first);
  for (let i = 0; i < count; i++, x += imageBytes(op, 0)) {
    addStatistics(x, argument(op, 2), channels, address(op, 4), sums);
  }
}

function runFinishStatistics(op: usize): void {
  finishStatistics(
    address(op, 0), <usize>argument(op, 1), batchSize * argument(op, 2), argument(op, 3),
    address(op, 4), address(op, 5), address(op, 6), doubleArgument(op, 8), address(op, 7),
  );
}

function runDropout(op: usize, first: i32, count: i32): void {
  let x = tensor(op, 0, first), mask = tensor(op, 2, first), y = tensor(op, 4, first);
  const numPixels = argument(op, 6), channels = argument(op, 7), stride = argument(op, 8);
  const rate = reinterpret<f32>(argument(op, 9)), factor = reinterpret<f32>(argument(op, 10));
  const bytes = <usize>(numPixels * stride) << 2;
  for (let i = 0; i < count; i++, x += imageBytes(op, 0), mask += imageBytes(op, 2), y += imageBytes(op, 4)) {
    drawMask(mask, numPixels, channels, stride, rate, factor, argument(op, 11), sampleAt(first + i));
    applyMask(x, mask, y, bytes);
  }
}

function runDropoutGradient(op: usize, first: i32, count: i32): void {
  let dy = tensor(op, 0, first), mask = tensor(op, 2, first), dx = tensor(op, 4, first);
  for (let i = 0; i < count; i++, dy += imageBytes(op, 0), mask += imageBytes(op, 2), dx += imageBytes(op, 4)) {
    applyMask(dy, mask, dx, <usize>argument(op, 6));
  }
}

/** The shard's loss and correct answers are two float64, 16 bytes a shard. */
function runLoss(op: usize, first: i32, count: i32): void {
  const totals = shardGradient(op, 7);
  startSum(totals, 16);
  const labels = <usize>control(CONTROL_LABELS);
  let logits = tensor(op, 0, first), gradient = tensor(op, 2, first);
  for (let i = 0; i < count; i++, logits += imageBytes(op, 0), gradient += imageBytes(op, 2)) {
    const loss = softmaxCrossEntropy(
      logits, argument(op, 4), argument(op, 5), load<u8>(labels + <usize>sampleAt(first + i)),
      load<f64>(address(op, 6)), 1 / <f64>batchSize, gradient,
    );
    store<f64>(totals, load<f64>(totals) + loss);
    if (wasCorrect) store<f64>(totals, load<f64>(totals, 8) + 1, 8);
  }
}

function runReport(op: usize): void {
  if (thread == 0) reportStep(address(op, 0));
}

function runBiasGradient(op: usize, first: i32, count: i32): void {
  const channels = argument(op, 3);
  const gradient = shardGradient(op, 4);
  startSum(gradient, <usize>channels << 2);
  let dy = tensor(op, 0, first);
  for (let i = 0; i < count; i++, dy += imageBytes(op, 0)) addBiasGradient(dy, argument(op, 2), channels, gradient);
}

function runNormalizationSums(op: usize, first: i32, count: i32): void {
  const channels = argument(op, 5);
  const dgamma = shardGradient(op, 8), dbeta = shardGradient(op, 10);
  startSum(dgamma, <usize>channels << 2);
  startSum(dbeta, <usize>channels << 2);
  let dy = tensor(op, 0, first), x = tensor(op, 2, first);
  for (let i = 0; i < count; i++, dy += imageBytes(op, 0), x += imageBytes(op, 2)) {
    addGradients(dy, x, argument(op, 4), channels, address(op, 6), argument(op, 7) != 0, dgamma, dbeta);
  }
}

function runFinishGradients(op: usize): void {
  finishGradients(
    address(op, 0), address(op, 1), <usize>argument(op, 2), batchSize * argument(op, 3), argument(op, 4), address(op, 5),
  );
}

function runNormalizationGradient(op: usize, first: i32, count: i32): void {
  let dy = tensor(op, 0, first), x = tensor(op, 2, first), dx = tensor(op, 4, first);
  for (let i = 0; i < count; i++, dy += imageBytes(op, 0), x += imageBytes(op, 2), dx += imageBytes(op, 4)) {
    applyGradient(dy, x, dx, argument(op, 6), argument(op, 7), address(op, 8), argument(op, 9) != 0);
  }
}

function runNormalizeAndPool(op: usize, first: i32, count: i32): void {
  let x = tensor(op, 0, first), y = tensor(op, 2, first);
  const width = argument(op, 4), channels = argument(op, 5), outHeight = argument(op, 6), outWidth = argument(op, 7);
  for (let i = 0; i < count; i++, x += imageBytes(op, 0), y += imageBytes(op, 2)) {
    normalizeAndPool(x, width, channels, outHeight, outWidth, y, address(op, 8), address(op, 9));
  }
}

function runPooledSums(op: usize, first: i32, count: i32): void {
  const channels = argument(op, 5);
  const dgamma = shardGradient(op, 9), dbeta = shardGradient(op, 11);
  startSum(dgamma, <usize>channels << 2);
  startSum(dbeta, <usize>channels << 2);
  let dy = tensor(op, 0, first), x = tensor(op, 2, first);
  for (let i = 0; i < count; i++, dy += imageBytes(op, 0), x += imageBytes(op, 2)) {
    addPooledGradients(
      dy, x, argument(op, 4), channels, argument(op, 6), argument(op, 7), address(op, 8), dgamma, dbeta,
    );
  }
}

function runPooledGradient(op: usize, first: i32, count: i32): void {
  let dy = tensor(op, 0, first), x = tensor(op, 2, first), dx = tensor(op, 4, first);
  for (let i = 0; i < count; i++, dy += imageBytes(op, 0), x += imageBytes(op, 2), dx += imageBytes(op, 4)) {
    applyPooledGradient(
      dy, x, dx, argument(op, 6), argument(op, 7), argument(op, 8), argument(op, 9), argument(op, 10), address(op, 11),
    );
  }
}

function runDenseFilterGradient(op: usize, first: i32, count: i32): void {
  const numIn = argument(op, 4), numOut = argument(op, 5);
  const gradient = shardGradient(op, 6);
  accumulate(
    tensor(op, 0, first), imageBytes(op, 0), tensor(op, 2, first), imageBytes(op, 2), count, gradient, numIn, numOut,
    isFirstChunk,
  );
}

function runDirectFilterGradient(op: usize, first: i32, count: i32): void {
  const height = argument(op, 4), width = argument(op, 5), channels = argument(op, 6);
  const kernelHeight = argument(op, 7), kernelWidth = argument(op, 8), outChannels = argument(op, 18);
  const scratch = address(op, 11), paddedWidth = argument(op, 13);
  const gradient = shardGradient(op, 19);
  // As above.
  if (count == 0) memory.fill(gradient, 0, <usize>(kernelHeight * kernelWidth * channels * outChannels) << 2);
  let x = tensor(op, 0, first), dy = tensor(op, 2, first);
  for (let i = 0; i < count; i++, x += imageBytes(op, 0), dy += imageBytes(op, 2)) {
    if (scratch) {
      copyPadded(x, height, width, channels, 1, 1, scratch, argument(op, 12), paddedWidth, argument(op, 14), argument(op, 15));
    }
    directFilterGradient(
      scratch ? scratch : x, paddedWidth, channels, kernelHeight, kernelWidth, argument(op, 9), argument(op, 10),
      dy, argument(op, 16), argument(op, 17), outChannels, gradient,
      isFirstChunk && i == 0,
    );
  }
}

function runDirectInputGradient(op: usize, first: i32, count: i32): void {
  const scratch = address(op, 9);
  const height = argument(op, 13), width = argument(op, 14);
  const kernelHeight = argument(op, 16), kernelWidth = argument(op, 17);
  const paddedWidth = width + kernelWidth - 1;
  let dy = tensor(op, 0, first), dx = tensor(op, 2, first);
  for (let i = 0; i < count; i++, dy += imageBytes(op, 0), dx += imageBytes(op, 2)) {
    copyPadded(
      dy, argument(op, 4), argument(op, 5), argument(op, 6), argument(op, 7), argument(op, 8),
      scratch, height + kernelHeight - 1, paddedWidth, argument(op, 10), argument(op, 11),
    );
    directConvolution(
      scratch, paddedWidth, argument(op, 6), kernelHeight, kernelWidth, 1, 1,
      address(op, 12), 0, false, dx, height, width, argument(op, 15),
    );
  }
}

function runWinogradGradients(op: usize, first: i32, count: i32): void {
  const inChannels = argument(op, 6), outChannels = argument(op, 11);
  const du = address(op, 12), scratch = address(op, 14), tile = argument(op, 18);
  // A batch smaller than the number of shards leaves some without images.
  if (count == 0) memory.fill(du, 0, <usize>((tile + 2) * (tile + 2)) * pointBytes(inChannels, outChannels));
  winogradGradients(
    tile, tensor(op, 0, first), imageBytes(op, 0), argument(op, 4), argument(op, 5), inChannels, argument(op, 7), argument(op, 8),
    tensor(op, 2, first), imageBytes(op, 2), argument(op, 9), argument(op, 10), outChannels,
    du, isFirstChunk, argument(op, 21) ? tensor(op, 19, first) : 0, imageBytes(op, 19), address(op, 21),
    count, argument(op, 13), argument(op, 17), scratch,
  );
  if (isLastChunk) finishFilterGradient(tile, du, inChannels, outChannels, shardGradient(op, 15), scratch);
}

function runPackTurned(op: usize): void {
  const numIn = argument(op, 2);
  for (let panel = thread; panel < numIn / PANEL; panel += numThreads) {
    packTurnedPanel(address(op, 0), argument(op, 1), numIn, argument(op, 3), panel, address(op, 4));
  }
}

function runMoveStatistics(op: usize): void {
  if (thread == 0) moveStatistics(address(op, 0), argument(op, 1), address(op, 2), address(op, 3), doubleArgument(op, 4));
}

/** Where this thread's part of `bytes` begins; whole vectors. */
// @ts-ignore: decorator
@inline
function partStart(bytes: usize, index: i32): usize {
  return <usize>(<u64>(bytes >> 4) * <u64>index / <u64>numThreads) << 4;
}

function runSgd(op: usize): void {
  const bytes = <usize>argument(op, 4);
  const from = partStart(bytes, thread), size = partStart(bytes, thread + 1) - from;
  sgd(
    address(op, 0) + from, address(op, 1) + from, <usize>argument(op, 2), address(op, 3) + from, size,
    learningRate, <f32>doubleArgument(op, 5), argument(op, 7) != 0,
  );
}

function runAdam(op: usize): void {
  const bytes = <usize>argument(op, 5);
  const from = partStart(bytes, thread), size = partStart(bytes, thread + 1) - from;
  const beta1 = doubleArgument(op, 6), beta2 = doubleArgument(op, 8);
  adam(
    address(op, 0) + from, address(op, 1) + from, <usize>argument(op, 2), address(op, 3) + from, address(op, 4) + from, size,
    learningRate, beta1, beta2, doubleArgument(op, 10), doubleArgument(op, 12),
    1 - powerOf(beta1, stepNumber), 1 - powerOf(beta2, stepNumber),
  );
}

function runMoveAverage(op: usize): void {
  const bytes = <usize>argument(op, 2);
  const from = partStart(bytes, thread), size = partStart(bytes, thread + 1) - from;
  moveAverage(address(op, 0) + from, address(op, 1) + from, size, averageDecay);
}
