import { isUnderWay, NO_RUN, reduceRun, type RunAction, type RunState } from './run-store.ts';

const REQUEST = { preset: 'fast', settings: { seed: 1, epochs: 2 } } as const;
const PROGRESS = {
  epoch: 1,
  numEpochs: 2,
  step: 5,
  totalSteps: 10,
  stepsPerEpoch: 10,
  numSamples: 100,
  numSamplesDone: 50,
  loss: 1,
  accuracy: 0.5,
  learningRate: 0.1,
  imagesPerSecond: 100,
  secondsLeft: 3,
};

const after = (...actions: readonly RunAction[]): RunState => actions.reduce(reduceRun, NO_RUN);

describe('reduceRun', () => {
  it('goes from loading over training to a test', () => {
    const actions: RunAction[] = [
      { type: 'started', request: REQUEST },
      { type: 'loading', loadedBytes: 5, totalBytes: 10 },
      { type: 'preparing' },
      { type: 'progress', progress: PROGRESS },
      { type: 'testing' },
    ];
    const phases = actions.map((_, i) => after(...actions.slice(0, i + 1)).phase);
    expect(phases).toEqual(['loading', 'loading', 'preparing', 'training', 'testing']);
    expect(after(...actions)).toMatchObject({ request: REQUEST, loaded: { bytes: 5, total: 10 }, progress: PROGRESS });
  });

  it('stays paused while the steps that were under way end', () => {
    const state = after(
      { type: 'started', request: REQUEST },
      { type: 'paused' },
      { type: 'progress', progress: PROGRESS },
    );
    expect(state).toMatchObject({ phase: 'paused', progress: PROGRESS });
    expect(reduceRun(state, { type: 'resumed' }).phase).toBe('training');
  });

  it('forgets the run before when another is started', () => {
    const state = after(
      { type: 'started', request: REQUEST },
      { type: 'failed', message: 'no' },
      { type: 'started', request: { ...REQUEST, settings: { seed: 2, epochs: 2 } } },
    );
    expect(state).toMatchObject({ phase: 'loading', message: '', request: { settings: { seed: 2 } } });
  });
});

describe('isUnderWay', () => {
  it.each([
    ['idle', false],
    ['loading', true],
    ['paused', true],
    ['testing', true],
    ['done', false],
    ['failed', false],
  ] as const)('is, where a run is %s, %s', (phase, expected) => {
    expect(isUnderWay({ ...NO_RUN, phase })).toBe(expected);
  });
});
