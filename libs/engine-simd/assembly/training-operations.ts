/*
 * Runs the operations that only training needs.
 */
import { CONTROL_ANSWERS, CONTROL_DATASET, SOURCE_TRAINING_SET, TOTALS_BYTES } from '../src/program/contract';
import { writeDistorted } from './augmentation';
import {
  addGradients, addStatistics, applyGradient, finishGradients, finishStatistics, moveStatistics,
} from './batch-normalization';
import { control, isFirstChunk, isLastChunk, numThreads, shard, thread } from './context';
import { copyPadded, directConvolution, directFilterGradient } from './direct-convolution';
import { applyMask, drawMask } from './dropout';
import {
  AccumulateOp, AdamOp, BiasGradientOp, DenseFilterGradientOp, DirectFilterGradientOp, DirectInputGradientOp, DropoutGradientOp,
  DropoutOp, FinishGradientsOp, FinishStatisticsOp, InputOp, LossOp, MoveAverageOp, MoveStatisticsOp,
  NormalizationGradientOp, NormalizationSumsOp, NormalizeAndPoolOp, OP_ACCUMULATE, OP_ADAM, OP_BIAS_GRADIENT,
  OP_DENSE_FILTER_GRADIENT, OP_DIRECT_FILTER_GRADIENT, OP_DIRECT_INPUT_GRADIENT, OP_DROPOUT, OP_DROPOUT_GRADIENT,
  OP_FINISH_GRADIENTS, OP_FINISH_STATISTICS, OP_INPUT, OP_LOSS, OP_MOVE_AVERAGE, OP_MOVE_STATISTICS,
  OP_NORMALIZATION_GRADIENT, OP_NORMALIZATION_SUMS, OP_NORMALIZE_AND_POOL, OP_PACK_TURNED, OP_PIXEL_LOSS, OP_POOLED_GRADIENT,
  OP_POOLED_SUMS, OP_REPORT, OP_SGD, OP_STATISTICS, OP_UP_SAMPLING_GRADIENT, OP_WINOGRAD_GRADIENTS, PackTurnedOp, PixelLossOp, PooledGradientOp,
  PooledSumsOp, ReportOp, SgdOp, StatisticsOp, UpSamplingGradientOp, WinogradGradientsOp,
} from './generated/operations';
import { writeImage } from './input';
import { numRight, sigmoidCrossEntropy, softmaxCrossEntropy, wasCorrect } from './loss';
import { accumulate, addBiasGradient, packTurnedPanel, PANEL } from './matrix-tiles';
import { addPooledGradients, applyPooledGradient, normalizeAndPool } from './normalized-pooling';
import { adam, moveAverage, sgd } from './optimizers';
import { runPlainGradient } from './plain-layers';
import { powerOf } from './portable-math';
import { opcode } from './program';
import { averageDecay, batchSize, learningRate, reportStep, sampleAt, stepNumber } from './step';
import { addTo, upSamplingGradient } from './up-sampling';
import { finishFilterGradient, winogradGradients } from './winograd';
import { pointBytes } from './winograd-tiles';

