import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8's collector. It is called because buffers take memory outside the heap, for which V8 rarely collects garbage by itself. */
type Collect = (options?: { readonly type: 'minor' }) => void;

/** Size of unused buffers from which the young ones are freed, in bytes; it takes a few milliseconds. */
const MAX_YOUNG = 16 * 1024 * 1024;

/** Size of all buffers besides those in use from which old ones are freed, too, in bytes; it takes some ten milliseconds. */
const MAX_OLD = 96 * 1024 * 1024;

/** Minimum time between the ends of two collections of old buffers, in milliseconds. */
const OLD_PAUSE_MS = 2000;

/** Frees buffers that are no longer used, such as large request bodies, before they fill the memory. */
export class BufferGarbage {
  readonly #collect: Collect;
  #numBytes = 0;
  #collectedAt = -Infinity;

  constructor() {
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc') as Collect;
  }

  /**
   * Counts bytes of buffers that are no longer used.
   *
   * @param inUse number of bytes of all buffers that still are
   */
  add(numBytes: number, inUse: number): void {
    this.#numBytes += numBytes;
    if (this.#numBytes < MAX_YOUNG) return;
    this.#numBytes = 0;
    this.#collect({ type: 'minor' });
    const isOld = process.memoryUsage().arrayBuffers > MAX_OLD + inUse;
    if (!isOld || performance.now() - this.#collectedAt < OLD_PAUSE_MS) return;
    this.#collect();
    this.#collectedAt = performance.now();
  }
}
