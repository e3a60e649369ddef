import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The built service in a process of its own, as it is run. */
export interface RunningService {
  /** Where it listens, without a slash at the end. */
  readonly address: string;
  readonly pid: number;
  /** Lines of the log so far, parsed. */
  readonly log: readonly Record<string, unknown>[];
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, once it ended. */
  readonly ended: Promise<number | null>;
}

/** What a process that ended by itself left. */
export interface EndedService {
  readonly code: number | null;
  readonly stderr: string;
}

const PROGRAM = join(__dirname, '..', '..', 'dist', 'main.js');

/** Starts the built service on a free port and waits until it is ready. */
export async function startService(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  const child = start(['--port', '0', '--host', '127.0.0.1', ...args], env);
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

function start(args: readonly string[], env: NodeJS.ProcessEnv) {
  return spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
