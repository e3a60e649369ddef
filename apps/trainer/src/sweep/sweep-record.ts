import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ClassRunRecord, readRunRecord } from '../run/run-record.ts';
import { compareScores } from './sampler.ts';
import { createScheduler, type TrialState } from './scheduler.ts';
import { readEvents, readSweep, type Sweep, trialFolder, trialName } from './sweep-folder.ts';

/** One trial and its run. */
export interface TrialRecord extends TrialState {
  readonly name: string;
  /** Null if the trial failed before it had a run folder. */
  readonly run: ClassRunRecord | null;
}

/** Content of a sweep's folder. */
export interface SweepRecord {
  readonly sweep: Sweep;
  /** The best first: finished ones, then stopped ones, then the others. */
  readonly trials: readonly TrialRecord[];
}

const RANK = { finished: 0, stopped: 1, running: 2, failed: 3 } as const;

/**
 * Reads the folder of a sweep, finished or not.
 *
 * @throws Error naming the file that is missing or damaged
 */
export async function readSweepRecord(folder: string): Promise<SweepRecord> {
  const sweep = await readSweep(folder);
  const states = createScheduler(sweep.plan, await readEvents(folder)).trials();
  const trials: TrialRecord[] = [];
  for (const state of states) {
    const path = trialFolder(folder, state.trial);
    const run = existsSync(join(path, 'config.json')) ? await readRunRecord(path) : null;
    trials.push({ ...state, name: trialName(state.trial), run: run?.kind === 'classes' ? run : null });
  }
  trials.sort((a, b) => RANK[a.status] - RANK[b.status] || compareScores(a.score, b.score) || a.trial - b.trial);
  return { sweep, trials };
}
