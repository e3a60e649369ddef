import { planOf, randomDataset, randomWeights, sessionSettings, smallNetwork } from '@digits/engine-contract';
import { resolveObjectURL } from 'node:buffer';
import { Worker as NodeWorker } from 'node:worker_threads';
import { createSimdEngine, defaultThreads, engineThreadSource } from './index.ts';
import { createSimdEngine as createInNode } from './node.ts';

const ARCHITECTURE = smallNetwork(0.2);
const SETTINGS = sessionSettings(ARCHITECTURE);
const DATASET = randomDataset(ARCHITECTURE, 64, 5);
const WEIGHTS = randomWeights(ARCHITECTURE, 2);
/** More than what is predicted at once on the calling thread. */
const IMAGES = Float32Array.from(randomDataset(ARCHITECTURE, 150, 6).images, (value) => value / 255);

/** The messages of a web worker, to a program of one in a thread of Node's. */
const BROWSER_NAMES = `
  const { parentPort } = require('node:worker_threads');
  globalThis.postMessage = (data) => parentPort.postMessage(data);
  globalThis.addEventListener = (_, listener) => parentPort.on('message', (data) => listener({ data }));
`;

/** A web worker in Node that runs a script. */
class ScriptWorker {
  readonly #worker: NodeWorker;

  constructor(script: string) {
    this.#worker = new NodeWorker(BROWSER_NAMES + script, { eval: true });
  }

  postMessage(data: unknown): void {
    this.#worker.postMessage(data);
  }

  addEventListener(type: string, listener: (event: { data?: unknown; message?: string }) => void): void {
    this.#worker.on(type, (value: Error) => {
      listener(type === 'error' ? { message: value.message } : { data: value });
    });
  }

  terminate(): void {
    void this.#worker.terminate();
  }
}

const asWorker = (worker: ScriptWorker): Worker => worker as unknown as Worker;

/** Gives the program that is run here what a page has. */
function inPage(isIsolated: boolean, Worker: unknown): void {
  Object.assign(globalThis, { crossOriginIsolated: isIsolated, Worker });
}

/** What a network answers, and what training makes of it. */
async function figuresOf(engine: ReturnType<typeof createSimdEngine>): Promise<unknown> {
  const predictor = await engine.createPredictor(ARCHITECTURE, WEIGHTS);
  const logits = await predictor.predict(IMAGES);
  await predictor.dispose();
  const session = await engine.createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
  const report = await session.trainSteps(planOf([16, 16, 7], DATASET.count));
  const state = await session.getState();
  await session.dispose();
  return { logits, report, state };
}

describe('createSimdEngine in a browser', () => {
  let inNode: unknown;

  beforeAll(async () => {
    inNode = await figuresOf(createInNode({ threads: 2 }));
  });
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
    Reflect.deleteProperty(globalThis, 'Worker');
  });

  it.each([0, 9, 2.5])('refuses %d threads', (threads) => {
    expect(() => createSimdEngine({ threads })).toThrow(
      new RangeError(`createSimdEngine: threads must be a whole number from 1 to 8, got ${threads}`),
    );
  });

  it("gives Node's bits on the calling thread where the page is not isolated, and makes no worker", async () => {
    const createWorker = jest.fn();
    inPage(false, ScriptWorker);
    expect(await figuresOf(createSimdEngine({ threads: 3, createWorker }))).toEqual(inNode);
    expect(createWorker).not.toHaveBeenCalled();
  });

  it("gives Node's bits on workers that the caller makes", async () => {
    const createWorker = jest.fn(() => asWorker(new ScriptWorker(engineThreadSource)));
    inPage(true, ScriptWorker);
    expect(await figuresOf(createSimdEngine({ threads: 3, createWorker }))).toEqual(inNode);
    // Three for the predictor, three for the session.
    expect(createWorker).toHaveBeenCalledTimes(6);
  });

  it('makes its workers from a blob that it lets go of', async () => {
    const blobs: Blob[] = [];
    const addresses: string[] = [];
    inPage(
      true,
      class extends ScriptWorker {
        constructor(address: string) {
          super(engineThreadSource);
          addresses.push(address);
          const blob = resolveObjectURL(address);
          if (blob !== undefined) blobs.push(blob as Blob);
        }
      },
    );
    const predictor = await createSimdEngine({ threads: 2 }).createPredictor(ARCHITECTURE, WEIGHTS);
    const logits = await predictor.predict(IMAGES);
    await predictor.dispose();
    expect(inNode).toMatchObject({ logits });
    expect(await Promise.all(blobs.map((blob) => blob.text()))).toEqual([engineThreadSource, engineThreadSource]);
    expect(blobs.map(({ type }) => type)).toEqual(['text/javascript', 'text/javascript']);
    expect(addresses.map((address) => resolveObjectURL(address))).toEqual([undefined, undefined]);
  });

  it('passes on what a worker died of', async () => {
    inPage(true, ScriptWorker);
    const createWorker = () => asWorker(new ScriptWorker('throw new Error("no such script")'));
    const predictor = await createSimdEngine({ threads: 2, createWorker }).createPredictor(ARCHITECTURE, WEIGHTS);
    await expect(predictor.predict(IMAGES)).rejects.toThrow(
      /^engine-simd: thread [01] of 2 must live, but it ended with "no such script"$/,
    );
    await predictor.dispose();
  });

  it('refuses the rest of a batch once the predictor is disposed of', async () => {
    inPage(false, ScriptWorker);
    const predictor = await createSimdEngine().createPredictor(ARCHITECTURE, WEIGHTS);
    const stopped = expect(predictor.predict(IMAGES)).rejects.toThrow(
      'predict: the predictor must be in use, but it was disposed',
    );
    await predictor.dispose();
    await stopped;
  });

  it('refuses further steps once the session is disposed of', async () => {
    inPage(false, ScriptWorker);
    const session = await createSimdEngine().createTrainingSession(ARCHITECTURE, SETTINGS, DATASET);
    const stopped = expect(session.trainSteps(planOf([16, 16], DATASET.count))).rejects.toThrow('disposed');
    await session.dispose();
    await stopped;
  });
});

describe('defaultThreads', () => {
  const navigatorHere = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
    Reflect.deleteProperty(globalThis, 'Worker');
    Reflect.deleteProperty(globalThis, 'navigator');
    if (navigatorHere !== undefined) Object.defineProperty(globalThis, 'navigator', navigatorHere);
  });

  it.each([
    { isIsolated: true, cores: 4, threads: 4 },
    { isIsolated: true, cores: 12, threads: 8 },
    { isIsolated: false, cores: 12, threads: 1 },
  ])('is $threads with $cores cores, isolated: $isIsolated', ({ isIsolated, cores, threads }) => {
    inPage(isIsolated, ScriptWorker);
    Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: cores }, configurable: true });
    expect(defaultThreads()).toBe(threads);
  });
});
