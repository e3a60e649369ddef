import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TrainingEvent } from '../run/prepared-run.ts';
import type { TrainingThreadData } from '../run/train-in-worker.ts';

/** Message to the process of a trial. */
export type TrialOrder = ({ readonly type: 'train' } & TrainingThreadData) | { readonly type: 'pause' };

/** Message from the process of a trial. */
export type TrialMessage =
  | Extract<TrainingEvent, { type: 'progress' | 'epoch' }>
  /** Memory that the process takes. */
  | { readonly type: 'memory'; readonly bytes: number };

/** How the process of a trial ended. */
export type TrialEnd =
  { readonly type: 'ended'; readonly finished: boolean } | { readonly type: 'failed'; readonly message: string };

/** A trial that trains in a separate process. */
export interface TrialProcess {
  /** Never rejects: if the process dies, the trial has failed. */
  readonly ended: Promise<TrialEnd>;
  /** Ends it after the step that it is in, with a checkpoint. */
  pause(): void;
  /** Ends it at once. */
  abandon(): void;
}

/** Starts a trial. */
export function startTrialProcess(data: TrainingThreadData, onMessage: (message: TrialMessage) => void): TrialProcess {
  const child = fork(fileURLToPath(new URL('./trial-worker.js', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk.toString()}`.slice(-MAX_LAST_WORDS);
  });
  const send = (order: TrialOrder) => {
    if (child.connected) child.send(order);
  };
  const ended = new Promise<TrialEnd>((done) => {
    let end: TrialEnd | null = null;
    child.on('message', (message: TrialMessage | TrialEnd) => {
      if (message.type === 'ended' || message.type === 'failed') end = message;
      else onMessage(message);
    });
    child.on('error', (error) => {
      done({ type: 'failed', message: `its process could not be started: ${error.message}` });
    });
    child.on('close', (code, signal) => {
      done(end ?? { type: 'failed', message: describeDeath(code, signal, lastWords) });
    });
  });
  send({ type: 'train', ...data });
  return {
    ended,
    pause: () => {
      send({ type: 'pause' });
    },
    abandon: () => {
      child.kill('SIGKILL');
    },
  };
}

/** Number of bytes of standard error that are kept to explain why a process died. */
const MAX_LAST_WORDS = 4096;

function describeDeath(code: number | null, signal: NodeJS.Signals | null, lastWords: string): string {
  if (signal === 'SIGKILL') return 'its process was killed by SIGKILL, as systems do when memory runs out';
  if (lastWords.includes('heap out of memory')) return 'its process ran out of memory';
  const line = lastWords.trim().split('\n').at(-1) ?? '';
  const how = signal === null ? `with code ${code ?? '?'}` : `by ${signal}`;
  return `its process ended ${how}${line === '' ? '' : `: ${line}`}`;
}