/** Runs an operation on `count` images from `first` of the batch; false if it is not one of training's own. */
export function runTrainingOp(op: usize, first: i32, count: i32): bool {
  switch (opcode(op)) {
    case OP_INPUT: runInput(changetype<InputOp>(op), first, count); return true;
    case OP_STATISTICS: runStatistics(changetype<StatisticsOp>(op), first, count); return true;
    case OP_FINISH_STATISTICS: runFinishStatistics(changetype<FinishStatisticsOp>(op)); return true;
    case OP_DROPOUT: runDropout(changetype<DropoutOp>(op), first, count); return true;
    case OP_LOSS: runLoss(changetype<LossOp>(op), first, count); return true;
    case OP_PIXEL_LOSS: runPixelLoss(changetype<PixelLossOp>(op), first, count); return true;
    case OP_UP_SAMPLING_GRADIENT: runUpSamplingGradient(changetype<UpSamplingGradientOp>(op), first, count); return true;
    case OP_ACCUMULATE: runAccumulate(changetype<AccumulateOp>(op), first, count); return true;
    case OP_DROPOUT_GRADIENT: runDropoutGradient(changetype<DropoutGradientOp>(op), first, count); return true;
    case OP_BIAS_GRADIENT: runBiasGradient(changetype<BiasGradientOp>(op), first, count); return true;
    case OP_NORMALIZATION_SUMS: runNormalizationSums(changetype<NormalizationSumsOp>(op), first, count); return true;
    case OP_FINISH_GRADIENTS: runFinishGradients(changetype<FinishGradientsOp>(op)); return true;
    case OP_NORMALIZATION_GRADIENT: runNormalizationGradient(changetype<NormalizationGradientOp>(op), first, count); return true;
    case OP_NORMALIZE_AND_POOL: runNormalizeAndPool(changetype<NormalizeAndPoolOp>(op), first, count); return true;
    case OP_POOLED_SUMS: runPooledSums(changetype<PooledSumsOp>(op), first, count); return true;
    case OP_POOLED_GRADIENT: runPooledGradient(changetype<PooledGradientOp>(op), first, count); return true;
    case OP_DENSE_FILTER_GRADIENT: runDenseFilterGradient(changetype<DenseFilterGradientOp>(op), first, count); return true;
    case OP_DIRECT_FILTER_GRADIENT: runDirectFilterGradient(changetype<DirectFilterGradientOp>(op), first, count); return true;
    case OP_WINOGRAD_GRADIENTS: runWinogradGradients(changetype<WinogradGradientsOp>(op), first, count); return true;
    case OP_DIRECT_INPUT_GRADIENT: runDirectInputGradient(changetype<DirectInputGradientOp>(op), first, count); return true;
    case OP_PACK_TURNED: runPackTurned(changetype<PackTurnedOp>(op)); return true;
    case OP_MOVE_STATISTICS: runMoveStatistics(changetype<MoveStatisticsOp>(op)); return true;
    case OP_SGD: runSgd(changetype<SgdOp>(op)); return true;
    case OP_ADAM: runAdam(changetype<AdamOp>(op)); return true;
    case OP_MOVE_AVERAGE: runMoveAverage(changetype<MoveAverageOp>(op)); return true;
    case OP_REPORT: runReport(changetype<ReportOp>(op)); return true;
    default: return runPlainGradient(op, first, count);
  }
}

function runInput(op: InputOp, first: i32, count: i32): void {
  const height = op.height, width = op.width, channels = op.channels;
  const dataset = <usize>control(CONTROL_DATASET);
  let to = op.to(first) + op.start;
  for (let i = 0; i < count; i++, to += op.toBytes) {
    const sample = sampleAt(first + i);
    const image = dataset + <usize>sample * <usize>(height * width * channels);
    if (op.distortions) {
      writeDistorted(
        image, height, width, channels, to, op.rowBytes, op.pixelBytes, op.distortions, sample, op.scratch,
      );
    } else {
      writeImage(image, SOURCE_TRAINING_SET, height, width, channels, to, op.rowBytes, op.pixelBytes);
    }
  }
}

/** Sets a sum of the shard to zero before its first chunk. */
// @ts-ignore: decorator
@inline
function startSum(at: usize, bytes: usize): void {
  if (isFirstChunk) memory.fill(at, 0, bytes);
}

function runStatistics(op: StatisticsOp, first: i32, count: i32): void {
  const channels = op.channels, sums = op.sums(shard);
  startSum(sums, <usize>channels << 4);
  let x = op.x(first);
  for (let i = 0; i < count; i++, x += op.xBytes) addStatistics(x, op.numPixels, channels, op.origin, sums);
}

function runFinishStatistics(op: FinishStatisticsOp): void {
  finishStatistics(
    op.sums(0), op.sumsBytes, batchSize * op.numPixels, op.channels, op.origin, op.gamma, op.beta, op.epsilon, op.statistics,
  );
}

