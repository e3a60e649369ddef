import type { Predictor } from '@digits/model';
import { ApiError } from '../service/errors.ts';
import { createBatchingPredictor } from './batching.ts';

/** A predictor of images of one value, whose logit is twice that value; it answers when it is let. */
function gatedPredictor() {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  let isDisposed = false;
  const predictor: Predictor = {
    predict: async (images) => {
      const copy = Float32Array.from(images);
      batches.push([...copy]);
      await new Promise<void>((open) => gates.push(open));
      return copy.map((value) => 2 * value);
    },
    activations: () => Promise.resolve([]),
    dispose: () => {
      isDisposed = true;
      return Promise.resolve();
    },
  };
  return { predictor, batches, open: () => gates.shift()?.(), isDisposed: () => isDisposed };
}

const LIMITS = { maxBatch: 4, waitMs: 0, maxQueue: 8 };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('createBatchingPredictor', () => {
  it('answers requests of one turn together, each with its own', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    const answers = [[1], [2, 3], [4]].map((values) => batching.predict(Float32Array.from(values)));
    await turn();
    expect(batches).toEqual([[1, 2, 3, 4]]);
    open();
    expect((await Promise.all(answers)).map((logits) => [...logits])).toEqual([[2], [4, 6], [8]]);
  });

  it('keeps the order and never cuts a request', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    const answers = [[1, 2, 3], [4, 5], [6]].map((values) => batching.predict(Float32Array.from(values)));
    await turn();
    open();
    await answers[0];
    await turn();
    open();
    await Promise.all(answers);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('gives a request that is larger than a batch a call of its own', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    const answer = batching.predict(Float32Array.of(1, 2, 3, 4, 5, 6));
    await turn();
    open();
    expect([...(await answer)]).toEqual([2, 4, 6, 8, 10, 12]);
    expect(batches).toEqual([[1, 2, 3, 4, 5, 6]]);
  });

  it('starts the next batch before it answers the one before', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    let startedWhenAnswered: number | null = null;
    const first = batching.predict(Float32Array.of(1)).then(() => (startedWhenAnswered = batches.length));
    await turn();
    const second = batching.predict(Float32Array.of(2));
    open();
    await first;
    expect(startedWhenAnswered).toBe(2);
    open();
    expect([...(await second)]).toEqual([4]);
  });

  it('lets what comes while it works wait for the next batch', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    const first = batching.predict(Float32Array.of(1));
    await turn();
    const rest = [2, 3].map((value) => batching.predict(Float32Array.of(value)));
    await turn();
    expect(batches).toEqual([[1]]);
    expect(batching.numQueued).toBe(3);
    open();
    await first;
    await turn();
    expect(batches).toEqual([[1], [2, 3]]);
    open();
    await Promise.all(rest);
    expect(batching.numQueued).toBe(0);
  });

  it('refuses what the queue does not take, and goes on', async () => {
    const { predictor, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    const accepted = batching.predict(new Float32Array(7));
    await expect(batching.predict(new Float32Array(2))).rejects.toThrow(
      new ApiError('OVERLOADED', 'the queue has room for 8 images and holds 7; retry in a second'),
    );
    await turn();
    open();
    expect(await accepted).toHaveLength(7);
    const next = batching.predict(new Float32Array(8));
    await turn();
    open();
    expect(await next).toHaveLength(8);
  });

  it('waits for more where it is told to, until a batch is full', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, { ...LIMITS, waitMs: 60_000 });
    const answers = [batching.predict(Float32Array.of(1, 2))];
    await turn();
    expect(batches).toEqual([]);
    answers.push(batching.predict(Float32Array.of(3, 4)));
    await turn();
    expect(batches).toEqual([[1, 2, 3, 4]]);
    open();
    await Promise.all(answers);
  });

  it('tells all requests of a batch why it failed, and goes on', async () => {
    const failing: Predictor = {
      predict: (images) => (images[0] === 1 ? Promise.reject(new Error('broken')) : Promise.resolve(images.slice())),
      activations: () => Promise.resolve([]),
      dispose: () => Promise.resolve(),
    };
    const batching = createBatchingPredictor(failing, 1, LIMITS);
    const answers = [1, 2].map((value) => batching.predict(Float32Array.of(value)));
    await expect(Promise.all(answers)).rejects.toThrow('broken');
    await expect(answers[1]).rejects.toThrow('broken');
    expect([...(await batching.predict(Float32Array.of(5)))]).toEqual([5]);
  });

  it('answers what was accepted before it is disposed', async () => {
    const { predictor, open, isDisposed } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    const accepted = batching.predict(Float32Array.of(21));
    const disposed = batching.dispose();
    await turn();
    expect(isDisposed()).toBe(false);
    open();
    expect([...(await accepted)]).toEqual([42]);
    await disposed;
    expect(isDisposed()).toBe(true);
  });

  it('reports each batch', async () => {
    const { predictor, open } = gatedPredictor();
    const seen: number[] = [];
    const batching = createBatchingPredictor(predictor, 1, LIMITS, (numImages) => seen.push(numImages));
    const answers = [1, 2, 3].map((value) => batching.predict(Float32Array.of(value)));
    await turn();
    open();
    await Promise.all(answers);
    expect(seen).toEqual([3]);
  });
});
