import { readDrawings } from '@digits/browser-tests';
import { wilsonInterval } from '@digits/metrics';
import {
  type FirstLoad,
  type LighthouseScores,
  measureFirstLoad,
  measureLighthouse,
  measureReadiness,
} from '../page/loading.ts';
import { type Replay, replayDrawings } from '../page/replay.ts';
import { startSite } from '../page/site.ts';
import { describeMachine, type Machine, machineLine, markdownTable, median } from '../report.ts';

/** How the page is measured. */
export interface WebOptions {
  /** First visits that are timed. */
  readonly visits: number;
  /** Real drawings that are replayed, evenly picked; all where left out. */
  readonly drawings?: number;
  readonly progress: (line: string) => void;
}

/** What `web` found; `--json` prints it. */
export interface WebResults {
  readonly machine: Machine;
  readonly firstLoad: FirstLoad;
  /** Milliseconds from navigation to an answer being possible, 4x slower processor, fast 4G. */
  readonly readyMs: readonly number[];
  /** Null where the drawings are not there. */
  readonly replay: Replay | null;
  readonly lighthouse: LighthouseScores;
}

/** What the page must reach. */
const GOALS = {
  extraScriptBytes: 45_000,
  modelBytes: 350_000,
  readyMs: 1500,
  accuracy: 0.98,
  answerMs: 20,
  lighthouse: 95,
};

/**
 * Measures the built page in Chromium.
 *
 * @throws Error where there is no browser, or no built page
 */
export async function measureWeb({ visits, drawings, progress }: WebOptions): Promise<WebResults> {
  const site = await startSite();
  try {
    progress('first load');
    const firstLoad = await measureFirstLoad(site);
    progress('readiness');
    const readyMs = await measureReadiness(site, visits);
    const all = readDrawings();
    const count = Math.min(drawings ?? Infinity, all?.length ?? 0);
    const chosen =
      all === null ? null : Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
    const replay = chosen === null ? null : await replayDrawings(site, chosen, progress);
    progress('Lighthouse');
    const lighthouse = await measureLighthouse(site);
    return { machine: describeMachine(), firstLoad, readyMs, replay, lighthouse };
  } finally {
    await site.close();
  }
}

interface Row {
  readonly figure: string;
  readonly measured: string;
  readonly goal: string;
  readonly reached: boolean;
}

/** Whether every figure that could be measured is what it must be. */
export function reachedWebGoals(results: WebResults): boolean {
  return rowsOf(results).every(({ reached }) => reached);
}

/** Says what was found, as Markdown. */
export function reportWeb(results: WebResults): string {
  const rows = rowsOf(results).map(({ figure, measured, goal, reached }) => [
    figure,
    measured,
    goal,
    reached ? 'yes' : 'no',
  ]);
  const missing = [
    ...(results.replay === null ? ['The drawings are not there: nothing was replayed.'] : []),
    ...(results.lighthouse === null ? ['Lighthouse is not installed: npm ci --prefix tools/bench.'] : []),
  ];
  return [machineLine(results.machine), '', markdownTable(['', 'measured', 'goal', 'reached'], rows), ...missing].join(
    '\n',
  );
}

function rowsOf({ firstLoad, readyMs, replay, lighthouse }: WebResults): Row[] {
  const extra = firstLoad.scriptBytes - firstLoad.emptyPageBytes;
  const ready = median(readyMs);
  return [
    {
      figure: 'scripts of the first load beyond an empty page',
      measured: `${kilobytes(extra)} (${kilobytes(firstLoad.scriptBytes)} of ${kilobytes(firstLoad.emptyPageBytes)})`,
      goal: `at most ${kilobytes(GOALS.extraScriptBytes)}`,
      reached: extra <= GOALS.extraScriptBytes,
    },
    {
      figure: 'model',
      measured: kilobytes(firstLoad.modelBytes),
      goal: `at most ${kilobytes(GOALS.modelBytes)}`,
      reached: firstLoad.modelBytes <= GOALS.modelBytes,
    },
    {
      figure: `ready, 4x slower processor, fast 4G, median of ${readyMs.length}`,
      measured: `${Math.round(ready)} ms`,
      goal: `at most ${GOALS.readyMs} ms`,
      reached: ready <= GOALS.readyMs,
    },
    ...(replay === null ? [] : replayRows(replay)),
    ...Object.entries(lighthouse ?? {}).map(([category, score]) => ({
      figure: `Lighthouse: ${category}`,
      measured: String(score),
      goal: `at least ${GOALS.lighthouse}`,
      reached: score >= GOALS.lighthouse,
    })),
  ];
}

function replayRows({ count, numRight, penUpToAnswerMs }: Replay): Row[] {
  const [low, high] = wilsonInterval(numRight, count);
  const answerMs = median(penUpToAnswerMs);
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  return [
    {
      figure: 'real drawings replayed with the mouse, right',
      measured: `${percent(numRight / count)} of ${count} (95% interval ${percent(low)} to ${percent(high)})`,
      goal: `at least ${percent(GOALS.accuracy)}`,
      reached: numRight / count >= GOALS.accuracy,
    },
    {
      figure: 'from pen-up to the answer, median',
      measured: `${answerMs.toFixed(1)} ms`,
      goal: `at most ${GOALS.answerMs} ms`,
      reached: answerMs <= GOALS.answerMs,
    },
  ];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
