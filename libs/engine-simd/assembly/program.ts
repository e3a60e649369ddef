/*
 * How a program is read: see `contract.ts` for its form.
 */
import { OP_HEADER, STAGE_HEADER, STAGE_IMAGES } from '../src/program/contract';
import { arena } from './context';

/** Argument `index` of an operation. */
// @ts-ignore: decorator
@inline
export function argument(op: usize, index: i32): i32 {
  return load<i32>(op + (<usize>(OP_HEADER + index) << 2));
}

/** Two arguments that are the halves of a float64, the lower first. */
// @ts-ignore: decorator
@inline
export function doubleArgument(op: usize, index: i32): f64 {
  return load<f64>(op + (<usize>(OP_HEADER + index) << 2));
}

/** An argument that is an address, in the arena where it is negative. */
// @ts-ignore: decorator
@inline
export function address(op: usize, index: i32): usize {
  const value = argument(op, index);
  return value < 0 ? arena + <usize>~value : <usize>value;
}

/** The address of the chunk's first image, from the two arguments of a tensor. */
// @ts-ignore: decorator
@inline
export function tensor(op: usize, index: i32, first: i32): usize {
  const value = argument(op, index);
  return value < 0 ? arena + <usize>~value : <usize>value + <usize>first * <usize>argument(op, index + 1);
}

/** Bytes from image to image of a tensor. */
// @ts-ignore: decorator
@inline
export function imageBytes(op: usize, index: i32): usize {
  return <usize>argument(op, index + 1);
}

// @ts-ignore: decorator
@inline
export function opcode(op: usize): i32 {
  return load<i32>(op);
}

// @ts-ignore: decorator
@inline
export function nextOp(op: usize): usize {
  return op + (<usize>load<i32>(op, 4) << 2);
}

// @ts-ignore: decorator
@inline
export function isImageStage(stage: usize): bool {
  return load<i32>(stage) == STAGE_IMAGES;
}

// @ts-ignore: decorator
@inline
export function barrierFollows(stage: usize): bool {
  return load<i32>(stage, 4) != 0;
}

// @ts-ignore: decorator
@inline
export function chunkImages(stage: usize): i32 {
  return load<i32>(stage, 8);
}

// @ts-ignore: decorator
@inline
export function numOps(stage: usize): i32 {
  return load<i32>(stage, 12);
}

// @ts-ignore: decorator
@inline
export function firstOp(stage: usize): usize {
  return stage + (STAGE_HEADER << 2);
}