function runDropout(op: DropoutOp, first: i32, count: i32): void {
  let x = op.x(first), mask = op.mask(first), y = op.y(first);
  const numPixels = op.numPixels, channels = op.channels, stride = op.stride;
  const rate = op.rate, factor = op.factor;
  const bytes = <usize>(numPixels * stride) << 2;
  for (let i = 0; i < count; i++, x += op.xBytes, mask += op.maskBytes, y += op.yBytes) {
    drawMask(mask, numPixels, channels, stride, rate, factor, op.site, sampleAt(first + i));
    applyMask(x, mask, y, bytes);
  }
}

function runDropoutGradient(op: DropoutGradientOp, first: i32, count: i32): void {
  let dy = op.dy(first), mask = op.mask(first), dx = op.dx(first);
  for (let i = 0; i < count; i++, dy += op.dyBytes, mask += op.maskBytes, dx += op.dxBytes) {
    applyMask(dy, mask, dx, op.numBytes);
  }
}

/** Adds to the shard's two totals, its loss and its number of correct answers. */
function runLoss(op: LossOp, first: i32, count: i32): void {
  const totals = op.totals(shard);
  startSum(totals, TOTALS_BYTES);
  const labels = <usize>control(CONTROL_ANSWERS);
  let logits = op.logits(first), gradient = op.gradient(first);
  for (let i = 0; i < count; i++, logits += op.logitsBytes, gradient += op.gradientBytes) {
    const loss = softmaxCrossEntropy(
      logits, op.numClasses, op.stride, load<u8>(labels + <usize>sampleAt(first + i)),
      load<f64>(op.labelSmoothing), 1 / <f64>batchSize, gradient,
    );
    store<f64>(totals, load<f64>(totals) + loss);
    if (wasCorrect) store<f64>(totals, load<f64>(totals, 8) + 1, 8);
  }
}

/** Adds to the shard's two totals, its loss (the mean over an image's logits) and its number of correct answers. */
function runPixelLoss(op: PixelLossOp, first: i32, count: i32): void {
  const totals = op.totals(shard), numPixels = op.numPixels, channels = op.channels;
  startSum(totals, TOTALS_BYTES);
  const size = numPixels * channels;
  const targets = <usize>control(CONTROL_ANSWERS);
  let logits = op.logits(first), gradient = op.gradient(first);
  for (let i = 0; i < count; i++, logits += op.logitsBytes, gradient += op.gradientBytes) {
    const loss = sigmoidCrossEntropy(
      logits, targets + <usize>sampleAt(first + i) * <usize>size, numPixels, channels, op.stride,
      1 / (<f64>batchSize * <f64>size), gradient,
    );
    store<f64>(totals, load<f64>(totals) + loss / <f64>size);
    store<f64>(totals, load<f64>(totals, 8) + <f64>numRight, 8);
  }
}

function runUpSamplingGradient(op: UpSamplingGradientOp, first: i32, count: i32): void {
  let dy = op.dy(first), dx = op.dx(first);
  for (let i = 0; i < count; i++, dy += op.dyBytes, dx += op.dxBytes) {
    upSamplingGradient(dy, op.height, op.width, op.channels, op.rows, op.columns, dx);
  }
}

function runAccumulate(op: AccumulateOp, first: i32, count: i32): void {
  const bytes = op.numBytes, adds = op.adds;
  let x = op.x(first), y = op.y(first);
  for (let i = 0; i < count; i++, x += op.xBytes, y += op.yBytes) {
    if (adds) addTo(x, y, bytes);
    else memory.copy(y, x, bytes);
  }
}

function runReport(op: ReportOp): void {
  if (thread == 0) reportStep(op.totals);
}

