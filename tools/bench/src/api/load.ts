import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What autocannon found. */
export interface LoadResult {
  /** Answered requests a second: the mean. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that broke. */
  readonly errors: number;
}

/** What is asked. */
export interface LoadRequest {
  readonly url: string;
  /** A file with the body. */
  readonly bodyFile: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

interface Report {
  readonly requests: { readonly average: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
  readonly errors: number;
}

const run = promisify(execFile);

/**
 * Asks for some seconds, from a process of its own.
 *
 * @throws Error where autocannon is not installed
 */
export async function load(asked: LoadRequest): Promise<LoadResult> {
  requireAutocannon();
  const client = fileURLToPath(new URL('load-client.js', import.meta.url));
  const { stdout } = await run(process.execPath, [client, JSON.stringify(asked)], { maxBuffer: 2 ** 26 });
  const { requests, latency, statusCodeStats, errors } = JSON.parse(stdout) as Report;
  const statuses = Object.fromEntries(Object.entries(statusCodeStats).map(([status, { count }]) => [status, count]));
  return { rate: requests.average, p50: latency.p50, p99: latency.p99, statuses, errors };
}

function requireAutocannon(): void {
  try {
    createRequire(import.meta.url).resolve('autocannon');
  } catch (cause) {
    throw new Error('bench api: autocannon must be installed; run npm ci --prefix tools/bench', { cause });
  }
}
