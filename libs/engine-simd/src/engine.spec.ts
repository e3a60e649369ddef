import { availableParallelism } from 'node:os';
import type { Architecture, Layer } from '@digits/model';
import {
  engineContract,
  planOf,
  randomDataset,
  randomWeights,
  sessionSettings,
  smallNetwork,
} from '@digits/engine-contract';
import { createEngine } from './engine.ts';
import { nodeHost } from './node/node-host.ts';
import { createSimdEngine, defaultThreads, MAX_THREADS } from './node.ts';
import type { EngineThread } from './threads/thread-pool.ts';

const ARCHITECTURE = smallNetwork(0.2);
const SETTINGS = sessionSettings(ARCHITECTURE);
const DATASET = randomDataset(ARCHITECTURE, 64, 5);
const manySteps = (count: number) => planOf(Array.from({ length: count }, () => 16), DATASET.count); // prettier-ignore

engineContract(() => createSimdEngine({ threads: 2 }));

describe('createSimdEngine', () => {
  it.each([0, 9, 1.5, Number.NaN])('refuses %d threads', (threads) => {
    expect(() => createSimdEngine({ threads })).toThrow(
      new RangeError(`createSimdEngine: threads must be a whole number from 1 to 8, got ${threads}`),
    );
  });

  it('refuses a host without SIMD', () => {
    const validate = jest.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    expect(() => createSimdEngine()).toThrow(
      'createSimdEngine: the host must run WebAssembly with SIMD and threads, but it does not; use --engine tfjs or a newer version',
    );
    validate.mockRestore();
  });

  it('refuses a layer that it does not know', async () => {
    const strange = { type: 'lstm', name: 'memory' } as unknown as Layer;
    const architecture: Architecture = { ...ARCHITECTURE, layers: [...ARCHITECTURE.layers, strange] };
    const message = `validateArchitecture: architecture.layers[${ARCHITECTURE.layers.length}].type must be one of`;
    const engine = createSimdEngine({ threads: 1 });
    await expect(engine.createTrainingSession(architecture, SETTINGS, DATASET)).rejects.toThrow(message);
    await expect(engine.createPredictor(architecture, [])).rejects.toThrow(message);
  });

  it('refuses a session that does not fit into memory', async () => {
    const settings = { ...SETTINGS, batchSize: 2 ** 20 };
    await expect(
      createSimdEngine({ threads: 1 }).createTrainingSession(ARCHITECTURE, settings, DATASET),
    ).rejects.toThrow(
      /^createTrainingSession: memory must be at most 2047 MB, got a need of \d+ MB; use a smaller batch, fewer images or a smaller network$/,
    );
  });

  it('says so when the host has no memory left', async () => {
    const memory = jest.spyOn(WebAssembly, 'Memory').mockImplementation(() => {
      throw new RangeError('could not allocate memory');
    });
    await expect(
      createSimdEngine({ threads: 1 }).createTrainingSession(ARCHITECTURE, SETTINGS, DATASET),
    ).rejects.toThrow(/^createTrainingSession: memory must be free, but the host has no \d+ MB; use a smaller batch/);
    memory.mockRestore();
  });

  it('reports a NaN loss instead of hiding it', async () => {
    const initialWeights = SETTINGS.initialWeights.map((weight, i) =>
      i === 0 ? { ...weight, values: weight.values.map(() => Number.NaN) } : weight,
    );
    const engine = createSimdEngine({ threads: 1 });
    const session = await engine.createTrainingSession(ARCHITECTURE, { ...SETTINGS, initialWeights }, DATASET);
    expect((await session.trainSteps(manySteps(1))).losses).toEqual(Float32Array.of(Number.NaN));
    await session.dispose();
  });
});

describe('defaultThreads', () => {
  it('is one per core, at most 8', () => {
    expect(MAX_THREADS).toBe(8);
    expect(defaultThreads()).toBe(Math.min(8, availableParallelism()));
  });
});

describe('threads', () => {
  /** An engine on Node's threads that lets the test reach them. */
  function watchedEngine() {
    const threads: EngineThread[] = [];
    const host = {
      canShareMemory: true,
      createThread() {
        const thread = nodeHost.createThread();
        threads.push(thread);
        return thread;
      },
    };
    return { engine: createEngine('test', 3, host), threads };
  }

  it('end the call and every later one with one error when one of them dies', async () => {
    const { engine, threads } = watchedEngine();
    const session = await engine.createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
    const training = session.trainSteps(manySteps(4000));
    const failed = expect(training).rejects.toThrow(
      'engine-simd: thread 1 of 3 must live, but it ended with exit code',
    );
    await threads[1].terminate();
    await failed;
    await expect(session.trainSteps(manySteps(1))).rejects.toThrow('engine-simd: thread 1 of 3 must live');
    await session.dispose();
  });

  it('stop in the middle of a plan when the session is disposed', async () => {
    const { engine } = watchedEngine();
    const session = await engine.createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
    const stopped = expect(session.trainSteps(manySteps(100_000))).rejects.toThrow('disposed');
    await session.dispose();
    await stopped;
  });

  it('are started once, and for batches only', async () => {
    const { engine, threads } = watchedEngine();
    const predictor = await engine.createPredictor(ARCHITECTURE, randomWeights(ARCHITECTURE, 2));
    await predictor.predict(new Float32Array(3 * 12 * 11));
    expect(threads).toHaveLength(0);
    await Promise.all([1, 2, 3].map(() => predictor.predict(new Float32Array(100 * 12 * 11))));
    expect(threads).toHaveLength(3);
    await predictor.dispose();
  });
});

describe('memory', () => {
  it('does not grow over 1,000 steps', async () => {
    const session = await createSimdEngine({ threads: 2 }).createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
    const plan = manySteps(20);
    for (let i = 0; i < 5; i++) await session.trainSteps(plan);
    const before = process.memoryUsage();
    for (let i = 0; i < 50; i++) await session.trainSteps(plan);
    const after = process.memoryUsage();
    // The kernels' memory has a fixed size; what is left are the plans and reports, which the collector takes.
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(4 * 2 ** 20);
    await session.dispose();
  });
});
