import { loadModel, loadPretrainedInkModel, pretrainedModelDirectory } from '@digits/model/node';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPicturePool, type EndReason, type PicturePool, type PicturePoolLimits } from './picture-pool.ts';
import type { PictureTask, PictureWorkerData } from './picture-task.ts';

const WORKER_FILE = join(__dirname, '..', 'testing', 'scripted-worker.mjs');

/** Minutes: no test waits so long, however busy the machine is. */
const AMPLE_MS = 600_000;

type Act = 'answer' | 'sleep' | 'work' | 'fill' | 'keep' | 'crash' | 'fail';

let data: PictureWorkerData;
beforeAll(async () => {
  const [model, inkModel] = await Promise.all([loadModel(pretrainedModelDirectory()), loadPretrainedInkModel()]);
  data = { model, inkModel, touchingModel: model, maxPixels: 1, maxExplained: 1 };
});

/** A pool of scripted workers. */
interface TestPool {
  readonly pool: PicturePool;
  /** Reasons of the ends of workers so far. */
  readonly ends: readonly EndReason[];
  /** Number of tasks that have started. */
  readonly numStarted: number;
  /** Lets a worker act; resolves with the id of its process, or with the error. */
  readonly act: (client: string, act: Act, amount?: number, signal?: AbortSignal) => Promise<string>;
}

let opened: TestPool | null = null;
afterEach(async () => {
  await opened?.pool.dispose();
  opened = null;
});

async function open(limits: Partial<PicturePoolLimits> = {}): Promise<TestPool> {
  const ends: EndReason[] = [];
  let numStarted = 0;
  const all: PicturePoolLimits = {
    numWorkers: 1,
    maxPictures: 32,
    maxWaitMs: AMPLE_MS,
    maxProcessorMs: AMPLE_MS,
    maxMemoryMiB: 10_000,
    ...limits,
  };
  const observer = { onStart: () => numStarted++, onEnd: (reason: EndReason) => ends.push(reason) };
  const pool = await createPicturePool(data, WORKER_FILE, all, observer);
  opened = {
    pool,
    ends,
    get numStarted() {
      return numStarted;
    },
    async act(client, act, amount = 0, signal = new AbortController().signal) {
      const task: PictureTask = { file: Buffer.from(JSON.stringify([act, amount])), options: {} };
      try {
        const result = await pool.read(task, client, signal);
        return 'refused' in result ? result.message : 'an answer';
      } catch (error) {
        const { code, message } = error as Error & { readonly code?: string };
        return `${code ?? 'Error'}: ${message}`;
      }
    },
  };
  return opened;
}

