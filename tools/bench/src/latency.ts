import type { Contestant } from './field.ts';
import { type Course, getReady, type Lane, type RaceOptions } from './race.ts';
import type { LatencyResult } from './results.ts';
import { median, quantile } from './statistics.ts';

const CALLS_A_ROUND = 400;

/**
 * Times single predictions, one after the other, of contestants that take turns.
 *
 * @param contestants of one thread each
 * @param course predictions of batches of 1
 */
export async function measureLatency(
  contestants: readonly Contestant[],
  course: Course,
  options: RaceOptions,
): Promise<readonly LatencyResult[]> {
  const lanes: Lane[] = [];
  for (const contestant of contestants) {
    const lane = await getReady(contestant, course, options);
    if (lane !== null) lanes.push(lane);
  }
  const durations = new Map(lanes.map((lane): [Lane, number[]] => [lane, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const [lane, durationsMs] of durations) {
      const { process: contestantProcess, runner } = lane.contestant;
      try {
        durationsMs.push(...(await contestantProcess.latency(CALLS_A_ROUND)).durationsMs);
      } catch (error) {
        durations.delete(lane);
        options.report(`${runner.name}: left out, ${(error as Error).message}`);
      }
    }
  }
  return [...durations].map(([{ contestant }, durationsMs]) => ({
    name: contestant.runner.name,
    medianMs: median(durationsMs),
    p99Ms: quantile(durationsMs, 0.99),
  }));
}
