/*
 * Runs training steps. Each thread calls `trainSteps` once for many steps, and waits for the others at the barriers of the
 * program. Every batch is cut into 8 shards. Any thread may take any shard; no result depends on it.
 */
import {
  CONTROL_EPOCH,
  CONTROL_NUM_STEPS,
  CONTROL_SEED_HIGH,
  CONTROL_SEED_LOW,
  CONTROL_TRAINING_PROGRAM,
  NUM_SHARDS,
  RESULT_ABORTED,
  RESULT_DONE,
} from '../src/program/contract';
import { barrier, beginTickets, control, drawTicket, endTickets, enterChunk } from './context';
import { runForwardOp } from './forward-operations';
import { barrierFollows, chunkImages, firstOp, isImageStage, nextOp, numOps } from './program';
import { keyRandom } from './random';
import { enterPlan, enterStep, shardStart } from './step';
import { runTrainingOp } from './training-operations';

export { infer, initialize, prepare } from './inference';

/** Runs the steps of the plan in memory. */
export function trainSteps(): i32 {
  keyRandom(control(CONTROL_SEED_LOW), control(CONTROL_SEED_HIGH), control(CONTROL_EPOCH));
  const program = <usize>control(CONTROL_TRAINING_PROGRAM);
  const numSteps = control(CONTROL_NUM_STEPS);
  enterPlan();
  beginTickets();
  for (let step = 0; step < numSteps; step++) {
    enterStep(step);
    if (!takeStep(program)) return RESULT_ABORTED;
  }
  return RESULT_DONE;
}

function takeStep(program: usize): bool {
  let stage = program + 4;
  for (let i = load<i32>(program); i > 0; i--) {
    const next = isImageStage(stage) ? runShards(stage) : runOps(stage, 0, 0);
    if (barrierFollows(stage) && !barrier()) return false;
    if (isImageStage(stage)) endTickets(NUM_SHARDS);
    stage = next;
  }
  return true;
}

/** A barrier follows every stage of this kind: see {@link endTickets}. */
function runShards(stage: usize): usize {
  const chunk = chunkImages(stage);
  let next = stage;
  for (let shard = drawTicket(); shard < NUM_SHARDS; shard = drawTicket()) {
    const end = shardStart(shard + 1);
    let first = shardStart(shard);
    let isFirst = true;
    do {
      const count = min(chunk, end - first);
      enterChunk(shard, isFirst, first + count == end);
      next = runOps(stage, first, count);
      first += count;
      isFirst = false;
    } while (first < end);
  }
  return next == stage ? skipOps(stage) : next;
}

/** @returns where the next stage begins */
function runOps(stage: usize, first: i32, count: i32): usize {
  let op = firstOp(stage);
  for (let i = numOps(stage); i > 0; i--) {
    if (!runTrainingOp(op, first, count)) runForwardOp(op, first, count);
    op = nextOp(op);
  }
  return op;
}

/** Skips the stage if no shard was left for this thread. */
function skipOps(stage: usize): usize {
  let op = firstOp(stage);
  for (let i = numOps(stage); i > 0; i--) op = nextOp(op);
  return op;
}
