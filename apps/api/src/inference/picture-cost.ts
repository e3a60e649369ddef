/** Expects a task of a client to take as long as its recent ones took. */
export interface CostEstimator {
  /** @returns milliseconds, above 0 */
  expectedMs(client: string): number;
  observe(client: string, durationMs: number): void;
}

/** Duration of a small image on an idle machine, which is expected before the first task, in milliseconds. */
const FIRST_MS = 50;

/** Weight of the last task in the mean. */
const WEIGHT = 0.3;

/** Maximum number of clients whose means are kept. */
const MAX_CLIENTS = 1000;

const MIN_MS = 1;

/** Creates an estimator that knows nothing yet: a client without tasks is expected to be like all others. */
export function createCostEstimator(): CostEstimator {
  /** Mean per client, in order of last use. */
  const means = new Map<string, number>();
  let meanOfAll = FIRST_MS;
  return {
    expectedMs: (client) => means.get(client) ?? meanOfAll,
    observe(client, durationMs) {
      const ms = Math.max(MIN_MS, durationMs);
      const mean = (before: number): number => before + WEIGHT * (ms - before);
      const own = means.get(client);
      means.delete(client);
      means.set(client, own === undefined ? ms : mean(own));
      meanOfAll = mean(meanOfAll);
      for (const oldest of means.keys()) {
        if (means.size <= MAX_CLIENTS) break;
        means.delete(oldest);
      }
    },
  };
}
