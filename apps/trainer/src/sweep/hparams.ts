import { writeFileSafely } from '@digits/model/node';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeFileStart, encodeHparams, EVENT_FILE_NAME } from '../run/tensorboard.ts';
import type { TrialState } from './scheduler.ts';
import { type Domain, isRange, type Space } from './space.ts';
import { trialFolder } from './sweep-folder.ts';

/** Figures that TensorBoard's HParams tab shows of each trial: the curves in the folder `validation` of its run. */
const METRICS = [
  { name: { group: 'validation', tag: 'epoch_accuracy' }, displayName: 'validation accuracy' },
  { name: { group: 'validation', tag: 'epoch_loss' }, displayName: 'validation loss' },
];

/**
 * Tells TensorBoard's HParams tab which settings and figures a sweep has.
 *
 * @param folder of the sweep, which TensorBoard is started with
 * @throws Error of the file system
 */
export async function writeHparamsExperiment(folder: string, space: Space): Promise<void> {
  const now = Date.now() / 1000;
  const hparamInfos = Object.entries(space).map(([name, domain]) => ({ name, type: typeOf(domain) }));
  const experiment = { timeCreatedSecs: now, hparamInfos, metricInfos: METRICS };
  await writeEventFile(folder, now, [encodeHparams(now, 'experiment', experiment)]);
}

/**
 * Tells the tab which settings a trial had, and how it ended.
 *
 * @param folder of the sweep
 * @throws Error of the file system
 */
export async function writeHparamsOfTrial(folder: string, space: Space, state: TrialState): Promise<void> {
  const now = Date.now() / 1000;
  const hparams = Object.fromEntries(
    Object.entries(state.settings).map(([name, value]) => [name, encodeValue(typeOf(space[name]), value)]),
  );
  await writeEventFile(join(trialFolder(folder, state.trial), 'tensorboard'), now, [
    encodeHparams(now, 'sessionStartInfo', { hparams, startTimeSecs: now }),
    encodeHparams(now, 'sessionEndInfo', {
      status: state.status === 'failed' ? 'FAILURE' : 'SUCCESS',
      endTimeSecs: now,
    }),
  ]);
}

async function writeEventFile(folder: string, now: number, records: readonly Uint8Array[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileSafely(join(folder, EVENT_FILE_NAME), Buffer.concat([encodeFileStart(now), ...records]));
}

/** The tab compares numbers by size and texts by equality. */
function typeOf(domain: Domain): 'FLOAT64' | 'BOOL' | 'STRING' {
  const all = (type: string) => isRange(domain) || domain.values.every((value) => typeof value === type);
  if (all('number')) return 'FLOAT64';
  return all('boolean') ? 'BOOL' : 'STRING';
}

function encodeValue(type: ReturnType<typeof typeOf>, value: unknown): object {
  if (type === 'FLOAT64') return { numberValue: value };
  if (type === 'BOOL') return { boolValue: value };
  return { stringValue: typeof value === 'string' ? value : JSON.stringify(value) };
}
