import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';

/** Built service in its own process. */
export interface RunningService {
  /** Base URL, without a slash at the end. */
  readonly address: string;
  readonly pid: number;
  /** Parsed lines of the log so far. */
  readonly log: readonly Record<string, unknown>[];
  kill(signal: NodeJS.Signals): void;
  /** Exit code, after it ended. */
  readonly ended: Promise<number | null>;
}

/** Result of a process that ended by itself. */
export interface EndedService {
  readonly code: number | null;
  readonly stderr: string;
}

/** The service refuses variables of this prefix that it does not know, such as `DIGITS_PYTHON` of the tests. */
const OUTER_ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('DIGITS_')),
);

const PROGRAM = join(__dirname, '..', '..', 'dist', 'main.js');

/** Limits that the operating system sets for a service. */
export interface ProcessLimits {
  /** Maximum number of open files. */
  readonly maxOpenFiles?: number;
}

/** Starts the built service on a free port and waits until it is ready. */
export async function startService(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  limits: ProcessLimits = {},
): Promise<RunningService> {
  const child = start(['--port', '0', '--host', '127.0.0.1', ...args], env, limits);
  const log: Record<string, unknown>[] = [];
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  let rest = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) log.push(JSON.parse(line) as Record<string, unknown>);
      if (log.some(({ msg }) => msg === 'ready')) resolve();
    });
    void ended.then((code) => {
      reject(new Error(`the service must start, but it ended with ${code}: ${stderr}`));
    });
  });
  const port = log.map(({ msg }) => /:(\d+)$/.exec(String(msg))?.[1]).find((found) => found !== undefined);
  return {
    address: `http://127.0.0.1:${port ?? 'unknown'}`,
    pid: child.pid ?? 0,
    log,
    kill: (signal) => child.kill(signal),
    ended,
  };
}

/** Runs the built service to its end. */
export async function runService(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<EndedService> {
  const child = start(args, env);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stderr };
}

function start(args: readonly string[], env: NodeJS.ProcessEnv, { maxOpenFiles }: ProcessLimits = {}) {
  const command = [process.execPath, PROGRAM, ...args];
  const [file, ...rest] =
    maxOpenFiles === undefined ? command : ['sh', '-c', `ulimit -n ${maxOpenFiles}; exec "$@"`, 'sh', ...command];
  return spawn(file, rest, {
    env: { ...OUTER_ENVIRONMENT, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Returns the resident memory of the service and its workers in MiB, null except on Linux. */
export function residentMiB({ pid }: RunningService): number | null {
  if (process.platform !== 'linux') return null;
  return [pid, ...workersOf(pid)].reduce((sum, each) => sum + residentOf(each), 0);
}

/** Time between the checks of the event loop that the service measures its stalls by, in milliseconds. */
const STALL_CHECK_MS = 10;

/** Returns the longest stall of the service's event loop since the last call, in milliseconds. */
export async function longestStallMs({ address }: RunningService): Promise<number> {
  const metrics = await (await fetch(`${address}/metrics`)).text();
  const seconds = Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(metrics)?.[1] ?? NaN);
  return Math.max(0, 1000 * seconds - STALL_CHECK_MS);
}

/** Returns the ids of the processes that the service has started. */
function workersOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => each > 0 && parentOf(each) === pid);
}

function parentOf(pid: number): number | null {
  const found = /^PPid:\s+(\d+)$/m.exec(statusOf(pid));
  return found === null ? null : Number(found[1]);
}

function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(statusOf(pid))?.[1] ?? 0) / 1024;
}

/** A process that has just ended has no status. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}

/** Outcome of one request. */
export interface Outcome {
  /** Null if the connection broke before a response. */
  readonly status: number | null;
  /** Reason why it broke. */
  readonly errorCode: string | null;
  /** Whether the connection had served another request before; a refused connection is not a lost request. */
  readonly wasReused: boolean;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly body: string;
}

/** Client that sends the next request of each connection after the previous response. */
export interface Load {
  readonly outcomes: readonly Outcome[];
  /** Waits for the pending requests and sends no more. */
  stop(): Promise<void>;
}

/**
 * Starts a load on the service.
 *
 * @param isOver ends the requests of a connection after an outcome, for example if the service no longer listens
 */
export function startLoad(
  url: string,
  payload: Buffer,
  headers: Record<string, string>,
  numConnections: number,
  isOver: (outcome: Outcome) => boolean = () => false,
): Load {
  const outcomes: Outcome[] = [];
  let isStopped = false;
  const askOn = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!isStopped) {
      const outcome = await ask(url, payload, headers, agent);
      outcomes.push(outcome);
      if (isOver(outcome)) break;
    }
    agent.destroy();
  };
  const asking = Array.from({ length: numConnections }, askOn);
  return {
    outcomes,
    stop: async () => {
      isStopped = true;
      await Promise.all(asking);
    },
  };
}

function ask(url: string, payload: Buffer, headers: Record<string, string>, agent: Agent): Promise<Outcome> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const end = (status: number | null, errorCode: string | null, body: string): void => {
      const durationMs = performance.now() - startedAt;
      resolve({ status, errorCode, wasReused: asked.reusedSocket, startedAt, durationMs, body });
    };
    const asked = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': payload.length } },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          end(response.statusCode ?? 0, null, body);
        });
        response.on('error', (error: NodeJS.ErrnoException) => {
          end(null, error.code ?? error.message, body);
        });
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => {
      end(null, error.code ?? error.message, '');
    });
    asked.end(payload);
  });
}
