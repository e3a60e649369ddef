import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A server in a process of its own. */
export interface RunningServer {
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
}

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

const HERE = fileURLToPath(new URL('.', import.meta.url));
const SERVICE = join(HERE, '..', '..', '..', '..', 'apps', 'api', 'dist', 'main.js');

/** Starts the built service as it comes, save for the limit of each address: all load comes from one. */
export function startService(args: readonly string[]): Promise<RunningServer> {
  return start([SERVICE, '--host', '127.0.0.1', '--port', '0', '--rate-limit', '0', ...args], (output) =>
    output.includes('"ready"') ? /127\.0\.0\.1:(\d+)/.exec(output)?.[1] : undefined,
  );
}

/** Starts the server that gives constant answers. */
export function startConstantServer(answers: Record<string, { type: string; bytes: number }>): Promise<RunningServer> {
  return start([join(HERE, 'constant-server.js'), JSON.stringify(answers)], (output) => /^(\d+)\n/.exec(output)?.[1]);
}

function start(args: readonly string[], findPort: (output: string) => string | undefined): Promise<RunningServer> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => {
      resolve();
    });
  });
  let output = '';
  let isFound = false;
  return new Promise((resolve, reject) => {
    void ended.then(() => {
      reject(new Error(`bench api: the server must start, but it ended; is apps/api built?`));
    });
    child.stdout.on('data', (chunk: Buffer) => {
      // What it logs later is read, so that it never waits for a reader, and not kept.
      if (isFound) return;
      output += chunk.toString();
      const port = findPort(output);
      if (port === undefined) return;
      isFound = true;
      const stop = async (): Promise<void> => {
        child.kill('SIGTERM');
        await ended;
      };
      resolve({ address: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, stop });
    });
  });
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