function runBiasGradient(op: BiasGradientOp, first: i32, count: i32): void {
  const channels = op.channels, gradient = op.gradient(shard);
  startSum(gradient, <usize>channels << 2);
  let dy = op.dy(first);
  for (let i = 0; i < count; i++, dy += op.dyBytes) addBiasGradient(dy, op.numPixels, channels, gradient);
}

function runNormalizationSums(op: NormalizationSumsOp, first: i32, count: i32): void {
  const channels = op.channels, dgamma = op.dgamma(shard), dbeta = op.dbeta(shard);
  startSum(dgamma, <usize>channels << 2);
  startSum(dbeta, <usize>channels << 2);
  let dy = op.dy(first), x = op.x(first);
  for (let i = 0; i < count; i++, dy += op.dyBytes, x += op.xBytes) {
    addGradients(dy, x, op.numPixels, channels, op.statistics, op.relu, dgamma, dbeta);
  }
}

function runFinishGradients(op: FinishGradientsOp): void {
  finishGradients(op.dgamma, op.dbeta, op.shardBytes, batchSize * op.numPixels, op.channels, op.statistics);
}

function runNormalizationGradient(op: NormalizationGradientOp, first: i32, count: i32): void {
  let dy = op.dy(first), x = op.x(first), dx = op.dx(first);
  for (let i = 0; i < count; i++, dy += op.dyBytes, x += op.xBytes, dx += op.dxBytes) {
    applyGradient(dy, x, dx, op.numPixels, op.channels, op.statistics, op.relu);
  }
}

function runNormalizeAndPool(op: NormalizeAndPoolOp, first: i32, count: i32): void {
  let x = op.x(first), y = op.y(first);
  const width = op.width, channels = op.channels, outHeight = op.outHeight, outWidth = op.outWidth;
  for (let i = 0; i < count; i++, x += op.xBytes, y += op.yBytes) {
    normalizeAndPool(x, width, channels, outHeight, outWidth, y, op.scale, op.shift);
  }
}

function runPooledSums(op: PooledSumsOp, first: i32, count: i32): void {
  const channels = op.channels, dgamma = op.dgamma(shard), dbeta = op.dbeta(shard);
  startSum(dgamma, <usize>channels << 2);
  startSum(dbeta, <usize>channels << 2);
  let dy = op.dy(first), x = op.x(first);
  for (let i = 0; i < count; i++, dy += op.dyBytes, x += op.xBytes) {
    addPooledGradients(dy, x, op.width, channels, op.outHeight, op.outWidth, op.statistics, dgamma, dbeta);
  }
}

function runPooledGradient(op: PooledGradientOp, first: i32, count: i32): void {
  let dy = op.dy(first), x = op.x(first), dx = op.dx(first);
  for (let i = 0; i < count; i++, dy += op.dyBytes, x += op.xBytes, dx += op.dxBytes) {
    applyPooledGradient(dy, x, dx, op.height, op.width, op.channels, op.outHeight, op.outWidth, op.statistics);
  }
}

function runDenseFilterGradient(op: DenseFilterGradientOp, first: i32, count: i32): void {
  accumulate(
    op.x(first), op.xBytes, op.dy(first), op.dyBytes, count, op.gradient(shard), op.numIn, op.numOut, isFirstChunk,
  );
}

function runDirectFilterGradient(op: DirectFilterGradientOp, first: i32, count: i32): void {
  const channels = op.channels, windowHeight = op.windowHeight, windowWidth = op.windowWidth, outChannels = op.outChannels;
  const padded = op.padded, paddedWidth = op.paddedWidth, gradient = op.gradient(shard);
  // A batch smaller than the number of shards leaves some without images.
  if (count == 0) memory.fill(gradient, 0, <usize>(windowHeight * windowWidth * channels * outChannels) << 2);
  let x = op.x(first), dy = op.dy(first);
  for (let i = 0; i < count; i++, x += op.xBytes, dy += op.dyBytes) {
    if (padded) {
      copyPadded(x, op.height, op.width, channels, 1, 1, padded, op.paddedHeight, paddedWidth, op.padTop, op.padLeft);
    }
    directFilterGradient(
      padded ? padded : x, paddedWidth, channels, windowHeight, windowWidth, op.strideY, op.strideX,
      dy, op.outHeight, op.outWidth, outChannels, gradient, isFirstChunk && i == 0,
    );
  }
}

