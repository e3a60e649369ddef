import type { ThreadMessage, ThreadReply } from './thread-program.ts';

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
