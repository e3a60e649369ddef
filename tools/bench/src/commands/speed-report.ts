import { OURS } from '../field.ts';
import type { Kind } from '../protocol.ts';
import { count, groupBy, machineLine, markdownTable, percent, ratio } from '../report.ts';
import { findLane, type Goal, ourLane, type RaceResult, speedRatio, type SpeedResults } from '../results.ts';

/** Writes the results of a run as Markdown that reads as text too: the section of docs/results.md, word for word. */
export function reportSpeed(results: SpeedResults, goals: readonly Goal[]): string {
  const peak = results.peak.map(({ threads, gigaflops }) => `${gigaflops.toFixed(0)} on ${threadsText(threads)}`);
  return [
    '## Speed',
    `Measured by \`npm run bench\` on ${machineLine(results.machine)}; tools/bench/README.md says how. Contestants: ${results.versions.join('; ')}.`,
    results.clock === 'wall' ? '' : 'Measured in processor time, not in time that passed (latencies excepted).',
    `Peak of 128-bit multiplication and addition in WebAssembly, GFLOP/s: ${peak.join(', ')}.`,
    ...results.leftOut,
    ...groupRaces(results.races).map(raceTable),
    ...results.latencies.map(latencyTable),
    ...layerTables(results),
    goalTable(goals),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Races of one kind of work on one network, whatever the batch size. */
function groupRaces(races: readonly RaceResult[]): readonly (readonly RaceResult[])[] {
  return [...groupBy(races, ({ kind, network }) => `${kind} ${network}`).values()];
}

function raceTable(races: readonly RaceResult[]): string {
  const [{ kind, network, flops }] = races;
  const title = `${workText(kind)}, ${network}: ${(flops / 1e6).toFixed(1)} MFLOP an image`;
  const explanation = `Images a second (GFLOP/s, share of the peak on as many threads), then how many times as fast ${OURS} is on as many threads.`;
  const head = ['', 'threads', ...races.flatMap(({ batchSize }) => [`batch ${batchSize}`, 'ratio'])];
  return [`### ${title}`, explanation, markdownTable(head, raceRows(races))].join('\n\n');
}

function raceRows(races: readonly RaceResult[]): readonly (readonly string[])[] {
  const rows = groupBy(
    races.flatMap(({ lanes }) => lanes),
    ({ name, threads }) => `${name} ${threads}`,
  );
  return [...rows.values()].map(([{ name, threads }]) => [
    name,
    String(threads),
    ...races.flatMap((race) => raceCells(race, name, threads)),
  ]);
}

function raceCells(race: RaceResult, name: string, threads: number): readonly string[] {
  const lane = findLane(race, name, threads);
  if (lane === undefined) return ['-', '-'];
  const speed = `${count(lane.imagesPerSecond)} (${lane.gigaflops.toFixed(0)}, ${percent(lane.shareOfPeak)})`;
  const ours = ourLane(race, threads);
  const setup = lane.setup === '' ? '' : ` ${lane.setup}`;
  return [`${speed}${setup}`, ours === undefined || ours === lane ? '' : ratio(speedRatio(ours, lane))];
}

function latencyTable({ network, results }: SpeedResults['latencies'][number]): string {
  const rows = results.map(({ name, medianMs, p99Ms }) => [name, medianMs.toFixed(3), p99Ms.toFixed(3)]);
  const head = ['', 'median, ms', '99th percentile, ms'];
  return [`### One prediction, ${network}, one thread`, markdownTable(head, rows)].join('\n\n');
}

function layerTables({ layers }: SpeedResults): readonly string[] {
  const groups = groupBy(layers, ({ kind, network }) => `${workText(kind)}, ${network}`);
  return [...groups].map(([work, group]) => {
    const rows = group.map(({ layer, gigaflops, shareOfPeak, shareOfTime }) => [
      layer,
      gigaflops.toFixed(0),
      percent(shareOfPeak),
      percent(shareOfTime),
    ]);
    const head = ['', 'GFLOP/s', 'of the peak', 'of the time'];
    return [`### Layer by layer: ${work}, ${OURS} on one thread`, markdownTable(head, rows)].join('\n\n');
  });
}

function goalTable(goals: readonly Goal[]): string {
  if (goals.length === 0) return '';
  const rows = goals.map(({ what, bound, limit, value, reached }) => [
    what,
    ratio(value),
    `${bound} ${ratio(limit)}`,
    reached ? 'yes' : 'no',
  ]);
  return ['### Goals', markdownTable(['', 'is', 'must be', 'reached'], rows)].join('\n\n');
}

function workText(kind: Kind): string {
  return kind === 'train' ? 'Training' : 'Predicting';
}

function threadsText(threads: number): string {
  return threads === 1 ? 'one thread' : `${threads} threads`;
}
