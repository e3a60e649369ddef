import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What a run of the built program left. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output, parsed; null where it is no JSON. */
  readonly json: Record<string, unknown> | null;
}

/** A run of the built program that is still going. */
export interface RunningCommand {
  readonly result: Promise<CommandResult>;
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once standard error holds the text. */
  sees(text: string): Promise<void>;
}

/** How a run is set up. */
export interface StartOptions {
  /** A file that Node loads first. */
  readonly preload?: string;
  /** What is on standard input; nothing by default. */
  readonly input?: Uint8Array;
  /** Closes standard output at the first answer, as `head` does. */
  readonly closeOutput?: boolean;
}

/** Starts the built command line as a user's shell would. */
export function startCommand(
  args: readonly string[],
  cwd = process.cwd(),
  { preload, input, closeOutput = false }: StartOptions = {},
): RunningCommand {
  const program = join(__dirname, '..', '..', 'dist', 'main.js');
  const nodeOptions = preload === undefined ? [] : ['--require', preload];
  const child = spawn(process.execPath, [...nodeOptions, program, ...args], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  child.stdin.end(input ?? '');
  let stdout = '';
  let stderr = '';
  const watchers: { text: string; found: () => void }[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    if (closeOutput) child.stdout.destroy();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const { text, found } of watchers) if (stderr.includes(text)) found();
  });
  const result = new Promise<CommandResult>((done) => {
    child.on('close', (code) => {
      done({ code, stdout, stderr, json: parseLastLine(stdout) });
    });
  });
  return {
    result,
    pid: child.pid,
    kill: (signal) => child.kill(signal),
    sees: (text) =>
      new Promise((found) => {
        watchers.push({ text, found });
        if (stderr.includes(text)) found();
      }),
  };
}

/** Runs the built command line to its end. */
export function runCommand(args: readonly string[], cwd?: string): Promise<CommandResult> {
  return startCommand(args, cwd).result;
}

function parseLastLine(stdout: string): Record<string, unknown> | null {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  } catch {
    return null;
  }
}
