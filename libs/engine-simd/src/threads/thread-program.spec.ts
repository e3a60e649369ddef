import { randomDataset, randomWeights, smallNetwork } from '@digits/engine-contract';
import { createEngine } from '../engine.ts';
import { inferenceKernels } from '../generated/inference-kernels.ts';
import { RESULT_ABORTED } from '../program/contract.ts';
import { createMemory } from '../program/memory.ts';
import { type EngineThread, startThreads, type ThreadHost, type ThreadPool } from './thread-pool.ts';
import { createThreadProgram, type ThreadMessage, type ThreadReply } from './thread-program.ts';

const MODULE = new WebAssembly.Module(Buffer.from(inferenceKernels, 'base64'));
const start = (): ThreadMessage => ({
  type: 'start',
  module: MODULE,
  memory: createMemory('test', 65_536).memory,
  thread: 0,
  numThreads: 1,
  arena: 0,
});

/** A host whose one thread is this one: what it runs can be watched, and its answers changed. */
function hostHere(change: (reply: ThreadReply) => ThreadReply = (reply) => reply): ThreadHost {
  return {
    canShareMemory: true,
    createThread(): EngineThread {
      const answer = createThreadProgram();
      let hear: (reply: ThreadReply) => void = () => undefined;
      return {
        post(message) {
          const reply = change(answer(message));
          queueMicrotask(() => {
            hear(reply);
          });
        },
        listen(onReply) {
          hear = onReply;
        },
        keepAlive: () => undefined,
        terminate: () => Promise.resolve(),
      };
    },
  };
}

const poolHere = (change?: (reply: ThreadReply) => ThreadReply): Promise<ThreadPool> =>
  startThreads(hostHere(change), 1, { module: MODULE, memory: createMemory('test', 65_536).memory });

describe('createThreadProgram', () => {
  it('starts the kernels once it is told to, and runs nothing before', () => {
    const answer = createThreadProgram();
    expect(answer({ type: 'call', name: 'prepare', args: [] })).toEqual({
      type: 'failed',
      message: 'Error: not started',
    });
    expect(answer(start())).toEqual({ type: 'done', result: 0 });
  });

  it('answers with what failed instead of throwing', () => {
    const answer = createThreadProgram();
    answer(start());
    expect(answer({ type: 'call', name: 'noSuchKernel', args: [] })).toEqual({
      type: 'failed',
      message: 'TypeError: kernels[message.name] is not a function',
    });
    expect(answer({ ...start(), module: {} } as ThreadMessage)).toMatchObject({
      type: 'failed',
      message: expect.stringContaining('WebAssembly.Instance()') as string,
    });
  });

  it('gives the logits that the calling thread gives', async () => {
    const architecture = smallNetwork();
    const images = Float32Array.from(randomDataset(architecture, 12, 6).images, (value) => value / 255);
    const predictor = await createEngine('test', 1, hostHere()).createPredictor(
      architecture,
      randomWeights(architecture, 2),
    );
    const onThread = await predictor.predict(images);
    const imageSize = images.length / 12;
    const few = Array.from({ length: 4 }, (_, i) => images.subarray(3 * i * imageSize, 3 * (i + 1) * imageSize));
    const here = await Promise.all(few.map((three) => predictor.predict(three)));
    expect([...onThread]).toEqual(here.flatMap((logits) => [...logits]));
    await predictor.dispose();
  });
});

describe('startThreads', () => {
  it('ends the pool with the reason that a thread gives', async () => {
    const pool = await poolHere();
    const message = 'engine-simd: a thread failed: TypeError: kernels[message.name] is not a function';
    await expect(pool.run('noSuchKernel')).rejects.toThrow(message);
    await expect(pool.run('prepare')).rejects.toThrow(message);
    await pool.dispose();
  });

  it('ends the pool when a thread left a barrier early', async () => {
    let numReplies = 0;
    const pool = await poolHere((reply) => (numReplies++ === 0 ? reply : { type: 'done', result: RESULT_ABORTED }));
    await expect(pool.run('prepare')).rejects.toThrow('engine-simd: a thread failed: it left a barrier early');
  });

  it.each([true, false])(
    'refuses calls once it is disposed of, whether memory can be shared (%s)',
    async (canShareMemory) => {
      const work = { module: MODULE, memory: createMemory('test', 65_536).memory };
      const pool = await startThreads({ ...hostHere(), canShareMemory }, 1, work);
      await pool.dispose();
      await expect(pool.run('prepare')).rejects.toThrow(
        canShareMemory ? 'engine-simd: disposed' : 'prepare: the engine was disposed',
      );
    },
  );
});
