import * as contract from '../program/contract.ts';
import { instantiateKernelsLater, type ThreadMessage, type ThreadReply } from './thread-program.ts';

/** One worker, of Node or of a browser. */
export interface EngineThread {
  post(message: ThreadMessage): void;
  /** Registers the listeners for replies, and for the death of the thread. */
  listen(onReply: (reply: ThreadReply) => void, onDeath: (reason: string) => void): void;
  /** Sets whether the thread keeps the process alive. It does while it works, and does not while it waits. */
  keepAlive(isNeeded: boolean): void;
  terminate(): Promise<void>;
}

/** Creates the threads, in Node or in a browser. */
export interface ThreadHost {
  /** False in a page that is not cross-origin isolated; everything then runs on the calling thread. */
  readonly canShareMemory: boolean;
  createThread(): EngineThread;
}

/** Kernels and memory that all threads use. */
export interface ThreadWork {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** Runs functions of the kernels on all threads at once. */
export interface ThreadPool {
  readonly numThreads: number;
  /**
   * Calls an exported function of the kernels on every thread and waits for all of them.
   *
   * @throws Error if a thread died or the pool was disposed; every later call then fails with the same error
   */
  run(name: string, ...args: readonly number[]): Promise<void>;
  /** Ends the threads, even while they work. */
  dispose(): Promise<void>;
}

/**
 * Starts threads on one memory. A host that cannot share memory uses the calling thread alone.
 *
 * @throws Error if a thread cannot be started
 */
export async function startThreads(host: ThreadHost, numThreads: number, work: ThreadWork): Promise<ThreadPool> {
  if (!host.canShareMemory) return await createLocalPool(work);
  const pool = new WorkerPool(host, numThreads, work);
  await pool.start();
  return pool;
}

/** Creates a pool that runs on the calling thread. Each call blocks it, so callers keep their calls short. */
async function createLocalPool({ module, memory }: ThreadWork): Promise<ThreadPool> {
  const kernels = await instantiateKernelsLater({ module, memory, thread: 0, numThreads: 1, arena: 0 });
  let isDisposed = false;
  return {
    numThreads: 1,
    async run(name, ...args) {
      // Yields to the page between two calls.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (isDisposed) throw new Error(`${name}: the engine was disposed`);
      kernels[name](...args);
    },
    dispose() {
      isDisposed = true;
      return Promise.resolve();
    },
  };
}

/** A running call: the number of threads that have not answered, and the functions that settle its promise. */
interface Call {
  numWaiting: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Owns the workers. If one fails, all end, because a thread that waits at a barrier cannot go on without the others. */
class WorkerPool implements ThreadPool {
  readonly numThreads: number;
  readonly #threads: readonly EngineThread[];
  readonly #work: ThreadWork;
  #call: Call | null = null;
  #failure: Error | null = null;

  constructor(host: ThreadHost, numThreads: number, work: ThreadWork) {
    this.numThreads = numThreads;
    this.#work = work;
    this.#threads = Array.from({ length: numThreads }, () => host.createThread());
    this.#threads.forEach((thread, index) => {
      thread.listen(
        (reply) => {
          this.#answer(reply);
        },
        (reason) => {
          void this.#fail(new Error(`engine-simd: thread ${index} of ${numThreads} must live, but ${reason}`));
        },
      );
    });
  }

  async start(): Promise<void> {
    const numThreads = this.numThreads;
    await this.#broadcast((thread, index) => {
      thread.post({ type: 'start', ...this.#work, thread: index, numThreads, arena: index });
    });
  }

  async run(name: string, ...args: readonly number[]): Promise<void> {
    await this.#broadcast((thread) => {
      thread.post({ type: 'call', name, args });
    });
  }

  async dispose(): Promise<void> {
    await this.#fail(new Error('engine-simd: disposed'));
  }

  async #broadcast(post: (thread: EngineThread, index: number) => void): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.#threads.forEach((thread) => {
      thread.keepAlive(true);
    });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#call = { numWaiting: this.numThreads, resolve, reject };
        this.#threads.forEach(post);
      });
    } finally {
      this.#threads.forEach((thread) => {
        thread.keepAlive(false);
      });
    }
  }

  #answer(reply: ThreadReply): void {
    if (reply.type === 'failed' || reply.result === contract.RESULT_ABORTED) {
      const reason = reply.type === 'failed' ? reply.message : 'it left a barrier early';
      void this.#fail(new Error(`engine-simd: a thread failed: ${reason}`));
      return;
    }
    const call = this.#call;
    if (call === null) return;
    call.numWaiting--;
    if (call.numWaiting > 0) return;
    this.#call = null;
    call.resolve();
  }

  async #fail(error: Error): Promise<void> {
    if (this.#failure !== null) return;
    this.#failure = error;
    const control = new Int32Array(this.#work.memory.buffer, contract.CONTROL_ADDRESS);
    Atomics.store(control, contract.CONTROL_ABORTED, 1);
    Atomics.notify(control, contract.CONTROL_GENERATION);
    this.#call?.reject(error);
    this.#call = null;
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

/** Runs calls one after the other, in the order in which they were made. */
export interface CallQueue {
  /** @throws what `call` throws; later calls still run */
  enqueue<Result>(call: () => Promise<Result>): Promise<Result>;
}

/** Creates an empty queue. */
export function createCallQueue(): CallQueue {
  let last: Promise<unknown> = Promise.resolve();
  return {
    enqueue(call) {
      const result = last.then(call);
      last = result.catch(() => undefined);
      return result;
    },
  };
}
