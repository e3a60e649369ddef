/*
 * Philox4x32-10, with the key and counter that `RandomKey` of libs/data documents:
 * key (seed mod 2^32, seed / 2^32), counter (block, sample, epoch, purpose + 256 * site).
 */

export const PURPOSE_DROPOUT: u32 = 4;

/** The block that {@link drawBlock} drew last. */
export let word0: u32 = 0;
export let word1: u32 = 0;
export let word2: u32 = 0;
export let word3: u32 = 0;

let seedLow: u32 = 0;
let seedHigh: u32 = 0;
let currentEpoch: u32 = 0;

export function keyRandom(low: u32, high: u32, epoch: u32): void {
  seedLow = low;
  seedHigh = high;
  currentEpoch = epoch;
}

/** Draws one block of four words into {@link word0} to {@link word3}. */
export function drawBlock(block: u32, sample: u32, stream: u32): void {
  let c0 = block, c1 = sample, c2 = currentEpoch, c3 = stream;
  let k0 = seedLow, k1 = seedHigh;
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>c0 * 0xd2511f53;
    const product1 = <u64>c2 * 0xcd9e8d57;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** A word as a uniform number in [0, 1): its upper 24 bits. */
// @ts-ignore: decorator
@inline
export function uniform(word: u32): f32 {
  return <f32>(word >> 8) * <f32>5.9604644775390625e-8;
}

/** A word as a uniform number in [-range, range). */
// @ts-ignore: decorator
@inline
export function symmetric(word: u32, range: f64): f64 {
  return range * (<f64>(word >> 8) * 5.9604644775390625e-8 * 2 - 1);
}
