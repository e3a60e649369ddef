import type { Picture, Stroke } from '@digits/data';
import { createSimdEngine } from '@digits/engine-simd/node';
import { type Classifier, createClassifier, type Predictor } from '@digits/model';
import {
  loadModel,
  loadPretrainedInkModel,
  loadPretrainedTouchingModel,
  pretrainedModelDirectory,
} from '@digits/model/node';
import {
  createInkDetector,
  createReader,
  type Drawing,
  type Reader,
  type Reading,
  readingToJson,
} from '@digits/reader';
import { generateStrokes } from '@digits/synthesis';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { drawWithMouse } from '../harness/drawing.ts';
import { type PictureFile, picturesWithoutLoss } from './picture-files.ts';
import { predictFiles, type RunningService, startService } from './programs.ts';
import { describeInBrowser, readingOf, startSite, type TestSite, waitUntilReady } from './site.ts';

/** A call of a worker's function, with plain arrays in place of typed ones. */
interface WorkerCall {
  readonly name: string;
  readonly argument: unknown;
  /** Missing until the worker answers. */
  readonly result?: unknown;
}

/** A drawing in hundredths of the page's surface. */
const DRAWINGS: readonly (readonly [name: string, strokes: readonly Stroke[]])[] = [
  ['one digit', written('seven-plain', 20, 20, 60)],
  [
    'three digits in a row',
    [
      ...written('two-plain', 8, 35, 30),
      ...written('five-in-two-strokes', 40, 35, 30),
      ...written('seven-plain', 70, 35, 30),
    ],
  ],
  [
    'two rows',
    [
      ...written('one-plain', 15, 8, 34),
      ...written('four-open', 45, 8, 34),
      ...written('nine-straight', 15, 58, 34),
      ...written('three-round', 50, 58, 34),
    ],
  ],
];

/** Writes a digit of this height with its corner at a place. */
function written(variant: string, left: number, top: number, height: number): Stroke[] {
  const strokes = generateStrokes(variant, 7, 1);
  const points = strokes.flat();
  const [minX, minY, maxY] = [
    Math.min(...points.map(([x]) => x)),
    Math.min(...points.map(([, y]) => y)),
    Math.max(...points.map(([, y]) => y)),
  ];
  const scale = height / (maxY - minY);
  return strokes.map((stroke) =>
    stroke.map(([x, y]) => [left + (x - minX) * scale, top + (y - minY) * scale] as const),
  );
}

const NUM_PICTURES = 5;

describeInBrowser('the page, the service and the command line', () => {
  let site: TestSite;
  let service: RunningService;
  let classifier: Classifier;
  let touching: Classifier;
  let inkPredictor: Predictor;
  let reader: Reader;
  let files: readonly PictureFile[];

  beforeAll(async () => {
    [site, service, files] = await Promise.all([startSite(), startService(), picturesWithoutLoss()]);
    const engine = createSimdEngine({ threads: 1 });
    const { architecture, weights } = await loadPretrainedInkModel();
    classifier = await createClassifier(await loadModel(pretrainedModelDirectory()), engine);
    inkPredictor = await engine.createPredictor(architecture, weights);
    touching = await createClassifier(await loadPretrainedTouchingModel(), engine);
    reader = createReader(classifier, createInkDetector(inkPredictor), touching);
  });
  afterAll(async () => {
    service.stop();
    await site.close();
    await Promise.all([classifier.dispose(), touching.dispose(), inkPredictor.dispose()]);
  });

  it('are compared on inputs of every kind', async () => {
    const readings = await Promise.all(files.map(async (file) => reader.readImage(await decode(file))));
    expect(readings.map(({ mode, text, reason }) => [mode, text, reason])).toEqual([
      ['single', '2', null],
      ['multiple', '257', null],
      ['single', '', 'blank'],
      ['single', '?', 'notADigit'],
      ['single', '9', null],
    ]);
    expect(files).toHaveLength(NUM_PICTURES);
  });

  describe.each(Array.from({ length: NUM_PICTURES }, (_, i) => i))('read picture %i', (index) => {
    let file: PictureFile;
    let expected: Reading;

    beforeAll(async () => {
      file = files[index];
      expected = await reader.readImage(await decode(file), { explain: true });
    });

    it('in the page with the same images, steps and explanation', async () => {
      const page = await openRecorded(site);
      await page.getByTestId('upload').setInputFiles(file);
      await page.waitForSelector('[data-testid="picture"][data-status="read"]');
      const [{ result }] = await callsOf(page, 'picture');
      expect(result).toEqual({ ...(await sizeOf(file)), reading: plain(unexplained(expected)) });
      await expectSameAnswer(page, expected);
      await page.context().close();
    });

    it('in the service', async () => {
      const answer = await ask(service, new Blob([new Uint8Array(file.buffer)], { type: file.mimeType }));
      expect(answer).toEqual(plain(readingToJson(expected)));
    });

    it('on the command line', () => {
      const [{ file: path, ...answer }] = predictFiles([file]);
      expect(path.endsWith(file.name)).toBe(true);
      expect(answer).toEqual(plain(readingToJson(expected)));
    });
  });

  describe.each(DRAWINGS)('read a drawing of %s', (_, strokes) => {
    let page: Page;
    let drawing: Drawing;
    let inPage: unknown;
    let expected: Reading;

    // The points as the page records them go to the others.
    beforeAll(async () => {
      page = await openRecorded(site);
      await drawWithMouse(page, strokes, 1);
      const last = (await callsOf(page, 'drawing')).at(-1);
      drawing = last?.argument as Drawing;
      inPage = last?.result;
      expected = await reader.readDrawing(drawing, { explain: true });
    });
    afterAll(() => page.context().close());

    it('in the page with the same images, steps and explanation', async () => {
      expect(drawing.strokes).toHaveLength(strokes.length);
      expect(expected.digits.length).toBeGreaterThan(0);
      expect(inPage).toEqual(plain(unexplained(expected)));
      await expectSameAnswer(page, expected);
    });

    it('in the service', async () => {
      const answer = await ask(service, new Blob([JSON.stringify(drawing)], { type: 'application/json' }));
      expect(answer).toEqual(plain(readingToJson(expected)));
    });
  });
});

