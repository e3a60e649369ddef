import type { PageImages, PageRequest } from '@digits/model';
import { generatePages, PAGE_CHANNELS } from '@digits/synthesis';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Pages that a thread generates at a time: about a quarter of a second's work. */
const CHUNK = 32;

/** How pages are generated in parallel. */
interface GenerationControl {
  readonly threads: number;
  /** Told after each part how many pages it had. */
  readonly onPages?: (count: number) => void;
  /** Ends the work with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Generates pages on several threads, the same as `generatePages` on one: a page depends on the request and its index alone.
 *
 * @throws the signal's reason if it is aborted, or the error of a thread
 */
export async function generatePagesInThreads(
  request: PageRequest,
  { threads, onPages, signal }: GenerationControl,
): Promise<PageImages> {
  const { count, width, height, start = 0 } = request;
  if (count <= CHUNK) {
    onPages?.(count);
    return generatePages(request);
  }
  const imageSize = width * height;
  const images = new Uint8Array(count * imageSize);
  const targets = new Uint8Array(count * imageSize * PAGE_CHANNELS.length);
  let next = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./pages-worker.js', import.meta.url));
    try {
      while (next < count) {
        signal?.throwIfAborted();
        const at = next;
        const size = Math.min(CHUNK, count - at);
        next += size;
        const part = await askWorker(worker, { ...request, start: start + at, count: size });
        images.set(part.images, at * imageSize);
        targets.set(part.targets, at * imageSize * PAGE_CHANNELS.length);
        onPages?.(size);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, Math.ceil(count / CHUNK)) }, work));
  return { count, width, height, images, targets };
}

/** @throws the error of the thread */
async function askWorker(worker: Worker, request: PageRequest): Promise<Pick<PageImages, 'images' | 'targets'>> {
  worker.postMessage(request);
  const [part] = (await once(worker, 'message')) as [Pick<PageImages, 'images' | 'targets'>];
  return part;
}
