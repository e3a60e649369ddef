import type { ContestantProcess } from './contestant-process.ts';
import type { Contestant, Runner } from './field.ts';
import type { Prepared, Slice, Task } from './protocol.ts';
import { type Course, race, relativeDistance } from './race.ts';

const COURSE: Course = {
  kind: 'predict',
  architecture: { inputShape: [1, 1, 1], layers: [] },
  batchSize: 1,
  files: { images: '', labels: '', numImages: 0, weights: '', tensors: [] },
  optimizer: { type: 'sgd', momentum: 0, nesterov: false },
  learningRate: 1,
  labelSmoothing: 0,
};

/** A contestant whose speed depends on its setup only; logs what it is told. */
function contestant(
  name: string,
  threading: Runner['threading'],
  speeds: Readonly<Record<string, number>>,
  log: string[] = [],
  slice = 0.1,
): Contestant {
  let setup = '';
  const fake = {
    greeting: {
      version: name,
      variants: { train: [], predict: [...new Set(Object.keys(speeds).map((key) => key.split('/')[0]))] },
    },
    prepare(task: Task): Promise<Prepared> {
      setup = `${task.variant}/${task.threads}`;
      log.push(`${name} prepares ${setup}`);
      return setup in speeds
        ? Promise.resolve({ outcome: [1] })
        : Promise.reject(new Error(`${setup} is not supported`));
    },
    run(): Promise<Slice> {
      log.push(`${name} runs ${setup}`);
      return Promise.resolve({
        amount: speeds[setup] * slice,
        seconds: slice,
        processorSeconds: slice,
        residentBytes: 0,
        maxResidentBytes: 0,
      });
    },
  };
  const runner = { name, kinds: ['predict'], threading, commands: [] } as unknown as Runner;
  return { runner, threads: 2, process: fake as unknown as ContestantProcess };
}

const OPTIONS = { rounds: 2, secondsASlice: 0.1, report: () => {} };

describe('race', () => {
  it('lets contestants take turns, every other round backwards', async () => {
    const log: string[] = [];
    const field = [contestant('a', 'given', { 'x/2': 10 }, log), contestant('b', 'given', { 'y/2': 20 }, log)];

    const lanes = await race(field, COURSE, OPTIONS);

    expect(log.slice(-4)).toEqual(['a runs x/2', 'b runs y/2', 'b runs y/2', 'a runs x/2']);
    expect(lanes.map(({ rates }) => rates.map(Math.round))).toEqual([
      [10, 10],
      [20, 20],
    ]);
  });

  it('finds the quickest setup and prepares it again', async () => {
    const log: string[] = [];
    const peer = contestant('peer', 'best', { 'x/1': 10, 'x/2': 30, 'y/1': 20 }, log);

    const [lane] = await race([peer], COURSE, OPTIONS);

    expect(lane.setup).toEqual({ threads: 2, variant: 'x' });
    expect(log.slice(-3)).toEqual(['peer prepares x/2', 'peer runs x/2', 'peer runs x/2']);
  });

  it('leaves out a contestant that no setup suits, and says why', async () => {
    const lines: string[] = [];
    const options = { ...OPTIONS, report: (line: string) => void lines.push(line) };

    expect(await race([contestant('peer', 'given', { 'x/1': 1 })], COURSE, options)).toEqual([]);
    expect(lines).toEqual(['peer: left out, x/2 is not supported']);
  });

  it('goes on without a contestant that dies', async () => {
    const lines: string[] = [];
    const healthy = contestant('healthy', 'given', { 'x/2': 10 });
    const mortal = contestant('mortal', 'given', { 'x/2': 10 });
    const run = jest.spyOn(mortal.process, 'run');
    run.mockResolvedValueOnce({
      amount: 1,
      seconds: 0.1,
      processorSeconds: 0.1,
      residentBytes: 0,
      maxResidentBytes: 0,
    });
    run.mockRejectedValue(new Error('out of memory'));

    const lanes = await race([mortal, healthy], COURSE, { ...OPTIONS, report: (line) => void lines.push(line) });

    expect(lanes.map(({ contestant: { runner }, rates }) => [runner.name, rates.length])).toEqual([['healthy', 2]]);
    expect(lines).toEqual(['mortal: left out, out of memory']);
  });

  it('divides by the processor time of each thread when told so', async () => {
    const peer = contestant('peer', 'given', { 'x/2': 10 });
    const slice = { amount: 6, seconds: 5, processorSeconds: 4, residentBytes: 0, maxResidentBytes: 0 };
    jest.spyOn(peer.process, 'run').mockResolvedValue(slice);

    const [lane] = await race([peer], COURSE, { ...OPTIONS, secondsASlice: 5, clock: 'processor' });

    expect(lane.rates).toEqual([3, 3]);
  });

  it('lets a contestant run once that is very slow', async () => {
    const log: string[] = [];

    const [lane] = await race([contestant('snail', 'given', { 'x/2': 1 }, log, 10)], COURSE, OPTIONS);

    expect(lane.rates).toEqual([1]);
    expect(log.filter((line) => line === 'snail runs x/2')).toHaveLength(1);
  });
});

describe('relativeDistance', () => {
  it('divides the largest difference by the largest value', () => {
    expect(relativeDistance([1, -4.5, 2], [1, -5, 2])).toBeCloseTo(0.1, 12);
  });

  it('is infinite for different lengths and for NaN', () => {
    expect(relativeDistance([1], [1, 2])).toBe(Infinity);
    expect(relativeDistance([NaN], [1])).toBe(Infinity);
  });
});
