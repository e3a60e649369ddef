import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export interface RunningServer {
  readonly address: string;
  readonly pid: number;
  stop(): Promise<void>;
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
