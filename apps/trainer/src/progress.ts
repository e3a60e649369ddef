import type { TrainingProgress } from '@digits/model';
import cliProgress from 'cli-progress';
import { note } from './command-line.ts';

export interface ProgressDisplay {
  update(progress: TrainingProgress): void;
  /** A line that stays, e.g. an epoch's figures. */
  line(text: string): void;
  stop(): void;
}

/** A bar on a terminal, plain lines elsewhere; always on standard error. */
export function createProgressDisplay(isTerminal = process.stderr.isTTY): ProgressDisplay {
  return isTerminal ? createBar() : createLines();
}

function createBar(): ProgressDisplay {
  const bar = new cliProgress.SingleBar({
    format: 'epoch {epoch}  {bar}  {percentage}%  loss {loss}  accuracy {accuracy}  {rate} images/s  {left} left',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let running = false;
  const stop = () => {
    if (running) bar.stop();
    running = false;
  };
  return {
    update(progress) {
      const fields = formatProgress(progress);
      if (!running) bar.start(progress.numSamples, progress.numSamplesDone, fields);
      else bar.update(progress.numSamplesDone, fields);
      running = true;
    },
    line(text) {
      stop();
      note(text);
    },
    stop,
  };
}

/** Without a terminal, at most one line every ten seconds. */
function createLines(): ProgressDisplay {
  const MIN_INTERVAL_MS = 10_000;
  let lastShownAt = performance.now();
  return {
    update(progress) {
      if (performance.now() - lastShownAt < MIN_INTERVAL_MS) return;
      lastShownAt = performance.now();
      const { epoch, loss, accuracy, rate, left } = formatProgress(progress);
      const percentage = Math.floor((100 * progress.numSamplesDone) / progress.numSamples);
      note(`epoch ${epoch}  ${percentage}%  loss ${loss}  accuracy ${accuracy}  ${rate} images/s  ${left} left`);
    },
    line: note,
    stop: () => {},
  };
}

function formatProgress(progress: TrainingProgress) {
  return {
    epoch: `${progress.epoch + 1}/${progress.numEpochs}`,
    loss: progress.loss.toFixed(4),
    accuracy: progress.accuracy.toFixed(4),
    rate: Math.round(progress.imagesPerSecond).toLocaleString('en'),
    left: formatDuration(progress.secondsLeft),
  };
}

/** `7 s`, `3 min 20 s`, `1 h 5 min`; `?` where there is nothing to go by yet. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
