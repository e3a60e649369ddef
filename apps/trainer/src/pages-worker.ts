/** Entry point of a thread that generates pages. */
import { generatePages, type PagesOptions } from '@digits/synthesis';
import { parentPort } from 'node:worker_threads';

const port = parentPort;
if (port === null) throw new Error('pages-worker: it must be started as a worker, got the main thread');

port.on('message', (options: PagesOptions) => {
  const { images, targets } = generatePages(options);
  port.postMessage({ images, targets }, [images.buffer as ArrayBuffer, targets.buffer as ArrayBuffer]);
});
