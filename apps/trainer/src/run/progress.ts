import type { TrainingProgress } from '@digits/model';
import cliProgress from 'cli-progress';
import { note } from '../command-line.ts';
import { formatDuration } from '../formats.ts';

/** How a progress bar looks. */
export const BAR = {
  barCompleteChar: '█',
  barIncompleteChar: '░',
  barsize: 24,
  hideCursor: true,
  clearOnComplete: true,
  stream: process.stderr,
};

/** Interval of the lines that replace a bar if standard error is not a terminal. */
const MIN_INTERVAL_MS = 10_000;

export interface ProgressDisplay {
  update(progress: TrainingProgress): void;
  /** A line that stays, e.g. an epoch's figures. */
  line(text: string): void;
  stop(): void;
}

/** A bar on a terminal, plain lines elsewhere; always on standard error. */
export function createProgressDisplay(isTerminal = process.stderr.isTTY): ProgressDisplay {
  return isTerminal ? createEpochBar() : createEpochLines();
}

function createEpochBar(): ProgressDisplay {
  const bar = new cliProgress.SingleBar({
    format: 'epoch {epoch}  {bar}  {percentage}%  loss {loss}  accuracy {accuracy}  {rate} images/s  {left} left',
    ...BAR,
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
function createEpochLines(): ProgressDisplay {
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
    epoch: `${progress.epoch}/${progress.numEpochs}`,
    loss: progress.loss.toFixed(4),
    accuracy: progress.accuracy.toFixed(4),
    rate: Math.round(progress.imagesPerSecond).toLocaleString('en'),
    left: formatDuration(progress.secondsLeft),
  };
}

/** How far a long list is. */
export interface CountDisplay {
  /** So many more are done, by default one. */
  add(count?: number): void;
  stop(): void;
}

/**
 * Shows on standard error how many of `total` things are done: a bar on a terminal that the answers don't go to as well, otherwise a
 * line every ten seconds.
 */
export function createCountDisplay(total: number, things: string): CountDisplay {
  const hasBar = process.stderr.isTTY && !process.stdout.isTTY && total > 1;
  return hasBar ? createCountBar(total, things) : createCountLines(total, things);
}

/** Returns what shows one list after the other, such as the files of a data set as they are read. */
export function createReadingDisplay(): (count: number, total: number, things: string) => void {
  let shown: { display: CountDisplay; numLeft: number } | null = null;
  return (count, total, things) => {
    shown ??= { display: createCountDisplay(total, things), numLeft: total };
    shown.display.add(count);
    shown.numLeft -= count;
    if (shown.numLeft > 0) return;
    shown.display.stop();
    shown = null;
  };
}

function createCountBar(total: number, things: string): CountDisplay {
  const bar = new cliProgress.SingleBar({
    format: `{bar}  {value} of {total} ${things}  {rate}/s  {left} left`,
    ...BAR,
  });
  const measure = createRate(total);
  bar.start(total, 0, { rate: '?', left: '?' });
  return {
    add: (count = 1) => {
      bar.increment(count, measure(count));
    },
    stop: () => {
      bar.stop();
    },
  };
}

function createCountLines(total: number, things: string): CountDisplay {
  const measure = createRate(total);
  let numDone = 0;
  let lastShownAt = performance.now();
  return {
    add: (count = 1) => {
      numDone += count;
      const { rate, left } = measure(count);
      if (performance.now() - lastShownAt < MIN_INTERVAL_MS) return;
      lastShownAt = performance.now();
      note(`${numDone} of ${total} ${things}  ${rate}/s  ${left} left`);
    },
    stop: () => {},
  };
}

/** Counts so many more at each call. */
function createRate(total: number): (count: number) => { rate: string; left: string } {
  const startedAt = performance.now();
  let numDone = 0;
  return (count) => {
    numDone += count;
    const perSecond = (1000 * numDone) / (performance.now() - startedAt);
    return { rate: perSecond.toFixed(perSecond < 10 ? 1 : 0), left: formatDuration((total - numDone) / perSecond) };
  };
}
