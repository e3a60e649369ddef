import { ApiError } from '../service/errors.ts';
import type { Settings } from '../service/settings.ts';
import { FairQueue } from '../service/fair-queue.ts';
import { PictureProcess } from './picture-process.ts';
import type { PictureResult, PictureTask, PictureWorkerData } from './picture-task.ts';
import { createCostEstimator } from './picture-cost.ts';

/** Size of the pool, its queue, and what one task may take. */
export interface PicturePoolLimits {
  readonly numWorkers: number;
  /** Maximum number of tasks that wait for a worker; one client may have half of them. */
  readonly maxPictures: number;
  /** Maximum time that a task waits for a worker. */
  readonly maxWaitMs: number;
  /** Maximum processor time of a task. */
  readonly maxProcessorMs: number;
  /** Maximum memory of all workers together. */
  readonly maxMemoryMiB: number;
}

/** Returns the limits in the settings. */
export function pictureLimitsOf(settings: Settings): PicturePoolLimits {
  return {
    numWorkers: settings.pictureWorkers,
    maxPictures: settings.maxPictures,
    maxWaitMs: settings.pictureWaitMs,
    maxProcessorMs: settings.pictureTimeMs,
    maxMemoryMiB: settings.pictureMemoryMiB,
  };
}

/** Reason why a worker was ended or ended by itself. */
export type EndReason = 'time' | 'memory' | 'disconnect' | 'crash';

/** Callbacks that count. */
export interface PictureObserver {
  /** Called when a task starts, with the time that it waited. */
  onStart(waitingMs: number): void;
  /** Called when a worker ends before its task. */
  onEnd(reason: EndReason): void;
}

/** Pool of processes that read image files and drawings, with a queue that is fair to clients. */
export interface PicturePool {
  /** Number of tasks that wait for a worker. */
  readonly numWaiting: number;
  /**
   * Checks that the queue has room for one more task.
   *
   * @param client address or token
   * @throws ApiError `OVERLOADED` if too many tasks wait already, or a new one would wait too long
   */
  requireRoom(client: string): void;
  /**
   * Reads an image file or a drawing.
   *
   * @param client address or token
   * @param signal ends the task: at once if it waits, otherwise soon
   * @throws ApiError `OVERLOADED` if too many tasks wait or this one waits too long, or the worker runs out of memory; `TIMED_OUT` if
   *   it takes too much processor time
   */
  read(task: PictureTask, client: string, signal: AbortSignal): Promise<PictureResult>;
  /** Answers the accepted tasks, then ends the workers. */
  dispose(): Promise<void>;
}

/** Interval between checks of what the workers use, in milliseconds. */
const CHECK_MS = 100;

/**
 * Processor time that an abandoned task may still take, in milliseconds. Starting a worker takes about as long, so a client that drops
 * its requests can't make the service work more than one that waits.
 */
const ABANDONED_MS = 500;

/** Elapsed time per processor time after which a task is ended on a machine that is busy with other work. */
const MAX_SLOWDOWN = 6;

/** Time before a worker that could not start is started again, in milliseconds. */
const RESTART_MS = 1000;

interface Job {
  readonly task: PictureTask;
  readonly client: string;
  readonly signal: AbortSignal;
  readonly queuedAt: number;
  readonly cost: number;
  readonly resolve: (result: PictureResult) => void;
  readonly reject: (error: unknown) => void;
  /** Removes timer and listener of the wait. */
  readonly stopWaiting: () => void;
}

/** Start of a time that is limited. */
interface Spending {
  readonly startedAt: number;
  /** Processor time of the worker then, or at the first check after it, which is soon enough and costs less. */
  fromMs: number | null;
}

/** What a worker is doing. */
interface Run {
  readonly job: Job;
  /** Of the task. */
  readonly spent: Spending;
  /** After its client has left. */
  abandoned: Spending | null;
  /** Why the worker was killed. */
  ended: ApiError | null;
}

interface Worker {
  process: PictureProcess;
  isReady: boolean;
  run: Run | null;
  /** Client of the task, until the worker can take the next one. */
  client: string | null;
}

/**
 * Starts the picture workers; resolves when they can take tasks.
 *
 * @param workerFile path of the built `picture-worker.js`
 */
export async function createPicturePool(
  data: PictureWorkerData,
  workerFile: string,
  limits: PicturePoolLimits,
  observer: PictureObserver = { onStart: () => {}, onEnd: () => {} },
): Promise<PicturePool> {
  const pool = new Pool(() => new PictureProcess(workerFile, data), limits, observer);
  await pool.started;
  return pool;
}

