/*
 * State of a thread. Each thread has its own instance of the module, and therefore its own copies of these variables; the
 * memory is shared.
 */
import {
  CONTROL_ABORTED, CONTROL_ADDRESS, CONTROL_ARENA, CONTROL_ARENA_BYTES, CONTROL_ARRIVED, CONTROL_GENERATION, CONTROL_TICKETS,
} from '../src/program/contract';

export let thread: i32 = 0;
export let numThreads: i32 = 1;
/** This thread's scratch memory. */
export let arena: usize = 0;

/** Current shard, and whether the current chunk is its first or last one. */
export let shard: i32 = 0;
export let isFirstChunk: bool = false;
export let isLastChunk: bool = false;

// @ts-ignore: decorator
@inline
export function control(word: i32): i32 {
  return load<i32>(<usize>CONTROL_ADDRESS + (<usize>word << 2));
}

// @ts-ignore: decorator
@inline
function controlAddress(word: i32): usize {
  return <usize>CONTROL_ADDRESS + (<usize>word << 2);
}

/** Sets which thread this instance is, and which arena it uses. */
export function initialize(index: i32, count: i32, arenaIndex: i32): void {
  thread = index;
  numThreads = count;
  arena = <usize>control(CONTROL_ARENA) + <usize>arenaIndex * <usize>control(CONTROL_ARENA_BYTES);
}

export function enterChunk(index: i32, isFirst: bool, isLast: bool): void {
  shard = index;
  isFirstChunk = isFirst;
  isLastChunk = isLast;
}

/** Number of tickets of finished work. */
let ticketsBefore: i32 = 0;

/** Starts at the first ticket, after the host has set their count to 0. */
export function beginTickets(): void {
  ticketsBefore = 0;
}

/**
 * Takes the next piece of the work that all threads share. Fast threads take more. Every thread calls this until it gets
 * `numPieces` or more.
 */
export function drawTicket(): i32 {
  return atomic.add<i32>(controlAddress(CONTROL_TICKETS), 1) - ticketsBefore;
}

/** Moves on to other work after a barrier. Each thread has drawn one ticket too many. */
export function endTickets(numPieces: i32): void {
  ticketsBefore += numPieces + numThreads;
}

/** Images and records that the operations `input` and `output` use in inference. */
export let source: i32 = 0;
export let sourceImages: usize = 0;
export let outputRecords: usize = 0;

export function setInferenceData(kind: i32, images: usize, records: usize): void {
  source = kind;
  sourceImages = images;
  outputRecords = records;
}

/** Number of checks for the other threads before a thread sleeps. */
const SPINS = 4000;

/**
 * Sleeps until the word at an address is changed and notified, with a timeout. The host implements it, because V8's baseline
 * compiler (Node 20) loses local variables of a loop that contains `memory.atomic.wait32`.
 */
// @ts-ignore: decorator
@external("env", "sleep")
declare function sleep(address: usize, expected: i32): void;

/**
 * Waits for the other threads.
 *
 * @returns false if the run was aborted, by the host or because a thread died
 */
export function barrier(): bool {
  if (numThreads > 1) meet(controlAddress(CONTROL_GENERATION));
  return atomic.load<i32>(controlAddress(CONTROL_ABORTED)) == 0;
}

/** The last thread to arrive wakes the others by incrementing the generation. */
function meet(generationAddress: usize): void {
  const generation = atomic.load<i32>(generationAddress);
  const numBefore = atomic.add<i32>(controlAddress(CONTROL_ARRIVED), 1);
  if (numBefore == numThreads - 1) {
    atomic.store<i32>(controlAddress(CONTROL_ARRIVED), 0);
    atomic.add<i32>(generationAddress, 1);
    atomic.notify(generationAddress, numThreads);
    return;
  }
  let spins = 0;
  while (atomic.load<i32>(generationAddress) == generation && atomic.load<i32>(controlAddress(CONTROL_ABORTED)) == 0) {
    if (spins < SPINS) spins++;
    else sleep(generationAddress, generation);
  }
}
