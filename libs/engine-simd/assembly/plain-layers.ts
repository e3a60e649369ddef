/*
 * The layers without weights that compute each image's values from its own. Channels that only fill up memory are 0 and
 * have to stay 0.
 */
import { OP_GRADIENT } from '../src/program/contract';
import {
  AveragePoolOp, AveragePoolWindowsOp, MaxPoolByTwoOp, MaxPoolOp, OP_AVERAGE_POOL, OP_AVERAGE_POOL_WINDOWS, OP_MAX_POOL,
  OP_MAX_POOL_BY_TWO, OP_RELU, OP_ZERO_PADDING, ReluOp, ZeroPaddingOp,
} from './generated/operations';
import { copyPadded } from './direct-convolution';
import {
  averagePool, averagePoolGradient, averagePoolWindows, averagePoolWindowsGradient, maxPool, maxPoolByTwo, maxPoolByTwoGradient,
  maxPoolGradient,
} from './pooling';
import { opcode } from './program';

/** Runs a layer on `count` images from `first`; an operation without a kernel ends the program. */
export function runPlainLayer(op: usize, first: i32, count: i32): void {
  // All layers without weights begin with the tensors of a ReLU.
  const tensors = changetype<ReluOp>(op);
  let x = tensors.x(first), y = tensors.y(first);
  for (let i = 0; i < count; i++, x += tensors.xBytes, y += tensors.yBytes) {
    switch (opcode(op)) {
      case OP_RELU:
        relu(x, y, changetype<ReluOp>(op).numBytes);
        break;
      case OP_MAX_POOL: {
        const pool = changetype<MaxPoolOp>(op);
        maxPool(
          x, pool.height, pool.width, pool.channels, pool.windowHeight, pool.windowWidth, pool.strideY, pool.strideX,
          pool.padTop, pool.padLeft, y, pool.outHeight, pool.outWidth,
        );
        break;
      }
      case OP_MAX_POOL_BY_TWO: {
        const pool = changetype<MaxPoolByTwoOp>(op);
        maxPoolByTwo(x, pool.width, pool.channels, y, pool.outHeight, pool.outWidth);
        break;
      }
      case OP_AVERAGE_POOL: {
        const pool = changetype<AveragePoolOp>(op);
        averagePool(x, pool.numPixels, pool.channels, y);
        break;
      }
      case OP_AVERAGE_POOL_WINDOWS: {
        const pool = changetype<AveragePoolWindowsOp>(op);
        averagePoolWindows(
          x, pool.height, pool.width, pool.channels, pool.windowHeight, pool.windowWidth, pool.strideY, pool.strideX,
          pool.padTop, pool.padLeft, y, pool.outHeight, pool.outWidth,
        );
        break;
      }
      case OP_ZERO_PADDING: {
        const layer = changetype<ZeroPaddingOp>(op);
        copyPadded(
          x, layer.height, layer.width, layer.channels, 1, 1, y, layer.outHeight, layer.outWidth, layer.padTop, layer.padLeft,
        );
        break;
      }
      default:
        unreachable();
    }
  }
}

/** Runs a layer's gradient on `count` images from `first`; false if the operation is not a gradient. */
export function runPlainGradient(op: usize, first: i32, count: i32): bool {
  if (opcode(op) < OP_GRADIENT) return false;
  const tensors = changetype<ReluOp>(op);
  let x = tensors.x(first), y = tensors.y(first), dy = tensors.dy(first), dx = tensors.dx(first);
  for (let i = 0; i < count; i++) {
    switch (opcode(op) - OP_GRADIENT) {
      case OP_RELU:
        reluGradient(y, dy, dx, changetype<ReluOp>(op).numBytes);
        break;
      case OP_MAX_POOL: {
        const pool = changetype<MaxPoolOp>(op);
        maxPoolGradient(
          x, pool.height, pool.width, pool.channels, pool.windowHeight, pool.windowWidth, pool.strideY, pool.strideX,
          pool.padTop, pool.padLeft, y, dy, pool.outHeight, pool.outWidth, dx,
        );
        break;
      }
      case OP_MAX_POOL_BY_TWO: {
        const pool = changetype<MaxPoolByTwoOp>(op);
        maxPoolByTwoGradient(
          x, pool.height, pool.width, pool.channels, y, dy, pool.outHeight, pool.outWidth, dx,
        );
        break;
      }
      case OP_AVERAGE_POOL: {
        const pool = changetype<AveragePoolOp>(op);
        averagePoolGradient(dy, pool.numPixels, pool.channels, dx);
        break;
      }
      case OP_AVERAGE_POOL_WINDOWS: {
        const pool = changetype<AveragePoolWindowsOp>(op);
        averagePoolWindowsGradient(
          dy, pool.height, pool.width, pool.channels, pool.windowHeight, pool.windowWidth, pool.strideY, pool.strideX,
          pool.padTop, pool.padLeft, pool.outHeight, pool.outWidth, dx,
        );
        break;
      }
      case OP_ZERO_PADDING: {
        const layer = changetype<ZeroPaddingOp>(op);
        zeroPaddingGradient(
          dy, layer.outWidth, layer.channels, layer.padTop, layer.padLeft, layer.height, layer.width, dx,
        );
        break;
      }
      default:
        unreachable();
    }
    x += tensors.xBytes;
    y += tensors.yBytes;
    dy += tensors.dyBytes;
    dx += tensors.dxBytes;
  }
  return true;
}

/** y = max(x, 0), for any number of vectors. */
function relu(x: usize, y: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = x + bytes; x < end; x += 16, y += 16) v128.store(y, f32x4.pmax(v128.load(x), zero));
}

/** dx = dy where y > 0, else 0; dx may be dy. */
function reluGradient(y: usize, dy: usize, dx: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = dy + bytes; dy < end; dy += 16, y += 16, dx += 16) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
  }
}

/** dx = dy within the zeros. */
function zeroPaddingGradient(
  dy: usize, outWidth: i32, channels: i32, padTop: i32, padLeft: i32, height: i32, width: i32, dx: usize,
): void {
  const pixel = (<usize>channels) << 2, row = <usize>width * pixel;
  for (let y = 0; y < height; y++, dx += row) {
    memory.copy(dx, dy + <usize>((y + padTop) * outWidth + padLeft) * pixel, row);
  }
}