/** Owns the workers and the queue. */
class Pool implements PicturePool {
  readonly #startProcess: () => PictureProcess;
  readonly #limits: PicturePoolLimits;
  readonly #observer: PictureObserver;
  readonly #workers: readonly Worker[];
  readonly #queue = new FairQueue<Job>();
  readonly #costs = createCostEstimator();
  /** Resolves when each worker is ready, or has failed to start once. */
  readonly started: Promise<unknown>;
  #isDisposed = false;
  #onIdle: (() => void) | null = null;
  readonly #checking: NodeJS.Timeout;

  constructor(startProcess: () => PictureProcess, limits: PicturePoolLimits, observer: PictureObserver) {
    this.#startProcess = startProcess;
    this.#limits = limits;
    this.#observer = observer;
    this.#workers = Array.from({ length: limits.numWorkers }, () => ({
      process: startProcess(),
      isReady: false,
      run: null,
      client: null,
    }));
    this.started = Promise.all(
      this.#workers.map((worker) => {
        this.#watch(worker);
        return worker.process.ready;
      }),
    );
    this.#checking = setInterval(() => {
      this.#check();
    }, CHECK_MS).unref();
  }

  get numWaiting(): number {
    return this.#queue.size;
  }

  requireRoom(client: string): void {
    const { maxPictures, maxWaitMs } = this.#limits;
    if (this.#queue.size >= maxPictures) {
      throw new ApiError(
        'OVERLOADED',
        `the queue of image files and drawings is full (maximum ${maxPictures}); retry in a second`,
      );
    }
    const maxPerClient = Math.ceil(maxPictures / 2);
    if (this.#queue.sizeOf(client) >= maxPerClient) {
      throw new ApiError(
        'OVERLOADED',
        `a client may have ${maxPerClient} image files and drawings in the queue; retry in a second`,
      );
    }
    const waitMs = this.#expectedWaitMs(client);
    if (waitMs > maxWaitMs) {
      throw new ApiError(
        'OVERLOADED',
        `waiting for a worker must take at most ${maxWaitMs} ms, expected ${Math.round(waitMs)} ms; retry later`,
      );
    }
  }

  read(task: PictureTask, client: string, signal: AbortSignal): Promise<PictureResult> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      this.requireRoom(client);
      const cost = this.#costs.expectedMs(client);
      const leave = (error: Error): void => {
        stopWaiting();
        if (this.#queue.remove(client, job)) reject(error);
        this.#reportIdle();
      };
      const { maxWaitMs } = this.#limits;
      const timer = setTimeout(() => {
        leave(
          new ApiError(
            'OVERLOADED',
            `waiting for a worker must take at most ${maxWaitMs} ms, took longer; retry later`,
          ),
        );
      }, maxWaitMs);
      const onAbort = (): void => {
        leave(reasonOf(signal));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const stopWaiting = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const job: Job = { task, client, signal, cost, queuedAt: performance.now(), resolve, reject, stopWaiting };
      this.#queue.push(client, cost, job);
      this.#startJobs();
    });
  }

  async dispose(): Promise<void> {
    if (!this.#isIdle) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    this.#isDisposed = true;
    clearInterval(this.#checking);
    for (const { process } of this.#workers) process.kill();
    await Promise.all(this.#workers.map(({ process }) => process.ended));
  }

  get #isIdle(): boolean {
    return this.#queue.size === 0 && this.#workers.every(({ run }) => run === null);
  }

  #reportIdle(): void {
    if (this.#isIdle) this.#onIdle?.();
  }

  /** One worker is kept for other clients, unless there is only one. */
  get #maxWorkersPerClient(): number {
    return Math.max(1, this.#workers.length - 1);
  }

  #numWorkersOf(client: string): number {
    return this.#workers.filter((worker) => worker.client === client).length;
  }

  /** From the cost of the tasks that go first, and of what the workers are doing. */
  #expectedWaitMs(client: string): number {
    const now = performance.now();
    const remaining = this.#workers.map(({ run }) =>
      run === null ? 0 : Math.max(0, run.job.cost - (now - run.spent.startedAt)),
    );
    if (this.#queue.size === 0 && remaining.includes(0)) return 0;
    return (remaining.reduce((sum, ms) => sum + ms, 0) + this.#queue.costBefore(client)) / this.#workers.length;
  }

  #startJobs(): void {
    for (const worker of this.#workers) {
      if (!worker.isReady || worker.run !== null) continue;
      const job = this.#queue.take(({ client }) => this.#numWorkersOf(client) < this.#maxWorkersPerClient);
      if (job === undefined) return;
      void this.#run(worker, job);
    }
  }

  async #run(worker: Worker, job: Job): Promise<void> {
    const startedAt = performance.now();
    const { process } = worker;
    const run: Run = { job, spent: { startedAt, fromMs: null }, abandoned: null, ended: null };
    worker.run = run;
    worker.client = job.client;
    job.stopWaiting();
    this.#observer.onStart(startedAt - job.queuedAt);
    const abandon = (): void => {
      run.abandoned = { startedAt: performance.now(), fromMs: null };
      job.reject(reasonOf(job.signal));
    };
    job.signal.addEventListener('abort', abandon, { once: true });
    try {
      const result = await process.run(job.task);
      if (result === null) {
        worker.isReady = false;
        job.reject(this.#failure(run));
      } else {
        worker.client = null;
        job.resolve(result);
      }
    } catch (error) {
      worker.client = null;
      job.reject(error);
    }
    job.signal.removeEventListener('abort', abandon);
    const durationMs = performance.now() - startedAt;
    this.#costs.observe(job.client, durationMs);
    this.#queue.charge(job.client, durationMs - job.cost);
    worker.run = null;
    this.#startJobs();
    this.#reportIdle();
  }

  /** Returns why the process of a task has ended. */
  #failure({ ended }: Run): ApiError {
    if (ended !== null) return ended;
    this.#observer.onEnd('crash');
    return new ApiError('OVERLOADED', 'the worker ended before it answered; send a smaller image or retry');
  }

  /** Ends tasks that exceed their budget or whose client has disconnected. */
  #check(): void {
    if (this.#workers.every(({ run }) => run === null)) return;
    const used = this.#workers.map((worker) => ({ worker, ...worker.process.usage() }));
    for (const { worker, processorMs } of used) {
      if (worker.run !== null) this.#checkTime(worker, worker.run, processorMs);
    }
    const memoryMiB = used.reduce((sum, each) => sum + each.memoryMiB, 0);
    const { maxMemoryMiB } = this.#limits;
    if (memoryMiB <= maxMemoryMiB) return;
    used.sort((a, b) => b.memoryMiB - a.memoryMiB);
    // A worker may keep memory after a large task.
    const idle = used.find(({ worker }) => worker.isReady && worker.run === null);
    if (idle !== undefined && idle.memoryMiB > maxMemoryMiB / this.#workers.length) {
      idle.worker.isReady = false;
      idle.worker.process.kill();
      return;
    }
    const largest = used.find(({ worker }) => worker.run !== null);
    if (largest === undefined) return;
    const message = `reading must leave memory for others, but all readers use ${Math.round(memoryMiB)} MiB of ${maxMemoryMiB}; send a smaller image`;
    this.#end(largest.worker, 'memory', new ApiError('OVERLOADED', message));
  }

  #checkTime(worker: Worker, run: Run, processorMs: number): void {
    const { maxProcessorMs } = this.#limits;
    if (isOver(run.spent, processorMs, maxProcessorMs)) {
      const message = `reading must take at most ${maxProcessorMs} ms of processor time; send a smaller image`;
      this.#end(worker, 'time', new ApiError('TIMED_OUT', message));
    } else if (run.abandoned !== null && isOver(run.abandoned, processorMs, ABANDONED_MS)) {
      this.#end(worker, 'disconnect', new ApiError('INVALID_REQUEST', 'the client has disconnected'));
    }
  }

  #end({ process, run }: Worker, reason: EndReason, error: ApiError): void {
    if (run?.ended !== null) return;
    run.ended = error;
    this.#observer.onEnd(reason);
    process.kill();
  }

  /** Replaces the process of a worker whenever it ends. */
  #watch(worker: Worker): void {
    const { process } = worker;
    let hasStarted = false;
    void process.ready.then((isReady) => {
      hasStarted = worker.isReady = isReady;
      if (!isReady) return;
      worker.client = null;
      this.#startJobs();
    });
    void process.ended.then(() => {
      worker.isReady = false;
      if (this.#isDisposed) return;
      const restart = (): void => {
        if (this.#isDisposed) return;
        worker.process = this.#startProcess();
        this.#watch(worker);
      };
      if (hasStarted) restart();
      else setTimeout(restart, RESTART_MS).unref();
    });
  }
}

/** Whether too much processor time is spent, or far more elapsed time. */
function isOver(spent: Spending, processorMs: number, limitMs: number): boolean {
  spent.fromMs ??= processorMs;
  return processorMs - spent.fromMs > limitMs || performance.now() - spent.startedAt > MAX_SLOWDOWN * limitMs;
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('the task was cancelled', { cause: reason });
}
