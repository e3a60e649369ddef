/** First message to a thread. */
export interface StartMessage {
  readonly type: 'start';
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly thread: number;
  readonly numThreads: number;
  readonly arena: number;
}

/** Message that tells a thread to run an exported function of the kernels. */
export interface CallMessage {
  readonly type: 'call';
  readonly name: string;
  readonly args: readonly number[];
}

export type ThreadMessage = StartMessage | CallMessage;

/** Reply of a thread to each message. */
export type ThreadReply =
  { readonly type: 'done'; readonly result: number } | { readonly type: 'failed'; readonly message: string };

/** Exported functions of the kernels; all take and return whole numbers. */
export type KernelExports = Readonly<Record<string, (...args: readonly number[]) => number>>;

/** Interval at which a thread that waits for the others checks whether the run was aborted. */
const SLEEP_MS = 50;

/** Instantiates the kernels on a memory, as one of `numThreads` threads. */
function instantiateKernels(message: Omit<StartMessage, 'type'>): KernelExports {
  return initialize(new WebAssembly.Instance(message.module, importsOf(message.memory)), message);
}

/** Instantiates the kernels without blocking, which a page's main thread requires for large modules. */
export async function instantiateKernelsLater(message: Omit<StartMessage, 'type'>): Promise<KernelExports> {
  return initialize(await WebAssembly.instantiate(message.module, importsOf(message.memory)), message);
}

function importsOf(memory: WebAssembly.Memory): WebAssembly.Imports {
  const words = new Int32Array(memory.buffer);
  const sleep = (address: number, expected: number): void => {
    Atomics.wait(words, address / 4, expected, SLEEP_MS);
  };
  return { env: { memory, sleep } };
}

function initialize(
  instance: WebAssembly.Instance,
  { thread, numThreads, arena }: Omit<StartMessage, 'type'>,
): KernelExports {
  const kernels = instance.exports as unknown as KernelExports;
  kernels.initialize(thread, numThreads, arena);
  return kernels;
}

/** Creates the function that answers the messages to a thread. */
export function createThreadProgram(): (message: ThreadMessage) => ThreadReply {
  let kernels: KernelExports | null = null;
  return (message) => {
    try {
      if (message.type === 'start') {
        kernels = instantiateKernels(message);
        return { type: 'done', result: 0 };
      }
      if (kernels === null) throw new Error('not started');
      return { type: 'done', result: kernels[message.name](...message.args) };
    } catch (error) {
      return { type: 'failed', message: String(error) };
    }
  };
}
