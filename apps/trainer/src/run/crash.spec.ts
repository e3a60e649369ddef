import { loadCheckpoint } from '@digits/model/node';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, startCommand } from '../testing/command.ts';
import { writeSmallDataset } from '../testing/datasets.ts';

jest.setTimeout(300_000);

/** `npm run check:full` asks for more. */
const NUM_KILLS = Number(process.env.DIGITS_NUM_KILLS ?? 2);

let folder: string;
let dataset: string;
let whole: { readonly weightsSha256: unknown; readonly durationMs: number };

const train = (out: string, ...args: string[]) => [
  'train', '--dataset', dataset, '--epochs', '6', '--checkpoint-seconds', '1', '--out', join(folder, out), '--json', ...args,
]; // prettier-ignore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'digits-crash-'));
  dataset = join(folder, 'small-mnist');
  await writeSmallDataset(dataset, { numTrain: 1200, numTest: 100 });
  const startedAt = performance.now();
  const { json } = await runCommand(train('whole'));
  whole = { weightsSha256: json?.weightsSha256, durationMs: performance.now() - startedAt };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a run that is killed at a random moment', () => {
  const moments = Array.from({ length: NUM_KILLS }, () => Math.random());

  it.each(moments)('ends with the same weights when resumed: at %d of its time', async (moment) => {
    const name = `killed-${moment}`;
    const run = startCommand(train(name));
    await new Promise((done) => setTimeout(done, moment * whole.durationMs));
    run.kill('SIGKILL');
    await run.result;
    // Before config.json there is nothing to go on with; what is there must not bar a new start.
    const hasBegun = existsSync(join(folder, name, 'config.json'));
    const resumed = hasBegun ? ['train', '--out', join(folder, name), '--resume', '--json'] : train(name);
    const { code, json, stderr } = await runCommand(resumed);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(json?.weightsSha256).toBe(whole.weightsSha256);
    expect((await readdir(join(folder, name))).sort()).toEqual((await readdir(join(folder, 'whole'))).sort());
  });
});

describe('a run whose disk gets full', () => {
  it('stops with one clear line, keeps the last good checkpoint and goes on from it', async () => {
    const run = startCommand(train('full'), folder, { preload: join(__dirname, '..', 'testing', 'full-disk.cjs') });
    const { code, stderr, stdout } = await run.result;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^error: saveCheckpoint: path must be writable, got ".*checkpoint.bin" \(ENOSPC: no space left on device, write\)$/,
    );
    expect(stderr).not.toMatch(/\n\s+at /);
    const checkpoint = await loadCheckpoint(join(folder, 'full', 'checkpoint.bin'));
    expect(checkpoint.epoch + checkpoint.stepInEpoch).toBeGreaterThan(0);
    expect((await readdir(join(folder, 'full'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const { json } = await runCommand(['train', '--out', join(folder, 'full'), '--resume', '--json']);
    expect(json?.weightsSha256).toBe(whole.weightsSha256);
  });
});

describe('a run whose folder is moved away', () => {
  it('stops with one clear line, and the moved folder can be resumed', async () => {
    const run = startCommand(train('here', '--epochs', '300'));
    await run.sees('epoch 2/300  loss');
    await rename(join(folder, 'here'), join(folder, 'there'));
    const { code, stderr } = await run.result;
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^error: .*here.*ENOENT: no such file or directory/);
    const checkpoint = await loadCheckpoint(join(folder, 'there', 'checkpoint.bin'));
    expect(checkpoint.history.length).toBeGreaterThanOrEqual(1);
  });
});