function runDirectInputGradient(op: DirectInputGradientOp, first: i32, count: i32): void {
  const scratch = op.scratch, height = op.height, width = op.width;
  const windowHeight = op.windowHeight, windowWidth = op.windowWidth;
  const paddedWidth = width + windowWidth - 1;
  let dy = op.dy(first), dx = op.dx(first);
  for (let i = 0; i < count; i++, dy += op.dyBytes, dx += op.dxBytes) {
    copyPadded(
      dy, op.outHeight, op.outWidth, op.outChannels, op.strideY, op.strideX,
      scratch, height + windowHeight - 1, paddedWidth, op.top, op.left,
    );
    directConvolution(
      scratch, paddedWidth, op.outChannels, windowHeight, windowWidth, 1, 1,
      op.transposed, 0, false, dx, height, width, op.channels,
    );
  }
}

function runWinogradGradients(op: WinogradGradientsOp, first: i32, count: i32): void {
  const channels = op.channels, outChannels = op.outChannels;
  const du = op.du, scratch = op.scratch, tile = op.tile;
  // A batch smaller than the number of shards leaves some without images.
  if (count == 0) memory.fill(du, 0, <usize>((tile + 2) * (tile + 2)) * pointBytes(channels, outChannels));
  winogradGradients(
    tile, op.x(first), op.xBytes, op.height, op.width, channels, op.padTop, op.padLeft,
    op.dy(first), op.dyBytes, op.outHeight, op.outWidth, outChannels,
    du, isFirstChunk, op.transposed ? op.dx(first) : 0, op.dxBytes, op.transposed,
    count, op.blockTiles, op.stacked, scratch,
  );
  if (isLastChunk) finishFilterGradient(tile, du, channels, outChannels, op.gradient(shard), scratch);
}

function runPackTurned(op: PackTurnedOp): void {
  const numIn = op.numIn;
  for (let panel = thread; panel < numIn / PANEL; panel += numThreads) {
    packTurnedPanel(op.filter, op.numTaps, numIn, op.numOut, panel, op.packed);
  }
}

function runMoveStatistics(op: MoveStatisticsOp): void {
  if (thread == 0) moveStatistics(op.statistics, op.channels, op.movingMean, op.movingVariance, op.momentum);
}

/** Where this thread's part of `bytes` begins; whole vectors. */
// @ts-ignore: decorator
@inline
function partStart(bytes: usize, index: i32): usize {
  return <usize>(<u64>(bytes >> 4) * <u64>index / <u64>numThreads) << 4;
}

function runSgd(op: SgdOp): void {
  const bytes = op.numBytes;
  const from = partStart(bytes, thread), size = partStart(bytes, thread + 1) - from;
  sgd(
    op.weights + from, op.gradients(0) + from, op.gradientsBytes, op.velocities + from, size,
    learningRate, <f32>op.momentum, op.nesterov,
  );
}

function runAdam(op: AdamOp): void {
  const bytes = op.numBytes;
  const from = partStart(bytes, thread), size = partStart(bytes, thread + 1) - from;
  const beta1 = op.beta1, beta2 = op.beta2;
  adam(
    op.weights + from, op.gradients(0) + from, op.gradientsBytes, op.means + from, op.squares + from, size,
    learningRate, beta1, beta2, op.epsilon, op.weightDecay,
    1 - powerOf(beta1, stepNumber), 1 - powerOf(beta2, stepNumber),
  );
}

function runMoveAverage(op: MoveAverageOp): void {
  const bytes = op.numBytes;
  const from = partStart(bytes, thread), size = partStart(bytes, thread + 1) - from;
  moveAverage(op.averages + from, op.weights + from, size, averageDecay);
}
