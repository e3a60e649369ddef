import * as contract from '../program/contract.ts';
import { instantiateKernelsLater, type ThreadMessage, type ThreadReply } from './thread-program.ts';

/** One worker of the host: what Node's and the browser's have in common. */
export interface EngineThread {
  post(message: ThreadMessage): void;
  /** Says who hears the answers, and why the thread died if it did. */
  listen(onReply: (reply: ThreadReply) => void, onDeath: (reason: string) => void): void;
  /** Whether the thread keeps the process alive: while it works, not while it waits. */
  keepAlive(isNeeded: boolean): void;
  terminate(): Promise<void>;
}

/** Where threads come from. */
export interface ThreadHost {
  /** False in a page that is not cross-origin isolated: then everything runs on the calling thread. */
  readonly canShareMemory: boolean;
  createThread(): EngineThread;
}

/** What threads work on. */
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
   * @throws Error when a thread died or the pool was disposed; then every later call is refused with the same error
   */
  run(name: string, ...args: readonly number[]): Promise<void>;
  /** Ends the threads, whatever they do. */
  dispose(): Promise<void>;
}

/**
 * Starts threads over one memory; on a host that cannot share memory there is one, the caller's own.
 *
 * @throws Error when a thread cannot be started
 */
export async function startThreads(host: ThreadHost, numThreads: number, work: ThreadWork): Promise<ThreadPool> {
  if (!host.canShareMemory) return await createLocalPool(work);
  const pool = new WorkerPool(host, numThreads, work);
  await pool.start();
  return pool;
}

/** The calling thread as a pool of one: each call blocks it, so callers keep their calls short. */
async function createLocalPool({ module, memory }: ThreadWork): Promise<ThreadPool> {
  const kernels = await instantiateKernelsLater({ module, memory, thread: 0, numThreads: 1, arena: 0 });
  let isDisposed = false;
  return {
    numThreads: 1,
    async run(name, ...args) {
      // Between two calls the page gets its turn.
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

/** A call under way: the threads that have not answered, and its promise's ends. */
interface Call {
  numWaiting: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Owns the workers, and the failure that ends them all: a thread that waits at a barrier cannot go on without the others. */
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
  /** @throws what `call` throws; the calls behind it run all the same */
  enqueue<Result>(call: () => Promise<Result>): Promise<Result>;
}

/** Makes an empty queue. */
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
