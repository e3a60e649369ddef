/*
 * The layers without weights that give each image's values from its own. Arguments are the tensors x, y, dy and dx (the last
 * two in gradients only), then the settings in the order of `program/network.ts`. Channels that only fill up memory are 0 and
 * have to stay 0.
 */
import {
  OP_AVERAGE_POOL,
  OP_GRADIENT,
  OP_MAX_POOL,
  OP_MAX_POOL_BY_TWO,
  OP_RELU,
} from '../src/program/contract';
import { averagePool, averagePoolGradient, maxPool, maxPoolByTwo, maxPoolGradient } from './pooling';
import { argument, imageBytes, opcode, tensor } from './program';

/** Runs a layer on `count` images from `first`; an operation without a kernel ends the program. */
export function runPlainLayer(op: usize, first: i32, count: i32): void {
  let x = tensor(op, 0, first),
    y = tensor(op, 2, first);
  for (let i = 0; i < count; i++, x += imageBytes(op, 0), y += imageBytes(op, 2)) {
    switch (opcode(op)) {
      case OP_RELU:
        relu(x, y, <usize>setting(op, 0));
        break;
      case OP_MAX_POOL:
        maxPool(
          x,
          setting(op, 0),
          setting(op, 1),
          setting(op, 2),
          setting(op, 3),
          setting(op, 4),
          setting(op, 5),
          setting(op, 6),
          setting(op, 7),
          setting(op, 8),
          y,
          setting(op, 9),
          setting(op, 10),
        );
        break;
      case OP_MAX_POOL_BY_TWO:
        maxPoolByTwo(x, setting(op, 1), setting(op, 2), y, setting(op, 9), setting(op, 10));
        break;
      case OP_AVERAGE_POOL:
        averagePool(x, setting(op, 0), setting(op, 1), y);
        break;
      default:
        unreachable();
    }
  }
}

/** Runs a layer's gradient on `count` images from `first`; false when the operation is none. */
export function runPlainGradient(op: usize, first: i32, count: i32): bool {
  if (opcode(op) < OP_GRADIENT) return false;
  let x = tensor(op, 0, first),
    y = tensor(op, 2, first),
    dy = tensor(op, 4, first),
    dx = tensor(op, 6, first);
  for (let i = 0; i < count; i++) {
    switch (opcode(op) - OP_GRADIENT) {
      case OP_RELU:
        reluGradient(y, dy, dx, <usize>setting(op, 0));
        break;
      case OP_MAX_POOL:
      case OP_MAX_POOL_BY_TWO:
        maxPoolGradient(
          x,
          setting(op, 0),
          setting(op, 1),
          setting(op, 2),
          setting(op, 3),
          setting(op, 4),
          setting(op, 5),
          setting(op, 6),
          setting(op, 7),
          setting(op, 8),
          y,
          dy,
          setting(op, 9),
          setting(op, 10),
          dx,
        );
        break;
      case OP_AVERAGE_POOL:
        averagePoolGradient(dy, setting(op, 0), setting(op, 1), dx);
        break;
      default:
        unreachable();
    }
    x += imageBytes(op, 0);
    y += imageBytes(op, 2);
    dy += imageBytes(op, 4);
    dx += imageBytes(op, 6);
  }
  return true;
}

/** Setting `index`, behind the tensors. */
// @ts-ignore: decorator
@inline
function setting(op: usize, index: i32): i32 {
  return argument(op, 8 + index);
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
