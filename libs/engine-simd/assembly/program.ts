/*
 * Walks through a program: `contract.ts` defines its form. The operands of an operation are read with the accessors in
 * `generated/operations.ts`.
 */
import { OP_HEADER, STAGE_HEADER, STAGE_IMAGES } from '../src/program/contract';
import { arena } from './context';

/** Turns an address of a program into one in memory: ~offset is in this thread's arena. */
// @ts-ignore: decorator
@inline
export function locate(value: i32): usize {
  return value < 0 ? arena + <usize>~value : <usize>value;
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
