import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { RunningService } from './running-service.ts';

/** Kind of question of the honest client. */
export type Question = 'tensor' | 'drawing' | 'probe';

/** What the honest client got for one kind of question. */
export interface HonestReport {
  /** Of the answers with status 200, in milliseconds. */
  readonly durationsMs: readonly number[];
  /** Number of responses with status 503. */
  readonly numRefused: number;
  /** Number of connections that were closed before a response. */
  readonly numLost: number;
  /** Distinct answers. */
  readonly answers: readonly string[];
  /** Any other outcome. */
  readonly others: readonly string[];
}

/** Reports by kind of question. */
export type HonestReports = Readonly<Record<Question, HonestReport>>;

/** Runs the honest client in a separate process until something else has ended. */
export async function askHonestly({ address }: RunningService, meanwhile: () => Promise<void>): Promise<HonestReports> {
  const child = spawn(process.execPath, [join(__dirname, 'honest-client.mjs'), address], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise((resolve) => child.on('close', resolve));
  try {
    await meanwhile();
  } finally {
    child.stdin.end();
    await ended;
  }
  return JSON.parse(output) as HonestReports;
}

/** Returns the 99th percentile of durations, in milliseconds. */
export function p99(durationsMs: readonly number[]): number {
  const sorted = [...durationsMs].sort((a, b) => a - b);
  return sorted[Math.floor(0.99 * (sorted.length - 1))] ?? NaN;
}