/** Waits for a condition, however long it takes. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('createPicturePool', () => {
  it('reads one picture after the other with the same worker', async () => {
    const { act } = await open();
    const first = await act('a', 'answer');
    expect(first).toMatch(/^\d+$/);
    expect(await act('a', 'answer')).toBe(first);
  });

  it('keeps one worker for other clients', async () => {
    const { act, pool } = await open({ numWorkers: 2 });
    const ended: string[] = [];
    const note = async (name: string, work: Promise<string>): Promise<void> => {
      await work;
      ended.push(name);
    };
    const over = new AbortController();
    const long = note('a1', act('a', 'sleep', AMPLE_MS, over.signal));
    const waiting = note('a2', act('a', 'answer'));
    await note('b1', act('b', 'answer'));
    expect([ended, pool.numWaiting]).toEqual([['b1'], 1]);
    over.abort(new Error('gone'));
    await Promise.all([long, waiting]);
    expect(ended).toEqual(['b1', 'a1', 'a2']);
  });

  it('answers clients in turn', async () => {
    const { act } = await open();
    const order: string[] = [];
    const tasks = ['a1', 'a2', 'a3', 'b1', 'b2'].map(async (name) => {
      await act(name[0], 'answer');
      order.push(name);
    });
    await Promise.all(tasks);
    // a1 starts at once; then both have the same right, until one has been given more.
    expect(order.indexOf('b1')).toBeLessThan(order.indexOf('a3'));
    expect(order[0]).toBe('a1');
  });

  onLinux('ends what takes too much processor time, and replaces its worker', async () => {
    const { act, ends } = await open({ maxProcessorMs: 200 });
    const before = await act('a', 'answer');
    expect(await act('a', 'work', AMPLE_MS)).toBe(
      'TIMED_OUT: reading must take at most 200 ms of processor time; send a smaller image',
    );
    const after = await act('a', 'answer');
    expect(after).toMatch(/^\d+$/);
    expect(after).not.toBe(before);
    expect(ends).toEqual(['time']);
  });

  onLinux('does not count time without work', async () => {
    const { act, ends } = await open({ maxProcessorMs: 500 });
    expect(await act('a', 'sleep', 1500)).toMatch(/^\d+$/);
    expect(ends).toEqual([]);
  });

  onLinux('ends what takes too much memory', async () => {
    const { act, ends } = await open({ maxMemoryMiB: 300 });
    expect(await act('a', 'fill', 400)).toMatch(
      /^OVERLOADED: reading must leave memory for others, but all readers use \d+ MiB of 300; send a smaller image$/,
    );
    expect(await act('a', 'answer')).toMatch(/^\d+$/);
    expect(ends).toEqual(['memory']);
  });

  onLinux('replaces an idle worker that keeps memory before it ends a task', async () => {
    const { act, ends } = await open({ numWorkers: 2, maxMemoryMiB: 700 });
    // The first of two idle workers takes a task, so this one keeps nothing.
    const sleeping = act('b', 'sleep', 3000);
    const before = await act('a', 'keep', 400);
    await sleeping;
    expect(await act('b', 'keep', 400)).toMatch(/^\d+$/);
    expect(ends).not.toContain('memory');
    const after = await Promise.all([act('a', 'sleep', 200), act('b', 'sleep', 200)]);
    expect(after).not.toContain(before);
  });

  it('replaces a worker that crashes', async () => {
    const { act, ends } = await open();
    expect(await act('a', 'crash')).toBe(
      'OVERLOADED: the worker ended before it answered; send a smaller image or retry',
    );
    expect(await act('a', 'answer')).toMatch(/^\d+$/);
    expect(ends).toEqual(['crash']);
  });

  it('reports what fails for an unknown reason, and keeps the worker', async () => {
    const { act, ends } = await open();
    const before = await act('a', 'answer');
    expect(await act('a', 'fail')).toBe('Error: the picture worker failed: scripted');
    expect(await act('a', 'answer')).toBe(before);
    expect(ends).toEqual([]);
  });

  it('never starts what is cancelled while it waits', async () => {
    const test = await open();
    const [first, second] = [new AbortController(), new AbortController()];
    const running = test.act('a', 'sleep', 300, first.signal);
    const waiting = test.act('b', 'answer', 0, second.signal);
    second.abort(new Error('gone'));
    expect(await waiting).toBe('Error: gone');
    await running;
    expect([test.numStarted, test.pool.numWaiting]).toEqual([1, 0]);
    expect(await test.act('c', 'answer', 0, second.signal)).toBe('Error: gone');
    expect(test.numStarted).toBe(1);
  });

  onLinux('ends what is cancelled while it works, if that would go on', async () => {
    const test = await open();
    const controller = new AbortController();
    const working = test.act('a', 'work', AMPLE_MS, controller.signal);
    await until(() => test.numStarted === 1);
    controller.abort(new Error('gone'));
    expect(await working).toBe('Error: gone');
    expect(await test.act('a', 'answer')).toMatch(/^\d+$/);
    expect(test.ends).toEqual(['disconnect']);
  });

  it('lets a short task end that is cancelled, as a new worker would cost more', async () => {
    const test = await open();
    const before = await test.act('a', 'answer');
    const controller = new AbortController();
    const working = test.act('a', 'sleep', 200, controller.signal);
    controller.abort(new Error('gone'));
    expect(await working).toBe('Error: gone');
    expect(await test.act('a', 'answer')).toBe(before);
    expect(test.ends).toEqual([]);
  });

  it('refuses what waits too long, before it is worked on', async () => {
    const test = await open({ maxWaitMs: 300 });
    const running = test.act('a', 'sleep', 2000);
    expect(await test.act('b', 'answer')).toBe(
      'OVERLOADED: waiting for a worker must take at most 300 ms, took longer; retry later',
    );
    expect(await running).toMatch(/^\d+$/);
    expect(test.numStarted).toBe(1);
  });

  it('refuses at once what is expected to wait too long', async () => {
    const test = await open({ maxWaitMs: 1000 });
    // The client's tasks are then expected to take 1.5 s.
    await test.act('a', 'sleep', 1500);
    const running = test.act('a', 'sleep', 1500);
    expect(await test.act('b', 'answer')).toMatch(
      /^OVERLOADED: waiting for a worker must take at most 1000 ms, expected 1\d{3} ms; retry later$/,
    );
    expect(() => {
      test.pool.requireRoom('b');
    }).toThrow('expected 1');
    await running;
    expect(test.numStarted).toBe(2);
    expect(await test.act('b', 'answer')).toMatch(/^\d+$/);
  });

  it('gives one client half of the queue', async () => {
    const test = await open({ maxPictures: 4 });
    const over = new AbortController();
    const tasks = [test.act('a', 'sleep', AMPLE_MS, over.signal)];
    for (const client of ['a', 'a']) tasks.push(test.act(client, 'answer', 0, over.signal));
    expect(await test.act('a', 'answer')).toBe(
      'OVERLOADED: a client may have 2 image files and drawings in the queue; retry in a second',
    );
    for (const client of ['b', 'b']) tasks.push(test.act(client, 'answer', 0, over.signal));
    expect(await test.act('c', 'answer')).toBe(
      'OVERLOADED: the queue of image files and drawings is full (maximum 4); retry in a second',
    );
    over.abort(new Error('gone'));
    expect(await Promise.all(tasks)).toEqual(tasks.map(() => 'Error: gone'));
    expect(test.pool.numWaiting).toBe(0);
  });

  it('answers the accepted tasks before it is disposed of', async () => {
    const { act, pool } = await open();
    const tasks = [act('a', 'sleep', 200), act('a', 'answer'), act('b', 'answer')];
    await pool.dispose();
    for (const result of await Promise.all(tasks)) expect(result).toMatch(/^\d+$/);
    opened = null;
  });
});
