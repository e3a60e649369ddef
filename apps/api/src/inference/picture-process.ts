import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { PictureResult, PictureTask, PictureWorkerData } from './picture-task.ts';

/** Message to a picture worker: its data, then tasks. */
export type PictureRequest = { readonly data: PictureWorkerData } | { readonly task: PictureTask };

/** Message from a picture worker: that it can take tasks, or the result of one. */
export type PictureReply =
  { readonly ready: true } | { readonly result: PictureResult } | { readonly unexpected: string };

/** Maximum heap of a worker's JavaScript in MiB. Pixels are outside it; decoding and segmentation need far less. */
const MAX_HEAP_MIB = 256;

/** Clock ticks per second in `/proc`, on every Linux architecture. */
const TICKS_PER_SECOND = 100;

/** What a process has used. */
export interface Usage {
  /** Processor time since it started, in milliseconds; elapsed time except on Linux. */
  readonly processorMs: number;
  /** Resident memory without that of files, which the kernel can take back; 0 except on Linux. */
  readonly memoryMiB: number;
}

/** Process that reads one image file or drawing at a time. It can be killed at any moment, and then all its memory is free. */
export class PictureProcess {
  readonly #child: ChildProcess;
  readonly #startedAt = performance.now();
  #settle: { resolve: (result: PictureResult | null) => void; reject: (error: Error) => void } | null = null;
  /** Resolves with true when it can take tasks, or with false if it ended before. */
  readonly ready: Promise<boolean>;
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<void>;

  /** @param workerFile path of the built `picture-worker.js` */
  constructor(workerFile: string, data: PictureWorkerData) {
    this.#child = fork(workerFile, [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${MAX_HEAP_MIB}`],
      // More arenas would keep freed memory of the decoders' threads.
      env: { ...process.env, MALLOC_ARENA_MAX: '2' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.#settle?.resolve(null);
        this.#settle = null;
        resolve();
      };
      this.#child.once('exit', end);
      // A process that could not be started has no exit.
      this.#child.on('error', () => {
        if (this.#child.pid === undefined) end();
      });
    });
    this.ready = new Promise((resolve) => {
      void this.ended.then(() => {
        resolve(false);
      });
      this.#child.on('message', (reply: PictureReply) => {
        if ('ready' in reply) resolve(true);
        else this.#answer(reply);
      });
    });
    this.#send({ data });
  }

  /**
   * Reads an image file or a drawing.
   *
   * @returns null if the process ends first
   * @throws Error if the task fails for an unknown reason
   */
  run(task: PictureTask): Promise<PictureResult | null> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#send({ task });
    });
  }

  /** What the process has used since it started. */
  usage(): Usage {
    const elapsed = { processorMs: performance.now() - this.#startedAt, memoryMiB: 0 };
    if (process.platform !== 'linux' || this.#child.pid === undefined) return elapsed;
    try {
      return readUsage(this.#child.pid);
    } catch {
      // It has just ended.
      return elapsed;
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(request: PictureRequest): void {
    // If the process has ended, its exit is reported instead.
    this.#child.send(request, () => {});
  }

  #answer(reply: Exclude<PictureReply, { readonly ready: true }>): void {
    const settle = this.#settle;
    this.#settle = null;
    if ('result' in reply) settle?.resolve(reply.result);
    else settle?.reject(new Error(`the picture worker failed: ${reply.unexpected}`));
  }
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readUsage(pid: number): Usage {
  // The name, in parentheses, may contain blanks.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  const resident = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return {
    processorMs: ((userTicks + systemTicks) * 1000) / TICKS_PER_SECOND,
    memoryMiB: Number(resident?.[1] ?? 0) / 1024,
  };
}
