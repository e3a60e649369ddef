/*
 * Exports kernels and operations for the benchmarks in `bench/`, and the upper bound that they are compared with.
 */
import { runForwardOp } from './forward-operations';
import { runTrainingOp } from './training-operations';

export { directConvolution, directFilterGradient } from './direct-convolution';
export { accumulate, multiply } from './matrix-tiles';
export { winogradConvolution, winogradGradients } from './winograd';

/** 12 chains of 128-bit multiplications and additions without memory access: 96 operations per round. */
export function peak(numRounds: i32): f32 {
  let a0 = f32x4.splat(1), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0, a10 = a0, a11 = a0;
  const x = f32x4.splat(0.999), y = f32x4.splat(0.001);
  for (let i = 0; i < numRounds; i++) {
    a0 = f32x4.add(f32x4.mul(a0, x), y);
    a1 = f32x4.add(f32x4.mul(a1, x), y);
    a2 = f32x4.add(f32x4.mul(a2, x), y);
    a3 = f32x4.add(f32x4.mul(a3, x), y);
    a4 = f32x4.add(f32x4.mul(a4, x), y);
    a5 = f32x4.add(f32x4.mul(a5, x), y);
    a6 = f32x4.add(f32x4.mul(a6, x), y);
    a7 = f32x4.add(f32x4.mul(a7, x), y);
    a8 = f32x4.add(f32x4.mul(a8, x), y);
    a9 = f32x4.add(f32x4.mul(a9, x), y);
    a10 = f32x4.add(f32x4.mul(a10, x), y);
    a11 = f32x4.add(f32x4.mul(a11, x), y);
  }
  let sum = f32x4.add(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7)));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(a8, a9), f32x4.add(a10, a11)));
  return f32x4.extract_lane(sum, 0);
}

export { enterChunk, initialize, setInferenceData } from './context';
export { prepare } from './inference';
export { enterPlan, enterStep } from './step';

/** Runs one operation of a program, for `bench/operations.mjs`. */
export function runOperation(op: usize, first: i32, count: i32): void {
  if (!runTrainingOp(op, first, count)) runForwardOp(op, first, count);
}
