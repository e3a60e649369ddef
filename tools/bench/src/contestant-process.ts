import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Greeting, Latencies, Prepared, Reply, Request, Slice, Task } from './protocol.ts';

/** How a contestant is started. */
export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

const KEPT_ERROR_CHARACTERS = 2000;

/** A contestant in a process of its own, which idles until it is told to work. */
export class ContestantProcess {
  readonly greeting: Greeting;
  private readonly lines: ProcessLines;

  private constructor(lines: ProcessLines, greeting: Greeting) {
    this.lines = lines;
    this.greeting = greeting;
  }

  /**
   * Starts a contestant and waits for its greeting.
   *
   * @throws Error when it cannot be started or says that it cannot serve, with its reason
   */
  static async start(command: Command): Promise<ContestantProcess> {
    const lines = new ProcessLines(command);
    try {
      return new ContestantProcess(lines, await lines.nextResult<Greeting>());
    } catch (error) {
      lines.end();
      throw error;
    }
  }

  /** Drops what was prepared before. */
  prepare(task: Task): Promise<Prepared> {
    return this.ask({ op: 'prepare', task });
  }

  run(seconds: number): Promise<Slice> {
    return this.ask({ op: 'run', seconds });
  }

  latency(calls: number): Promise<Latencies> {
    return this.ask({ op: 'latency', calls });
  }

  /** Closes its standard input, on which it ends. */
  end(): void {
    this.lines.end();
  }

  private ask<T>(request: Request): Promise<T> {
    this.lines.write(JSON.stringify(request));
    return this.lines.nextResult<T>();
  }
}

/** JSON lines to and from a child process; one answer is awaited at a time. */
class ProcessLines {
  private readonly child: ChildProcessWithoutNullStreams;
  private waiting: Waiting | null = null;
  private failure: Error | null = null;
  private errorText = '';

  constructor({ program, arguments: programArguments, environment }: Command) {
    this.child = spawn(program, programArguments, { env: { ...process.env, ...environment } });
    this.child.stderr.setEncoding('utf8');
    this.child.stderr.on('data', (text: string) => {
      this.errorText = (this.errorText + text).slice(-KEPT_ERROR_CHARACTERS);
    });
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      if (line.startsWith('{"ok"'))
        this.settle((waiting) => {
          waiting.resolve(line);
        });
    });
    this.child.stdin.on('error', () => {
      // It has ended: the handlers below say so.
    });
    this.child.on('error', (error) => {
      this.fail(`cannot start ${program}: ${error.message}`);
    });
    this.child.on('close', (code) => {
      this.fail(`${program} ended with exit code ${code ?? 'none'}`);
    });
  }

  write(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  async nextResult<T>(): Promise<T> {
    const line = await new Promise<string>((resolve, reject) => {
      if (this.failure !== null) reject(this.failure);
      else this.waiting = { resolve, reject };
    });
    const reply = JSON.parse(line) as Reply<T>;
    if (!reply.ok) throw new Error(reply.error);
    return reply.result;
  }

  end(): void {
    this.child.stdin.end();
  }

  private settle(how: (waiting: Waiting) => void): void {
    const waiting = this.waiting;
    this.waiting = null;
    if (waiting !== null) how(waiting);
  }

  private fail(what: string): void {
    const said = tellingLine(this.errorText);
    this.failure ??= new Error(said === '' ? what : `${what}: ${said}`);
    const failure = this.failure;
    this.settle((waiting) => {
      waiting.reject(failure);
    });
  }
}

/** The last line of a program's complaint that names an error, else its last line. */
function tellingLine(text: string): string {
  const lines = text.trim().split('\n');
  const named = lines.filter((line) => /^\S*error\b/i.test(line));
  return named.at(-1) ?? lines[lines.length - 1];
}
