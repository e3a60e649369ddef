/*
 * Runs a network forwards. This is the module of predictors.
 */
import {
  CONTROL_INFERENCE_PROGRAM,
  CONTROL_PREPARING_PROGRAM,
  RESULT_ABORTED,
  RESULT_DONE,
} from '../src/program/contract';
import {
  barrier, beginTickets, control, drawTicket, enterChunk, initialize, numThreads, setInferenceData,
} from './context';
import { runForwardOp } from './forward-operations';
import { chunkImages, firstOp, nextOp, numOps } from './program';

export { initialize };

/** Minimum number of images per chunk: fewer cost more per image. */
const SMALLEST_CHUNK: i32 = 4;

/** Brings the weights into the form in which {@link infer} reads them. */
export function prepare(): i32 {
  const program = <usize>control(CONTROL_PREPARING_PROGRAM);
  let stage = program + 4;
  for (let i = load<i32>(program); i > 0; i--) {
    stage = runOps(stage, 0, 0);
    if (!barrier()) return RESULT_ABORTED;
  }
  return RESULT_DONE;
}

/**
 * Runs the network on `count` images, chunk by chunk, on all threads.
 *
 * @param kind SOURCE_BYTES or SOURCE_FLOATS
 * @param images `[count, height, width, channels]`
 * @param records destination of the program's outputs, one record per image
 */
export function infer(kind: i32, images: usize, records: usize, count: i32): i32 {
  setInferenceData(kind, images, records);
  runInference(<usize>control(CONTROL_INFERENCE_PROGRAM), count);
  return barrier() ? RESULT_DONE : RESULT_ABORTED;
}

/** Runs another program on this thread alone. */
export function inferAlone(program: usize, kind: i32, images: usize, records: usize, count: i32): void {
  setInferenceData(kind, images, records);
  const chunk = chunkImages(program + 4);
  for (let first = 0; first < count; first += chunk) runOps(program + 4, first, min(chunk, count - first));
}

function runInference(program: usize, count: i32): void {
  const chunk = min(chunkImages(program + 4), sharedChunk(count));
  const numChunks = (count + chunk - 1) / chunk;
  const isAlone = numThreads == 1;
  beginTickets();
  enterChunk(0, false, false);
  // A single thread counts its chunks itself, because other threads may draw tickets in the same memory.
  for (let i = isAlone ? 0 : drawTicket(); i < numChunks; i = isAlone ? i + 1 : drawTicket()) {
    const first = i * chunk;
    runOps(program + 4, first, min(chunk, count - first));
  }
}

/** Size of a chunk in a batch that is too small for whole chunks: two chunks per thread, but not too small. */
function sharedChunk(count: i32): i32 {
  const chunks = 2 * numThreads;
  return max(SMALLEST_CHUNK, (count + chunks - 1) / chunks);
}

/** @returns where the next stage begins */
function runOps(stage: usize, first: i32, count: i32): usize {
  let op = firstOp(stage);
  for (let i = numOps(stage); i > 0; i--) {
    runForwardOp(op, first, count);
    op = nextOp(op);
  }
  return op;
}
