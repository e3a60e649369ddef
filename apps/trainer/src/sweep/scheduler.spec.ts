import { createScheduler, type Job, type Scheduler, type SweepPlan, type TrialEvent } from './scheduler.ts';
import { parseDomain } from './space.ts';

const PLAN: SweepPlan = {
  space: { learningRate: parseDomain('1e-4..1e-1:log', '') },
  strategy: 'asha',
  trials: 9,
  seed: 1,
  epochs: 9,
  minEpochs: 1,
  reduction: 3,
};

/** Starts a job; the event of it, too. */
function start(scheduler: Scheduler, events: TrialEvent[] = []): Job | null {
  const job = scheduler.next();
  if (job === null) return null;
  const event: TrialEvent = { type: 'started', ...job };
  events.push(event);
  scheduler.apply(event);
  return job;
}

/** Starts a job that must be there. */
function startNext(scheduler: Scheduler, events: TrialEvent[] = []): Job {
  const job = start(scheduler, events);
  if (job === null) throw new Error('there must be something to train, got nothing');
  return job;
}

/** Ends a job with an accuracy; null for a failure. */
function end(
  scheduler: Scheduler,
  { trial, untilEpoch }: Job,
  accuracy: number | null,
  epochs = untilEpoch ?? 9,
): TrialEvent {
  const event: TrialEvent = {
    type: 'ended',
    trial,
    epochs,
    score: accuracy === null ? null : { accuracy, loss: 0 },
    finished: accuracy !== null && (untilEpoch === null || epochs < untilEpoch),
    failure: accuracy === null ? { kind: 'diverged', message: 'train: loss must be finite' } : null,
  };
  scheduler.apply(event);
  return event;
}

/** Runs a sweep with one worker; each job as `trial:until`. */
function runAll(plan: SweepPlan, accuracyOf: (job: Job) => number | null): string[] {
  const scheduler = createScheduler(plan);
  const jobs: string[] = [];
  for (let job = start(scheduler); job !== null; job = start(scheduler)) {
    jobs.push(`${job.trial}:${job.untilEpoch ?? 'end'}`);
    end(scheduler, job, accuracyOf(job));
  }
  return jobs;
}

describe('createScheduler', () => {
  it('promotes the best third of the trials at each comparison, as soon as they are among them', () => {
    // By hand, with algorithm 2 of the paper: 0 leads the first three trials, 0 and 1 the first six, 0 to 2 all nine.
    expect(runAll(PLAN, ({ trial }) => 0.9 - trial / 10)).toEqual([
      '0:1', '1:1', '2:1', '0:3', '3:1', '4:1', '5:1', '1:3', '6:1', '7:1', '8:1', '2:3', '0:end',
    ]); // prettier-ignore
  });

  it('starts new trials while others run, without waiting for them', () => {
    const scheduler = createScheduler(PLAN);
    const jobs = Array.from({ length: 4 }, () => startNext(scheduler));
    expect(jobs.map((job) => job.trial)).toEqual([0, 1, 2, 3]);
    end(scheduler, jobs[1], 0.5);
    end(scheduler, jobs[2], 0.7);
    expect(start(scheduler)).toMatchObject({ trial: 4, untilEpoch: 1 });
    end(scheduler, jobs[0], 0.6);
    expect(start(scheduler)).toMatchObject({ trial: 2, untilEpoch: 3 });
  });

  it('trains the best of too few trials to its end', () => {
    expect(runAll({ ...PLAN, trials: 2 }, ({ trial }) => trial / 10)).toEqual(['0:1', '1:1', '1:3', '1:end']);
  });

  it('promotes no trial that failed, and counts it among those that were compared', () => {
    expect(runAll({ ...PLAN, trials: 3, epochs: 3 }, ({ trial }) => (trial === 1 ? 0.5 : null))).toEqual([
      '0:1', '1:1', '2:1', '1:end',
    ]); // prettier-ignore
  });

  it('has nothing to train of a trial that stopped by itself', () => {
    const scheduler = createScheduler({ ...PLAN, trials: 3, minEpochs: 2 });
    for (const accuracy of [0.9, 0.5, 0.4]) end(scheduler, startNext(scheduler), accuracy, accuracy === 0.9 ? 1 : 2);
    expect(scheduler.trials()[0]).toMatchObject({ status: 'finished', epochs: 1 });
    expect(start(scheduler)).toBeNull();
  });

  it('goes on from its events as it would have gone on', () => {
    const events: TrialEvent[] = [];
    const scheduler = createScheduler(PLAN);
    for (let i = 0; i < 6; i++) {
      const job = startNext(scheduler, events);
      events.push(end(scheduler, job, ((job.trial * 7) % 10) / 10));
    }
    const resumed = createScheduler(PLAN, events);
    expect(resumed.trials()).toEqual(scheduler.trials());
    expect(resumed.next()).toEqual(scheduler.next());
  });

  it('begins with the trials that were interrupted', () => {
    const events: TrialEvent[] = [];
    const scheduler = createScheduler(PLAN);
    const first = startNext(scheduler, events);
    const second = startNext(scheduler, events);
    events.push(end(scheduler, first, 0.5));
    expect(createScheduler(PLAN, events).next()).toEqual(second);
  });

  it('expects the epochs that asha takes with one worker', () => {
    const jobs = runAll(PLAN, ({ trial }) => 0.9 - trial / 10);
    const epochs = { '1': 1, '3': 2, end: 6 };
    const taken = jobs.reduce((sum, job) => sum + epochs[job.split(':')[1] as keyof typeof epochs], 0);
    expect(taken).toBe(21);
    expect(createScheduler(PLAN).expectedEpochs).toBe(9 + 3 * 2 + 6);
    expect(createScheduler({ ...PLAN, strategy: 'random' }).expectedEpochs).toBe(81);
  });

  it('lists the trials of a grid in its order, each to its end', () => {
    const space = { learningRate: parseDomain('0.1,0.2', ''), batchSize: parseDomain('8,16', '') };
    expect(runAll({ ...PLAN, space, strategy: 'grid' }, () => 0.5)).toEqual(['0:end', '1:end', '2:end', '3:end']);
  });
});
