import { createSimdEngine } from '@digits/engine-simd';
import { drawCurves } from '../training/draw-curves.ts';
import { loadMnist, type Mnist } from '../training/load-mnist.ts';
import { createWheel, type Wheel } from '../training/steering.ts';
import type { TrainingCommand, TrainingEvent } from '../training/training-messages.ts';
import { runTraining } from '../training/training-run.ts';

let mnist: Promise<Mnist> | null = null;
let run: { readonly wheel: Wheel; readonly abort: AbortController } | null = null;

globalThis.addEventListener('message', ({ data: command }: MessageEvent<TrainingCommand>) => {
  switch (command.type) {
    case 'start':
      void start(command);
      return;
    case 'pause':
      run?.wheel.pause();
      return;
    case 'resume':
      run?.wheel.resume();
      return;
    case 'stop':
      run?.abort.abort();
      run?.wheel.resume();
      return;
    case 'learningRate':
      run?.wheel.scaleLearningRate(command.factor);
      return;
  }
});

async function start({ request, mnistUrl }: Extract<TrainingCommand, { type: 'start' }>): Promise<void> {
  const wheel = createWheel();
  const abort = new AbortController();
  run = { wheel, abort };
  try {
    mnist ??= loadMnist(mnistUrl, (loadedBytes, totalBytes) => {
      emit({ type: 'loading', loadedBytes, totalBytes });
    });
    const options = { engine: createSimdEngine(), wheel, emit, drawCurves, signal: abort.signal };
    emit({ type: 'done', outcome: await runTraining(request, await mnist, options) });
  } catch (error) {
    mnist = null;
    emit({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  } finally {
    run = null;
  }
}

function emit(event: TrainingEvent): void {
  globalThis.postMessage(event);
}
