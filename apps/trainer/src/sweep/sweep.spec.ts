import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';
import { planSweep } from './sweep.ts';

jest.setTimeout(120_000);

let folder: string;
let sweep: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-sweep-'));
  const dataset = join(folder, 'small');
  await writeSmallDataset(dataset, { numTrain: 200, numTest: 50 });
  sweep = ['sweep', '--preset', 'mlp', '--dataset', dataset, '--epochs', '1'];
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('sweep', () => {
  it('trains each combination into a folder of its own, and with --resume only those that are not done', async () => {
    const out = join(folder, 'rates');
    const { code, json } = await runCommand([...sweep, '--set', 'learningRate=0.001,0.01', '--out', out, '--json']);
    expect(code).toBe(0);
    const { runs } = json as { runs: readonly { run: string }[] };
    expect(runs.map(({ run }) => run).sort()).toEqual(['trial-000', 'trial-001']);

    const kept = await readFile(join(out, 'trial-000', 'metrics.json'), 'utf8');
    await rm(join(out, 'trial-001'), { recursive: true });
    const resumed = await runCommand(['sweep', '--out', out, '--resume', '--json']);
    expect(resumed.stderr).toContain('Trial 2 of 2: learningRate=0.01');
    expect(resumed.stderr).not.toContain('Trial 1 of 2');
    expect(await readFile(join(out, 'trial-000', 'metrics.json'), 'utf8')).toBe(kept);
    expect((resumed.json as { runs: readonly unknown[] }).runs).toHaveLength(2);
  });

  it('prints the runs with --dry-run and writes nothing', async () => {
    const out = join(folder, 'planned');
    const { code, stdout } = await runCommand([...sweep, '--set', 'learningRate=0.1,0.2', '--out', out, '--dry-run']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${join(out, 'trial-000')}: learningRate=0.1\n${join(out, 'trial-001')}: learningRate=0.2\n`,
    });
    expect(existsSync(out)).toBe(false);
  });

  it('refuses a setting that cannot be before anything is written', async () => {
    const out = join(folder, 'typo');
    const { code, stderr } = await runCommand([...sweep, '--set', 'learningRate=0.1,fast', '--out', out]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: train: settings.*learningRate must be .*got "fast"/),
    ]);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses to resume with other settings, or what is no sweep', async () => {
    const out = join(folder, 'no-sweep');
    await mkdir(out);
    await writeFile(join(out, 'sweep.json'), '{}');
    expect(await runCommand(['sweep', '--out', out, '--resume', '--epochs', '3'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^error: sweep: --resume goes on as the sweep was started, got --epochs <n> with it; leave it out\n/,
      ) as unknown,
    });
    expect(await runCommand(['sweep', '--out', out, '--resume'])).toMatchObject({
      code: 1,
      stderr: `error: sweep: --out must be the folder of a sweep to resume, got ${out}: sweep.json: request must be given, got nothing\n`,
    });
  });
});

describe('planSweep', () => {
  const space = { learningRate: [0.001, 0.003], batchSize: [64, 128, 256] };

  it('lists every combination once', () => {
    expect(planSweep(space, 100, 1)).toEqual([
      { number: 0, settings: { learningRate: 0.001, batchSize: 64 } },
      { number: 1, settings: { learningRate: 0.003, batchSize: 64 } },
      { number: 2, settings: { learningRate: 0.001, batchSize: 128 } },
      { number: 3, settings: { learningRate: 0.003, batchSize: 128 } },
      { number: 4, settings: { learningRate: 0.001, batchSize: 256 } },
      { number: 5, settings: { learningRate: 0.003, batchSize: 256 } },
    ]);
  });

  it('draws as many as asked, the same for the same seed', () => {
    const drawn = planSweep(space, 3, 1);
    expect(drawn).toHaveLength(3);
    expect(planSweep(space, 3, 1)).toEqual(drawn);
    const all = planSweep(space, 100, 1);
    for (const trial of drawn) expect(all[trial.number]).toEqual(trial);
    const draws = Array.from({ length: 20 }, (_, seed) =>
      planSweep(space, 3, seed)
        .map(({ number }) => number)
        .join(),
    );
    expect(new Set(draws).size).toBeGreaterThan(1);
  });

  it('refuses no settings and a grid that nobody can try', () => {
    expect(() => planSweep({}, 10, 1)).toThrow('sweep: --set name=value,value must be given, got none');
    const wide = { a: Array.from({ length: 1000 }, (_, i) => i), b: Array.from({ length: 101 }, (_, i) => i) };
    expect(() => planSweep(wide, 10, 1)).toThrow('sweep: --set must make at most 100000 combinations, got 101000');
  });
});
