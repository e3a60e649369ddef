import { useSyncExternalStore } from 'react';

/** The engine cuts a batch into so many parts. */
const MAX_THREADS = 8;

/** How many threads training can have here. */
export interface Threads {
  readonly now: number;
  /** After a reload, where the service worker then sends what isolation needs; otherwise the same. */
  readonly afterReload: number;
}

/** @returns null in the exported page, which does not know yet */
export function useThreads(): Threads | null {
  const now = useSyncExternalStore(never, countThreads, unknown);
  const afterReload = useSyncExternalStore(never, countThreadsAfterReload, unknown);
  return now === null || afterReload === null ? null : { now, afterReload };
}

function countThreads(): number {
  return crossOriginIsolated ? countCores() : 1;
}

function countThreadsAfterReload(): number {
  const worker = (navigator as { readonly serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  return worker?.controller ? countCores() : countThreads();
}

function countCores(): number {
  return Math.min(MAX_THREADS, navigator.hardwareConcurrency);
}

function never(): () => void {
  return () => {};
}

function unknown(): null {
  return null;
}
