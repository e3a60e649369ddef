import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, startCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(300_000);

let folder: string;
let dataset: string;
let sweep: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-sweep-'));
  dataset = join(folder, 'small');
  await writeSmallDataset(dataset, { numTrain: 200, numTest: 50 });
  sweep = ['sweep', '--preset', 'mlp', '--dataset', dataset, '--epochs', '1'];
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('sweep', () => {
  it('trains each combination into a separate folder, and with --resume only the unfinished ones', async () => {
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

  it('refuses to resume with other settings, or a folder without a sweep', async () => {
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

interface SweepJson {
  readonly best: { readonly run: string; readonly weightsSha256: string } | null;
  readonly runs: readonly { readonly run: string; readonly weightsSha256: string | null }[];
  readonly trials: readonly {
    readonly trial: number;
    readonly settings: Readonly<Record<string, number>>;
    readonly status: string;
    readonly epochs: number;
    readonly failure: { readonly kind: string; readonly message: string } | null;
  }[];
}

describe('sweep --strategy asha', () => {
  const asha = (out: string, ...args: string[]) => [
    'sweep', '--preset', 'mlp', '--dataset', dataset, '--epochs', '3', '--strategy', 'asha', '--reduction', '2', '--trials', '4',
    '--try', 'learningRate=1e-3..1e-1:log', '--out', join(folder, out), '--json', ...args,
  ]; // prettier-ignore

  it('ends a trial that was stopped and promoted in the bytes of an uninterrupted training', async () => {
    const { code, json, stderr } = await runCommand(asha('asha', '--workers', '2'));
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const { best, trials } = json as unknown as SweepJson;
    expect(trials.map(({ status }) => status).sort()).toEqual(expect.arrayContaining(['finished', 'stopped']));
    const finished = trials.filter(({ status }) => status === 'finished');
    const events = await readFile(join(folder, 'asha', 'trials.jsonl'), 'utf8');
    for (const { trial } of finished) {
      expect(events.split('\n').filter((line) => line.startsWith(`{"type":"started","trial":${trial},`))).toHaveLength(
        3,
      );
    }
    const winner = trials.find(({ trial }) => best?.run === `trial-00${trial}`);
    const plain = await runCommand([
      'train', '--preset', 'mlp', '--dataset', dataset, '--epochs', '3', '--lr', String(winner?.settings.learningRate),
      '--out', join(folder, 'plain'), '--json',
    ]); // prettier-ignore
    expect(plain.json?.weightsSha256).toBe(best?.weightsSha256);
  });
});

describe('a sweep that is stopped', () => {
  const stopped = (out: string) => [
    ...sweep, '--epochs', '8', '--try', 'learningRate=1e-3..1e-2:log', '--strategy', 'random', '--trials', '2', '--workers', '2',
    '--out', join(folder, out), '--json',
  ]; // prettier-ignore

  it.each([
    ['SIGKILL', null],
    ['SIGINT', 130],
  ] as const)('by %s goes on, and its trials end as uninterrupted ones', async (signal, exitCode) => {
    const run = startCommand(stopped(signal));
    await run.sees('epoch 2/8');
    run.kill(signal);
    expect((await run.result).code).toBe(exitCode);
    const { code, json } = await runCommand(['sweep', '--out', join(folder, signal), '--resume', '--json']);
    expect(code).toBe(0);
    const { trials, runs } = json as unknown as SweepJson;
    expect(trials.map(({ status, epochs }) => ({ status, epochs }))).toEqual([
      { status: 'finished', epochs: 8 },
      { status: 'finished', epochs: 8 },
    ]);
    const rate = String(trials[1].settings.learningRate);
    const plain = [
      'train',
      ...sweep.slice(1),
      '--epochs',
      '8',
      '--lr',
      rate,
      '--out',
      join(folder, `plain-${signal}`),
      '--json',
    ];
    const { json: whole } = await runCommand(plain);
    expect(runs.find(({ run: name }) => name === 'trial-001')?.weightsSha256).toBe(whole?.weightsSha256);
  });
});

describe('a trial that fails', () => {
  it('is listed with its reason, and the others go on', async () => {
    const out = join(folder, 'diverged');
    const rates = [
      '--batch-size',
      '8',
      '--epochs',
      '4',
      '--try',
      'learningRate=0.01,1000,0.02',
      '--workers',
      '2',
      '--out',
      out,
      '--json',
    ];
    const { code, json, stderr } = await runCommand([...sweep, ...rates]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^trial-001 failed: train: loss must be finite, got .* with learning rate/m);
    const { trials } = json as unknown as SweepJson;
    expect(trials.map(({ status }) => status)).toEqual(['finished', 'failed', 'finished']);
    expect(trials[1].failure).toMatchObject({ kind: 'diverged' });

    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page).toContain('2 lines across learningRate, validation accuracy.');
    expect(page).toMatch(/<li>trial-001: train: loss must be finite/);
    expect(page).toMatch(
      /npm run train -- --preset mlp --seed 42 --epochs 4 .*--config settings\.json --set learningRate=0\.0[12]</,
    );
  });

  it('is tried again by --resume if its process was killed', async () => {
    const out = join(folder, 'shot');
    const run = startCommand([...sweep, '--epochs', '60', '--try', 'learningRate=0.01,0.02', '--out', out, '--json']);
    await run.sees('trial-000  epoch 1/60');
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(run.pid)], { encoding: 'utf8' });
    process.kill(Number(children.trim()), 'SIGKILL');
    const { code, json } = await run.result;
    const { trials } = json as unknown as SweepJson;
    expect({ code, trials }).toMatchObject({
      code: 1,
      trials: [
        {
          status: 'failed',
          failure: { kind: 'error', message: 'its process was killed by SIGKILL, as systems do when memory runs out' },
        },
        { status: 'finished', epochs: 60 },
      ],
    });
    const resumed = await runCommand(['sweep', '--out', out, '--resume', '--json']);
    expect(resumed.code).toBe(0);
    expect((resumed.json as unknown as SweepJson).trials).toMatchObject([
      { status: 'finished', epochs: 60 },
      { status: 'finished', epochs: 60 },
    ]);
  });
});

describe('sweep --space', () => {
  it('tries what a file describes, conditions included', async () => {
    const space = join(folder, 'space.json');
    await writeFile(
      space,
      JSON.stringify({
        'optimizer.type': ['sgd', 'adam'],
        'optimizer.momentum': { low: 0.5, high: 0.95, when: { 'optimizer.type': 'sgd' } },
        batchSize: { low: 16, high: 64, scale: 'log', integer: true },
      }),
    );
    const plan = await runCommand([...sweep, '--space', space, '--trials', '12', '--dry-run', '--json']);
    expect(plan.code).toBe(0);
    expect(plan.json?.plan).toMatchObject({ strategy: 'tpe', trials: 12 });
    const { runs } = plan.json as unknown as { runs: readonly { settings: Readonly<Record<string, unknown>> }[] };
    expect(runs).toHaveLength(10);
    for (const { settings } of runs) {
      expect(Object.hasOwn(settings, 'optimizer.momentum')).toBe(settings['optimizer.type'] === 'sgd');
    }
    expect(plan.stderr).toContain('The other trials, up to 12, depend on the results of these.\n');
  });
});
