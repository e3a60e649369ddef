import { fileURLToPath } from 'node:url';
import { type Command, ContestantProcess } from './contestant-process.ts';
import type { Kind } from './protocol.ts';

/** A program that runs networks. */
export interface Runner {
  readonly name: RunnerName | PageRunnerName | 'peak';
  readonly kinds: readonly Kind[];
  /**
   * `given`: takes the threads it is told; `best`: the better of one and the threads it is told, as its own users would
   * choose; `one`: has one only.
   */
  readonly threading: 'given' | 'best' | 'one';
  /** Ways to start it, the first that works. */
  readonly commands: readonly Command[];
}

/** A runner at a number of threads, in a process of its own. */
export interface Contestant {
  readonly runner: Runner;
  readonly threads: number;
  readonly process: ContestantProcess;
}

const BOTH: readonly Kind[] = ['train', 'predict'];

/** Name of this project's own engine, with which all others are compared. */
export const OURS = 'engine-simd';

/** The machine's peak, measured alongside. */
export const PEAK: Runner = { name: 'peak', kinds: BOTH, threading: 'given', commands: [node('peak')] };

/** This project's own engine. */
export const OUR_RUNNER: Runner = { name: OURS, kinds: BOTH, threading: 'given', commands: [node(OURS)] };

/** Names of those who may compete, this project's engine first. */
export const RUNNER_NAMES = [OURS, 'tfjs-wasm', 'tfjs-cpu', 'tfjs-node', 'pytorch', 'onnxruntime'] as const;

export type RunnerName = (typeof RUNNER_NAMES)[number];

/** TensorFlow.js in a page of Chromium, backend by backend; for `backends` only. */
export const PAGE_RUNNER_NAMES = ['page-wasm', 'page-webgl', 'page-webgpu', 'page-cpu'] as const;

export type PageRunnerName = (typeof PAGE_RUNNER_NAMES)[number];

/**
 * Finds a contestant by name.
 *
 * @param python programs to try for PyTorch, in this order
 */
export function runnerNamed(name: RunnerName | PageRunnerName, python: readonly string[]): Runner {
  switch (name) {
    case OURS:
      return OUR_RUNNER;
    case 'tfjs-wasm':
    case 'tfjs-cpu':
    case 'tfjs-node':
    case 'page-wasm':
    case 'page-webgl':
    case 'page-webgpu':
    case 'page-cpu':
      return { name, kinds: BOTH, threading: 'one', commands: [node(name)] };
    case 'pytorch':
      return { name, kinds: BOTH, threading: 'best', commands: python.map(torch) };
    case 'onnxruntime':
      return { name, kinds: ['predict'], threading: 'best', commands: [node(name)] };
  }
}

/** Those who came, and a line for each who did not. */
export interface Field {
  readonly contestants: readonly Contestant[];
  readonly missing: readonly string[];
}

/**
 * Starts a runner.
 *
 * @param threads that its tasks will name
 * @throws Error when none of its commands works, with the reasons
 */
export async function startContestant(runner: Runner, threads: number): Promise<Contestant> {
  const reasons: string[] = [];
  for (const command of runner.commands) {
    try {
      return { runner, threads, process: await ContestantProcess.start(command) };
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new Error(reasons.join('; '));
}

/**
 * Starts runners, each once for every number of threads that it can be told.
 *
 * @param threads in ascending order
 */
export async function startField(runners: readonly Runner[], threads: readonly number[]): Promise<Field> {
  const contestants: Contestant[] = [];
  const missing: string[] = [];
  for (const runner of runners) {
    try {
      for (const numThreads of runner.threading === 'one' ? [1] : threads) {
        contestants.push(await startContestant(runner, numThreads));
      }
    } catch (error) {
      missing.push(`${runner.name}: left out, ${(error as Error).message}`);
    }
  }
  return { contestants, missing };
}

/** Ends every contestant's process. */
export function endField({ contestants }: Field): void {
  for (const { process: contestantProcess } of contestants) contestantProcess.end();
}

function node(name: string): Command {
  return { program: process.execPath, arguments: [fileURLToPath(new URL('./contestant.js', import.meta.url)), name] };
}

/** glibc's allocator is told to keep what it frees: PyTorch allocates anew in every step. */
function torch(program: string): Command {
  return {
    program,
    arguments: [fileURLToPath(new URL('../python/torch_contestant.py', import.meta.url))],
    environment: {
      MALLOC_MMAP_THRESHOLD_: '1000000000',
      MALLOC_TRIM_THRESHOLD_: '2000000000',
      MALLOC_TOP_PAD_: '100000000',
    },
  };
}
