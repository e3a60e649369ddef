import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRunRecord } from './run-record.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-record-'));
  const request = {
    preset: 'fast', dataset: 'mnist', engine: { engine: 'simd', tfjsBackend: 'auto', threads: 1 }, out: folder,
    resume: false, checkpointSeconds: 60, settings: {},
  }; // prettier-ignore
  const description = {
    request,
    config: { preset: 'fast' },
    dataset: { source: 'mnist', sha256: 'ab', preprocessing: 'none' },
    versions: { digits: '0.1.0', node: 'v20' },
    machine: { platform: 'linux x64', processor: 'any', cores: 1, memoryBytes: 1 },
    startedAt: '2026-01-01T00:00:00.000Z',
  };
  const metrics = {
    preset: 'fast', engine: 'simd', threads: 1, seed: 1, parameters: 1, epochs: 2, stopped: 'completed', bestEpoch: 1,
    trainingSeconds: 1, imagesPerSecond: 1, weightsSha256: 'ab', modelDir: folder, report: folder, validation: {}, test: {},
  }; // prettier-ignore
  await writeFile(join(folder, 'config.json'), JSON.stringify(description));
  await writeFile(join(folder, 'metrics.json'), JSON.stringify(metrics));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function recordOfEpochs(...epochs: readonly number[]) {
  const figures = { trainLoss: 1, trainAccuracy: 1, validationLoss: 1, validationAccuracy: 1, learningRate: 1, seconds: 1 }; // prettier-ignore
  const lines = epochs.map((epoch) => `${JSON.stringify({ epoch, ...figures })}\n`);
  await writeFile(join(folder, 'history.jsonl'), lines.join(''));
  const { history, metrics } = await readRunRecord(folder);
  return { epochs: history.map(({ epoch }) => epoch), bestEpoch: metrics?.bestEpoch };
}

describe('readRunRecord', () => {
  it('counts epochs from 1', async () => {
    expect(await recordOfEpochs(1, 2)).toEqual({ epochs: [1, 2], bestEpoch: 1 });
  });

  it('counts those of an earlier version, which counted them from 0, from 1', async () => {
    expect(await recordOfEpochs(0, 1)).toEqual({ epochs: [1, 2], bestEpoch: 2 });
  });
});
