import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRunRecord } from '../run/run-record.ts';
import { runCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';
import { itWithPython } from '../testing/python.ts';

interface SessionGroup {
  readonly name: string;
  readonly hparams: Readonly<Record<string, unknown>>;
  readonly metricValues: readonly { readonly name: { readonly tag: string }; readonly value: number }[];
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-hparams-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('a server must have a port, got none');
  return address.port;
}

/** Asks until the server is up and has read the trials. */
async function readSessionGroups(url: string, count: number): Promise<readonly SessionGroup[]> {
  const body = JSON.stringify({
    experimentName: '',
    allowedStatuses: ['STATUS_SUCCESS', 'STATUS_FAILURE', 'STATUS_RUNNING'],
    colParams: [{ hparam: 'learningRate' }, { metric: { group: 'validation', tag: 'epoch_accuracy' } }],
    startIndex: 0,
    sliceSize: 10,
  });
  for (;;) {
    const answer = await fetch(`${url}/data/plugin/hparams/session_groups`, { method: 'POST', body }).catch(() => null);
    if (answer?.ok === true) {
      const { sessionGroups } = (await answer.json()) as { sessionGroups: readonly SessionGroup[] };
      const isRead =
        sessionGroups.length === count && sessionGroups.every(({ metricValues }) => metricValues.length > 0);
      if (isRead) return sessionGroups;
    }
    await new Promise((done) => setTimeout(done, 500));
  }
}

describe('the HParams tab of TensorBoard', () => {
  itWithPython('tensorboard', 'lists the trials of a sweep with their settings and figures', async (python) => {
    const dataset = join(folder, 'small');
    const out = join(folder, 'sweep');
    await writeSmallDataset(dataset, { numTrain: 200, numTest: 50 });
    const { code } = await runCommand([
      'sweep', '--preset', 'mlp', '--dataset', dataset, '--epochs', '2', '--try', 'learningRate=0.01,0.02', '--tensorboard',
      '--out', out,
    ]); // prettier-ignore
    expect(code).toBe(0);
    const curves = await Promise.all(
      ['trial-000', 'trial-001'].map(async (name) => (await readRunRecord(join(out, name))).history),
    );
    const port = await freePort();
    const server = spawn(
      python,
      ['-m', 'tensorboard.main', '--logdir', out, '--port', String(port), '--load_fast=false'],
      { stdio: 'ignore', env: { ...process.env } },
    );
    try {
      const groups = await readSessionGroups(`http://127.0.0.1:${port}`, 2);
      expect(groups.map(({ name, hparams }) => ({ name, hparams }))).toEqual([
        { name: 'trial-000/tensorboard', hparams: { learningRate: 0.01 } },
        { name: 'trial-001/tensorboard', hparams: { learningRate: 0.02 } },
      ]);
      groups.forEach(({ metricValues }, i) => {
        const accuracy = metricValues.find(({ name }) => name.tag === 'epoch_accuracy');
        expect(accuracy?.value).toBeCloseTo(curves[i].at(-1)?.validationAccuracy ?? Number.NaN, 6);
      });
    } finally {
      server.kill();
    }
  });
});
