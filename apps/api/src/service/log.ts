import type { FastifyBaseLogger } from 'fastify';
import { fstatSync, write } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pino, { type DestinationStream } from 'pino';
import type { Settings } from './settings.ts';

/** Maximum time for which lines are buffered, in milliseconds. */
const FLUSH_MS = 500;
const BUFFER_BYTES = 12_288;

/** Maximum size of lines that are not written yet; further lines are dropped to bound the memory of an overloaded service. */
const MAX_UNWRITTEN_BYTES = 4 * 1024 * 1024;

/** Writes text; rejects if not all of it could be written. */
export type Sink = (text: string) => Promise<void>;

/**
 * Log that never holds up the service: lines that a full disk or a reader that has stopped does not take are dropped and counted, and a
 * line in the log says how many, once lines are taken again.
 */
export class Log implements DestinationStream {
  readonly #sink: Sink;
  #lines: string[] = [];
  #numBytes = 0;
  #numLost = 0;
  /** Number of lost lines that the log mentions. */
  #numMentioned = 0;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** Number of dropped lines. */
  get numLost(): number {
    return this.#numLost;
  }

  /** Takes one line, with its line feed. */
  write(line: string): void {
    if (this.#numBytes + line.length > MAX_UNWRITTEN_BYTES) {
      this.#numLost++;
      return;
    }
    this.#lines.push(line);
    this.#numBytes += line.length;
    if (this.#numBytes >= BUFFER_BYTES) this.#start();
    else {
      this.#timer ??= setTimeout(() => {
        this.#start();
      }, FLUSH_MS).unref();
    }
  }

  /** Waits until all lines are written or lost, at most for a time in milliseconds. */
  async flush(limitMs: number): Promise<void> {
    const written = (async () => {
      while (this.#lines.length > 0 || this.#writing !== null) {
        this.#start();
        await this.#writing;
      }
    })();
    const controller = new AbortController();
    const { signal } = controller;
    await Promise.race([written, sleep(limitMs, undefined, { signal }).catch(() => undefined)]);
    controller.abort();
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#writing !== null || this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    const size = this.#numBytes;
    const numLostBefore = this.#numLost;
    this.#writing = this.#sink(lines.join(''))
      .then(
        () => {
          this.#mention(numLostBefore);
        },
        () => {
          this.#numLost += lines.length;
        },
      )
      .finally(() => {
        this.#writing = null;
        this.#numBytes -= size;
        if (this.#numBytes >= BUFFER_BYTES) this.#start();
      });
  }

  /** Adds a line for the lines that were lost before the last ones were written. */
  #mention(numLost: number): void {
    const numNew = numLost - this.#numMentioned;
    if (numNew === 0) return;
    this.#numMentioned = numLost;
    const time = new Date().toISOString();
    this.write(`${JSON.stringify({ level: 40, time, numLines: numNew, msg: 'log lines lost' })}\n`);
  }
}

/** Creates a log on standard output. */
export function openStandardOutput(): Log {
  const stats = fstatSync(1);
  return new Log(stats.isFIFO() || stats.isSocket() ? socketSink() : fileSink(1));
}

/** Creates a logger of JSON lines. */
export function createLogger(level: Settings['logLevel'], destination: DestinationStream): FastifyBaseLogger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** Writes to a pipe without blocking. A write in another thread would block the end of the process if the pipe has no reader. */
function socketSink(): Sink {
  const socket = new Socket({ fd: 1, readable: false, writable: true });
  // Each write reports its own error, too.
  socket.on('error', () => undefined);
  socket.unref();
  return (text) =>
    new Promise((resolve, reject) => {
      socket.write(text, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
}

/** Writes to a file or a terminal. After an incomplete write, the next one starts on a new line. */
function fileSink(fd: number): Sink {
  let isInLine = false;
  const writeOn = (bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      write(fd, bytes, (error, numWritten) => {
        if (error !== null) {
          reject(error);
          return;
        }
        isInLine = bytes[numWritten - 1] !== 0x0a;
        if (numWritten === bytes.length) resolve();
        else writeOn(bytes.subarray(numWritten)).then(resolve, reject);
      });
    });
  return (text) => writeOn(Buffer.from(isInLine ? `\n${text}` : text));
}
