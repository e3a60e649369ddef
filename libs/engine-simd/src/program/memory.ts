import * as contract from './contract.ts';
import type { Op } from './operations.ts';

/** Bytes of a cache line; every allocation begins on one. */
const ALIGNMENT = 64;

/** Allocates addresses one after the other; nothing is freed. */
export interface MemoryPlan {
  /** Returns the address of `bytes` bytes, on a 64-byte boundary. */
  readonly allocate: (bytes: number) => number;
  /** Number of bytes allocated so far, counted from address 0. */
  readonly size: () => number;
}

/**
 * Creates an empty plan of a memory.
 *
 * @param start first free address
 */
export function planMemory(start: number): MemoryPlan {
  let end = align(start);
  return {
    allocate: (bytes) => {
      const address = end;
      end = align(end + bytes);
      return address;
    },
    size: () => end,
  };
}

/** Creates an empty plan of a thread's arena. Its addresses are `~offset`, as programs write them. */
export function planArena(): MemoryPlan {
  const plan = planMemory(0);
  return { allocate: (bytes) => ~plan.allocate(bytes), size: plan.size };
}

/** Rounds up to whole cache lines. */
export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Maximum size of the images of a call and of their records, unless a single image is larger. */
const CALL_BYTES = 32 * 2 ** 20;

/**
 * Returns the number of images per call of the kernels.
 *
 * @param most maximum for small images
 * @param imageBytes size of an image and its record
 */
export function imagesPerCall(most: number, imageBytes: number): number {
  return Math.min(most, Math.max(1, Math.floor(CALL_BYTES / imageBytes)));
}

const PAGE_BYTES = 65536;
/** Addresses are int32, and negative ones are in arenas. */
const MAX_BYTES = 2 ** 31 - PAGE_BYTES;
/** Number of bytes that kernels may read behind the end of a tensor. */
const SLACK_BYTES = 4096;

/** Memory of the kernels, with views for the host to read and write. */
export interface KernelsMemory {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;
  readonly words: Int32Array;
}

/**
 * Allocates the memory of the kernels.
 *
 * @param caller start of the error message
 * @throws RangeError if the kernels cannot address it, or the host does not have it
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

/** Writes words of the control block. */
export function setControl({ words }: KernelsMemory, values: Readonly<Record<number, number>>): void {
  for (const [word, value] of Object.entries(values)) words[contract.CONTROL_ADDRESS / 4 + Number(word)] = value;
}

/** One stage of a program. */
export interface Stage {
  readonly kind: typeof contract.STAGE_SHARED | typeof contract.STAGE_IMAGES;
  readonly barrier: boolean;
  /** Number of images at a time; 0 in shared stages. */
  readonly chunk: number;
  readonly ops: readonly Op[];
}

/** A program with its address in memory. */
export interface PlacedProgram {
  readonly address: number;
  readonly words: Int32Array;
}

/** Allocates memory for a program. */
export function placeProgram(plan: MemoryPlan, stages: readonly Stage[]): PlacedProgram {
  const words = encodeProgram(stages);
  return { address: plan.allocate(words.byteLength), words };
}

/** Copies programs into memory. */
export function writePrograms({ words }: KernelsMemory, programs: readonly PlacedProgram[]): void {
  for (const program of programs) words.set(program.words, program.address / 4);
}

/** Encodes a program as the words that the kernels interpret. */
function encodeProgram(stages: readonly Stage[]): Int32Array {
  const words = stages.flatMap(({ kind, barrier, chunk, ops }) => [
    kind,
    Number(barrier),
    chunk,
    ops.length,
    ...ops.flat(),
  ]);
  return Int32Array.from([stages.length, ...words]);
}
