/*
 * The current training step, as the plan in memory describes it.
 */
import {
  CONTROL_AVERAGE_DECAYS, CONTROL_BATCH_SIZES, CONTROL_FIRST_STEP, CONTROL_LEARNING_RATES, CONTROL_LOSSES,
  CONTROL_NUM_CORRECT, CONTROL_SAMPLES, NUM_SHARDS, TOTALS_BYTES,
} from '../src/program/contract';
import { control } from './context';

export let batchSize: i32 = 0;
export let learningRate: f32 = 0;
export let averageDecay: f32 = 0;
/** Number of the step, counted from 1 over all epochs, for the bias correction of Adam. */
export let stepNumber: u32 = 0;

let indexInPlan: usize = 0;
let firstSample: usize = 0;

export function enterPlan(): void {
  batchSize = 0;
  firstSample = <usize>control(CONTROL_SAMPLES);
}

export function enterStep(index: i32): void {
  firstSample += <usize>batchSize << 2;
  indexInPlan = <usize>index << 2;
  batchSize = load<i32>(<usize>control(CONTROL_BATCH_SIZES) + indexInPlan);
  learningRate = load<f32>(<usize>control(CONTROL_LEARNING_RATES) + indexInPlan);
  averageDecay = load<f32>(<usize>control(CONTROL_AVERAGE_DECAYS) + indexInPlan);
  stepNumber = <u32>control(CONTROL_FIRST_STEP) + <u32>index + 1;
}

/** Index in the training set of an image of the batch. */
// @ts-ignore: decorator
@inline
export function sampleAt(image: i32): u32 {
  return load<u32>(firstSample + (<usize>image << 2));
}

/** First image of a shard. For shard 8 this is the size of the batch. */
// @ts-ignore: decorator
@inline
export function shardStart(shard: i32): i32 {
  return batchSize * shard / NUM_SHARDS;
}

/** Adds the losses and the numbers of correct answers of the shards, in order. */
export function reportStep(totals: usize): void {
  let loss: f64 = 0, correct: f64 = 0;
  for (let shard: usize = 0; shard < <usize>NUM_SHARDS; shard++) {
    loss += load<f64>(totals + shard * TOTALS_BYTES);
    correct += load<f64>(totals + shard * TOTALS_BYTES, 8);
  }
  store<f32>(<usize>control(CONTROL_LOSSES) + indexInPlan, <f32>(loss / <f64>batchSize));
  store<u32>(<usize>control(CONTROL_NUM_CORRECT) + indexInPlan, <u32>correct);
}
