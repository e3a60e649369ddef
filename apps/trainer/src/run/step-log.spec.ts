import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStepLog, startStepLog } from './step-log.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-steps-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A plan of steps with the losses firstStep + 1, firstStep + 2, ... and its report. */
function steps(firstStep: number, batchSizes: readonly number[]) {
  const plan = {
    epoch: 0,
    firstStep,
    samples: new Uint32Array(0),
    batchSizes: Uint32Array.from(batchSizes),
    learningRates: Float32Array.from(batchSizes, () => 0.5),
    averageDecays: new Float32Array(batchSizes.length),
  };
  const losses = Float32Array.from(batchSizes, (_, i) => firstStep + i + 1);
  return [plan, { losses, numCorrect: new Uint32Array(batchSizes.length) }] as const;
}

describe('startStepLog', () => {
  it('writes a line for each step of a short run, when flushed', async () => {
    const log = await startStepLog(folder, { stepsPerEpoch: 2, epochs: 2 }, 0);
    log.add(...steps(0, [8, 8]));
    expect(await readStepLog(folder)).toEqual([]);
    await log.flush();
    log.add(...steps(2, [4]));
    await log.flush();
    expect(await readStepLog(folder)).toEqual(
      [1, 2, 3].map((step) => ({ step, epoch: step / 2, loss: step, learningRate: 0.5 })),
    );
  });

  it('averages over the images of several steps in a long run, however they are cut into plans', async () => {
    const log = await startStepLog(folder, { stepsPerEpoch: 667, epochs: 3 }, 0);
    log.add(...steps(0, [10, 10, 10, 10]));
    log.add(...steps(4, [30, 10]));
    await log.flush();
    // 2001 steps are 667 lines of 3: (1 + 2 + 3) / 3, then (4 * 10 + 5 * 30 + 6 * 10) / 50.
    expect(await readStepLog(folder)).toEqual([
      { step: 3, epoch: 0.00449775, loss: 2, learningRate: 0.5 },
      { step: 6, epoch: 0.0089955, loss: 5, learningRate: 0.5 },
    ]);
  });

  it('has at most 1000 lines', async () => {
    const log = await startStepLog(folder, { stepsPerEpoch: 2469, epochs: 5 }, 0);
    log.add(...steps(0, new Array<number>(12_345).fill(1)));
    await log.flush();
    const lines = await readStepLog(folder);
    expect(lines.length).toBeLessThanOrEqual(1000);
    expect(lines.at(-1)?.step).toBe(12_345);
  });

  it('drops the steps after the checkpoint that a run goes on from', async () => {
    const log = await startStepLog(folder, { stepsPerEpoch: 2, epochs: 2 }, 0);
    log.add(...steps(0, [8, 8, 8]));
    await log.flush();
    const resumed = await startStepLog(folder, { stepsPerEpoch: 2, epochs: 2 }, 2);
    resumed.add(...steps(2, [8, 8]));
    await resumed.flush();
    expect((await readStepLog(folder)).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  });

  it('starts anew without a checkpoint', async () => {
    const log = await startStepLog(folder, { stepsPerEpoch: 2, epochs: 2 }, 0);
    log.add(...steps(0, [8]));
    await log.flush();
    await startStepLog(folder, { stepsPerEpoch: 2, epochs: 2 }, 0);
    expect(await readFile(join(folder, 'steps.jsonl'), 'utf8')).toBe('');
  });
});
