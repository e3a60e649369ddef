'use client';

import { MAX_THREADS } from '@digits/engine-simd';
import type { ModelFiles } from '@digits/model';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../components/button.tsx';
import { wholeNumber } from '../components/figures.ts';
import { fetchModel } from '../site-files.ts';
import type { Speed, SpeedCalls } from '../workers/speed-worker.ts';
import { startWorker } from '../workers/start-worker.ts';
import styles from './model-page.module.css';

type SpeedTestState =
  | { readonly status: 'idle' | 'measuring' }
  | { readonly status: 'measured'; readonly speeds: readonly Speed[] }
  | { readonly status: 'failed'; readonly message: string };

/**
 * Measures how fast a model answers on this device.
 *
 * @param files of the model; default: those of the bundled one, which are then fetched
 */
export function SpeedTest({ files }: { readonly files?: ModelFiles }) {
  const [state, setState] = useState<SpeedTestState>({ status: 'idle' });
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const measure = () => {
    abort.current = new AbortController();
    const { signal } = abort.current;
    setState({ status: 'measuring' });
    void measureSpeeds(signal, files)
      .then((speeds): SpeedTestState => ({ status: 'measured', speeds }))
      .catch((error: unknown): SpeedTestState => ({
        status: 'failed',
        message: error instanceof Error ? error.message : String(error),
      }))
      .then((next) => {
        if (!signal.aborted) setState(next);
      });
  };
  return (
    <div className={styles.test}>
      <Button disabled={state.status === 'measuring'} onClick={measure} data-testid="measure">
        Measure on this device
      </Button>
      <div role="status" className={styles.result}>
        {state.status === 'measuring' && <p>Measuring, a few seconds.</p>}
        {state.status === 'failed' && <p>{state.message}</p>}
        {state.status === 'measured' && (
          <table data-testid="speeds">
            <thead>
              <tr>
                <th scope="col">Threads</th>
                <th scope="col">One digit</th>
                <th scope="col">In batches of 256</th>
              </tr>
            </thead>
            <tbody>
              {state.speeds.map(({ threads, medianMs, imagesPerSecond }) => (
                <tr key={threads}>
                  <th scope="row">{threads}</th>
                  <td>{medianMs.toPrecision(2)} ms</td>
                  <td>{wholeNumber(imagesPerSecond)} a second</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}

async function measureSpeeds(signal: AbortSignal, own?: ModelFiles): Promise<readonly Speed[]> {
  const files = own ?? (await fetchModel('pretrained'));
  const worker = startWorker<SpeedCalls>('speed-worker');
  try {
    const speeds = [];
    const most = crossOriginIsolated ? Math.min(MAX_THREADS, navigator.hardwareConcurrency) : 1;
    for (const threads of most === 1 ? [1] : [1, most]) {
      signal.throwIfAborted();
      speeds.push(await worker.call((calls) => calls.measure(files, threads)));
    }
    return speeds;
  } finally {
    worker.terminate();
  }
}
