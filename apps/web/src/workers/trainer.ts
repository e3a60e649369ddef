import { siteUrl, workerUrl } from '../site-files.ts';
import type { TrainingCommand, TrainingEvent, TrainingRequest } from '../training/training-messages.ts';

/** A worker that trains, one run at a time. */
export interface Trainer {
  readonly start: (request: TrainingRequest) => void;
  readonly tell: (command: Exclude<TrainingCommand, { type: 'start' }>) => void;
  readonly terminate: () => void;
}

/** Starts the worker; its code, the kernels for training and MNIST are loaded then only. */
export function startTrainer(onEvent: (event: TrainingEvent) => void): Trainer {
  const worker = new Worker(workerUrl('train-worker'), { type: 'module' });
  const post = (command: TrainingCommand) => {
    worker.postMessage(command);
  };
  worker.addEventListener('message', ({ data }: MessageEvent<TrainingEvent>) => {
    onEvent(data);
  });
  worker.addEventListener('error', ({ message }) => {
    onEvent({ type: 'failed', message: message === '' ? 'the worker that trains did not start' : message });
  });
  return {
    start: (request) => {
      post({ type: 'start', request, mnistUrl: new URL(siteUrl('/mnist'), location.href).href });
    },
    tell: post,
    terminate: () => {
      worker.terminate();
    },
  };
}
