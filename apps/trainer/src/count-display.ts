import cliProgress from 'cli-progress';
import { note } from './command-line.ts';
import { formatDuration } from './progress.ts';

/** How far a long list is. */
export interface CountDisplay {
  /** One more is done. */
  add(): void;
  stop(): void;
}

const MIN_INTERVAL_MS = 10_000;

/**
 * Shows on standard error how many of `total` things are done: a bar on a terminal that the answers don't go to as well, otherwise a
 * line every ten seconds.
 */
export function createCountDisplay(total: number, things: string): CountDisplay {
  const hasBar = process.stderr.isTTY && !process.stdout.isTTY && total > 1;
  return hasBar ? createBar(total, things) : createLines(total, things);
}

function createBar(total: number, things: string): CountDisplay {
  const bar = new cliProgress.SingleBar({
    format: `{bar}  {value} of {total} ${things}  {rate}/s  {left} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  const measure = createRate(total);
  bar.start(total, 0, { rate: '?', left: '?' });
  return {
    add: () => {
      bar.increment(1, measure());
    },
    stop: () => {
      bar.stop();
    },
  };
}

function createLines(total: number, things: string): CountDisplay {
  const measure = createRate(total);
  let numDone = 0;
  let lastShownAt = performance.now();
  return {
    add: () => {
      numDone++;
      const { rate, left } = measure();
      if (performance.now() - lastShownAt < MIN_INTERVAL_MS) return;
      lastShownAt = performance.now();
      note(`${numDone} of ${total} ${things}  ${rate}/s  ${left} left`);
    },
    stop: () => {},
  };
}

/** Counts one more at each call. */
function createRate(total: number): () => { rate: string; left: string } {
  const startedAt = performance.now();
  let numDone = 0;
  return () => {
    numDone++;
    const perSecond = (1000 * numDone) / (performance.now() - startedAt);
    return { rate: perSecond.toFixed(perSecond < 10 ? 1 : 0), left: formatDuration((total - numDone) / perSecond) };
  };
}
