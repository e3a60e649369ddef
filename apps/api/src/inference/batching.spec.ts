import type { Predictor } from '@digits/model';
import { RecentClients } from '../service/clients.ts';
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

const LIMITS = { maxBatch: 4, waitMs: 0, maxQueue: 16 };
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

  it('keeps the order of a client', async () => {
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

  it('cuts a request that is larger than a batch', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    const answer = batching.predict(Float32Array.of(1, 2, 3, 4, 5, 6));
    await turn();
    open();
    await turn();
    open();
    expect([...(await answer)]).toEqual([2, 4, 6, 8, 10, 12]);
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });

  it('answers a small request of one client before the rest of a large one of another', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, { ...LIMITS, maxQueue: 1000 });
    const large = batching.predict(new Float32Array(400).fill(7), { client: 'greedy' });
    await turn();
    const small = batching.predict(Float32Array.of(1), { client: 'honest' });
    open();
    await turn();
    open();
    expect([...(await small)]).toEqual([2]);
    expect(batches.map(({ length }) => length)).toEqual([4, 1, 4]);
    while (batching.numQueued > 0) {
      open();
      await turn();
    }
    expect([...(await large)]).toEqual(new Array(400).fill(14));
  });

  it('takes few images of a client at once while another sends requests, too', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const recent = new RecentClients();
    const batching = createBatchingPredictor(
      predictor,
      1,
      { maxBatch: 32, waitMs: 0, maxQueue: 1000 },
      undefined,
      recent,
    );
    const answers = [batching.predict(new Float32Array(40).fill(7), { client: 'greedy' })];
    await turn();
    for (const client of ['greedy', 'honest']) recent.see(client);
    answers.push(batching.predict(Float32Array.of(1), { client: 'honest' }));
    while (batching.numQueued > 0) {
      open();
      await turn();
    }
    expect(batches.map(({ length }) => length)).toEqual([32, 9]);
    answers.push(batching.predict(new Float32Array(40).fill(7), { client: 'greedy' }));
    while (batching.numQueued > 0) {
      await turn();
      open();
    }
    await Promise.all(answers);
    expect(batches.slice(2).map(({ length }) => length)).toEqual([8, 8, 8, 8, 8]);
  });

  it('gives each of two clients as many images as the other', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, { ...LIMITS, maxQueue: 1000 });
    const ask = (client: string, value: number) =>
      Array.from({ length: 20 }, () => batching.predict(Float32Array.of(value), { client }));
    const answers = [...ask('first', 1), ...ask('second', 2)];
    for (let i = 0; i < 10; i++) {
      await turn();
      open();
    }
    await Promise.all(answers);
    expect(batches.map((batch) => batch.filter((value) => value === 1).length)).toEqual(new Array(10).fill(2));
  });

  it('always leaves room for a client that has nothing in the queue', async () => {
    const { predictor, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    const accepted = [8, 4, 2].map((count, i) => batching.predict(new Float32Array(count), { client: `client ${i}` }));
    await expect(batching.predict(Float32Array.of(1), { client: 'client 0' })).rejects.toThrow(
      'the queue has room for 5 images of this client and holds 8; retry in a second',
    );
    expect(() => {
      batching.requireRoom('newcomer', 1);
    }).not.toThrow();
    while (batching.numQueued > 0) {
      open();
      await turn();
    }
    await Promise.all(accepted);
  });

  it('leaves out the images of a client that has gone', async () => {
    const { predictor, batches, open } = gatedPredictor();
    const batching = createBatchingPredictor(predictor, 1, LIMITS);
    let isGone = false;
    const dropped = batching.predict(Float32Array.of(1, 2, 3, 4, 5, 6), { client: 'a', isGone: () => isGone });
    const kept = batching.predict(Float32Array.of(9), { client: 'b' });
    await turn();
    isGone = true;
    open();
    await expect(dropped).rejects.toThrow('the client must wait for the answer, but it has disconnected');
    await turn();
    open();
    expect([...(await kept)]).toEqual([18]);
    expect(batches).toEqual([[1, 2, 3, 4], [9]]);
    expect(batching.numQueued).toBe(0);
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
      new ApiError('OVERLOADED', 'the queue has room for 8 images of this client and holds 7; retry in a second'),
    );
    for (const count of [7, 8]) {
      const answer = count === 7 ? accepted : batching.predict(new Float32Array(count));
      await turn();
      open();
      await turn();
      open();
      expect(await answer).toHaveLength(count);
    }
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
