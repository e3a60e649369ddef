import * as contract from './program/contract.ts';
import { encodeProgram, type Stage } from './program/emit.ts';
import type { MemoryPlan } from './program/memory-plan.ts';

const PAGE_BYTES = 65536;
/** Addresses are int32, and negative ones mean arenas. */
const MAX_BYTES = 2 ** 31 - PAGE_BYTES;
/** What kernels may read behind the end of a tensor. */
const SLACK_BYTES = 4096;

/** A memory of the kernels, seen as the arrays that the host reads and writes. */
export interface KernelsMemory {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;
  readonly words: Int32Array;
}

/**
 * Makes a memory of what a plan hands out.
 *
 * @param caller opens the error message
 * @throws RangeError when it is more than kernels can address or the host can give
 */
export function createMemory(caller: string, numBytes: number): KernelsMemory {
  const needed = numBytes + SLACK_BYTES;
  const megabytes = Math.ceil(needed / 2 ** 20);
  const advice = 'use a smaller batch, fewer images or a smaller network';
  if (needed > MAX_BYTES) {
    throw new RangeError(`${caller}: memory must be at most 2047 MB, got a need of ${megabytes} MB; ${advice}`);
  }
  const pages = Math.ceil(needed / PAGE_BYTES);
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const { buffer } = memory;
    return {
      memory,
      bytes: new Uint8Array(buffer),
      floats: new Float32Array(buffer),
      words: new Int32Array(buffer),
    };
  } catch (cause) {
    throw new RangeError(`${caller}: memory must be free, but the host has no ${megabytes} MB; ${advice}`, { cause });
  }
}

/** Words of the control block by index. */
export function setControl({ words }: KernelsMemory, values: Readonly<Record<number, number>>): void {
  for (const [word, value] of Object.entries(values)) words[contract.CONTROL_ADDRESS / 4 + Number(word)] = value;
}

/** A program with its place in memory. */
export interface PlacedProgram {
  readonly address: number;
  readonly words: Int32Array;
}

/** Finds a place for a program. */
export function placeProgram(plan: MemoryPlan, stages: readonly Stage[]): PlacedProgram {
  const words = encodeProgram(stages);
  return { address: plan.allocate(words.byteLength), words };
}

/** Copies programs to their places. */
export function writePrograms({ words }: KernelsMemory, programs: readonly PlacedProgram[]): void {
  for (const program of programs) words.set(program.words, program.address / 4);
}