/** Compares what the page shows, and how it explains the first digit. */
async function expectSameAnswer(page: Page, expected: Reading): Promise<void> {
  expect(await readingOf(page)).toEqual(plain(readingToJson(expected)));
  if (expected.digits.length === 0) return;
  const [{ image, explanation }] = expected.digits;
  // A hand that pauses gets an explanation of what it has drawn so far.
  await page.waitForFunction(
    (argument) =>
      (globalThis as unknown as Recorded).workerCalls.some(
        (call) => call.name === 'explain' && 'result' in call && JSON.stringify(call.argument) === argument,
      ),
    JSON.stringify(plain(image)),
  );
  expect((await callsOf(page, 'explain')).at(-1)).toEqual({
    name: 'explain',
    argument: plain(image),
    result: plain(explanation),
  });
}

/** The page explains a digit only when it is looked at. */
function unexplained(reading: Reading): Reading {
  return { ...reading, digits: reading.digits.map((digit) => ({ ...digit, explanation: null })) };
}

/** Returns the pixels of an opaque picture as the page has them. */
async function decode({ buffer }: PictureFile): Promise<Picture> {
  const { data, info } = await sharp(buffer).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8ClampedArray(data), width: info.width, height: info.height, channels: 4 };
}

async function sizeOf(file: PictureFile): Promise<{ readonly width: number; readonly height: number }> {
  const { width, height } = await decode(file);
  return { width, height };
}

/** Returns the service's reading, without the model and the time. */
async function ask({ port }: RunningService, body: Blob): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/digits`, {
    method: 'POST',
    headers: { 'content-type': body.type },
    body,
  });
  const { model, time, ...reading } = (await response.json()) as Record<string, unknown>;
  expect([response.status, typeof model, typeof time]).toEqual([200, 'object', 'object']);
  return reading;
}

/** Opens the Draw page with every call of its workers written down. */
async function openRecorded(site: TestSite): Promise<Page> {
  const { page } = await site.open('/train/');
  await page.addInitScript(recordWorkers);
  await page.goto(`${site.url}/`);
  await waitUntilReady(page);
  return page;
}

/** Returns the calls of one function, once all are answered and no other has come for a while. */
async function callsOf(page: Page, name: string): Promise<readonly WorkerCall[]> {
  for (let numBefore = -1; ;) {
    const json = await page.evaluate(() => JSON.stringify((globalThis as unknown as Recorded).workerCalls));
    const calls = (JSON.parse(json) as WorkerCall[]).filter((call) => call.name === name);
    if (calls.length === numBefore && calls.every((call) => 'result' in call)) return calls;
    numBefore = calls.length;
    await page.waitForTimeout(300);
  }
}

interface Recorded {
  workerCalls: WorkerCall[];
}

/** Runs in the page before its scripts, and must stand alone: writes down the messages of Comlink. */
function recordWorkers(): void {
  interface Call {
    readonly type: string;
    readonly id: string;
    readonly path: readonly string[];
    readonly argumentList: readonly { readonly value: unknown }[];
  }
  const copy = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value ?? null, (_, each: unknown) =>
        ArrayBuffer.isView(each) ? [...(each as Uint8Array)] : each,
      ),
    );
  const calls: { name: string; argument: unknown; result?: unknown }[] = [];
  (globalThis as unknown as Recorded).workerCalls = calls;
  const NativeWorker = globalThis.Worker;
  globalThis.Worker = new Proxy(NativeWorker, {
    construct(target, [url, options]: [URL, WorkerOptions]) {
      const worker = new target(url, options);
      const waiting = new Map<string, (typeof calls)[number]>();
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: Call, ...rest: []) => {
        if (message.type === 'APPLY') {
          const call = { name: message.path.join('.'), argument: copy(message.argumentList[0]?.value) };
          waiting.set(message.id, call);
          calls.push(call);
        }
        post(message, ...rest);
      };
      worker.addEventListener('message', ({ data }: MessageEvent<{ id: string; value: unknown }>) => {
        const call = waiting.get(data.id);
        if (call !== undefined) call.result = copy(data.value);
      });
      return worker;
    },
  });
}

/** Returns a value as JSON carries it, typed arrays as plain ones. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each: unknown) => (ArrayBuffer.isView(each) ? [...(each as Uint8Array)] : each)),
  );
}
