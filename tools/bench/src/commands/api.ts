import { normaliseImages } from '@digits/data';
import { loadSplit } from '@digits/data/node';
import { createSimdEngine } from '@digits/engine-simd/node';
import type { Predictor } from '@digits/model';
import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, type LoadResult, startConstantServer, startService } from '../api/processes.ts';
import { count, describeMachine, type Machine, machineLine, markdownTable, median, percent } from '../report.ts';

/** How the service is measured. */
export interface ApiOptions {
  /** Of the model; the one that ships where left out. */
  readonly model?: string;
  /** For each course of each round. */
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  readonly progress: (line: string) => void;
}

/** One kind of request: the service, the constant answer, the engine, and what follows from them. */
export interface ApiCourse {
  readonly name: string;
  /** Images in a request. */
  readonly images: number;
  readonly bodyBytes: number;
  readonly answerBytes: number;
  /** Requests a second of the constant answer: H. */
  readonly constantRate: number;
  /** Requests a second that the engine could answer, asked one after the other: E. */
  readonly engineRate: number;
  readonly serviceRate: number;
  /** The service's rate over what it is measured by: 1 / (1/H + 1/E), or the engine's for a batch. */
  readonly share: number;
  /** What `share` must be at least. */
  readonly goal: number;
  readonly constantP99Ms: number;
  readonly serviceP99Ms: number;
  /** Three times the constant answer's, and one batch; null where there is no goal. */
  readonly p99LimitMs: number | null;
}

/** What `api` found; `--json` prints it. */
export interface ApiResults {
  readonly machine: Machine;
  readonly weightsSha256: string;
  readonly connections: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly courses: readonly ApiCourse[];
}

/** Most images that the service answers together. */
const SERVICE_BATCH = 32;
const PIXELS = 28 * 28;

interface Course {
  readonly name: string;
  readonly images: number;
  readonly goal: number;
  readonly connections: number;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** One round of one course. */
interface Round {
  readonly constant: LoadResult;
  readonly service: LoadResult;
  readonly engineRate: number;
  readonly share: number;
}

/**
 * Races the service against the same HTTP server with a constant answer, and against its engine, in turns.
 *
 * @throws Error where a server does not start or an answer is none
 */
export async function measureApi({ model, seconds, rounds, connections, progress }: ApiOptions): Promise<ApiResults> {
  const modelDir = model ?? pretrainedModelDirectory();
  const loaded = await loadModel(modelDir);
  const { images } = await loadSplit('mnist', 'test');
  const folder = await mkdtemp(join(tmpdir(), 'digits-bench-api-'));
  const service = await startService(['--model', modelDir]);
  const predictor = await createSimdEngine().createPredictor(loaded.architecture, loaded.weights);
  try {
    const courses: ApiCourse[] = [];
    for (const course of coursesOf(images, connections)) {
      const bodyFile = join(folder, 'body');
      await writeFile(bodyFile, course.body);
      const url = `${service.address}/v2/models/digits/infer`;
      const answer = await fetch(url, { method: 'POST', body: Uint8Array.from(course.body), headers: course.headers });
      if (!answer.ok) throw new Error(`bench api: ${course.name} must be answered, got ${await answer.text()}`);
      const answerBytes = (await answer.arrayBuffer()).byteLength;
      const type = answer.headers.get('content-type') ?? 'application/json';
      const constant = await startConstantServer({ '/constant': { type, bytes: answerBytes } });
      const ask = (address: string) =>
        load({ url: address, bodyFile, headers: course.headers, connections: course.connections, seconds });
      const turns: Round[] = [];
      try {
        // The first turn compiles what runs often, and is not counted.
        for (let i = 0; i <= rounds; i++) {
          const turn = await takeTurn(
            course,
            () => ask(`${constant.address}/constant`),
            () => ask(url),
            predictor,
            images,
          );
          if (i > 0) turns.push(turn);
          progress(`${course.name}, round ${i} of ${rounds}: ${percent(turn.share)}`);
        }
      } finally {
        await constant.stop();
      }
      const batchMs = await timeBatch(predictor, images);
      courses.push(summarise(course, turns, answerBytes, batchMs));
    }
    const { weightsSha256 } = loaded.metadata;
    return { machine: describeMachine(), weightsSha256, connections, seconds, rounds, courses };
  } finally {
    await predictor.dispose();
    await service.stop();
    await rm(folder, { recursive: true });
  }
}

function coursesOf(images: Uint8Array, connections: number): readonly Course[] {
  const tensor = (numImages: number, datatype: string) => ({ name: 'images', shape: [numImages, 28, 28, 1], datatype });
  const json = { inputs: [{ ...tensor(1, 'FP32'), data: [...normaliseImages(images.subarray(0, PIXELS))] }] };
  return [
    {
      name: 'one image, FP32 as JSON',
      images: 1,
      goal: 0.7,
      connections,
      body: Buffer.from(JSON.stringify(json)),
      headers: { 'content-type': 'application/json' },
    },
    { name: 'one image, UINT8 as bytes', images: 1, goal: 0.7, connections, ...framed(images, 1) },
    // Two connections: while one is answered, the other's body comes.
    { name: '128 images, UINT8 as bytes', images: 128, goal: 0.8, connections: 2, ...framed(images, 128) },
  ];
}

function framed(images: Uint8Array, numImages: number): Pick<Course, 'body' | 'headers'> {
  const bytes = images.subarray(0, numImages * PIXELS);
  const input = {
    name: 'images',
    shape: [numImages, 28, 28, 1],
    datatype: 'UINT8',
    parameters: { binary_data_size: bytes.length },
  };
  const header = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(header.length),
  };
  return { body: Buffer.concat([header, bytes]), headers };
}

async function takeTurn(
  course: Course,
  askConstant: () => Promise<LoadResult>,
  askService: () => Promise<LoadResult>,
  predictor: Predictor,
  images: Uint8Array,
): Promise<Round> {
  const constant = await askConstant();
  const engineRate = await rateOf(predictor, normaliseImages(images.subarray(0, course.images * PIXELS)));
  const service = await askService();
  for (const { statuses, errors } of [constant, service]) {
    if (errors > 0 || Object.keys(statuses).join() !== '200') {
      throw new Error(`bench api: all answers must be 200, got ${JSON.stringify(statuses)} and ${errors} errors`);
    }
  }
  const measure = course.images === 1 ? 1 / (1 / constant.rate + 1 / engineRate) : engineRate;
  return { constant, service, engineRate, share: service.rate / measure };
}

/** Calls a second, one after the other. */
async function rateOf(predictor: Predictor, batch: Float32Array): Promise<number> {
  const startedAt = performance.now();
  let numCalls = 0;
  while (performance.now() - startedAt < 1000) {
    await predictor.predict(batch);
    numCalls++;
  }
  return (1000 * numCalls) / (performance.now() - startedAt);
}

async function timeBatch(predictor: Predictor, images: Uint8Array): Promise<number> {
  return 1000 / (await rateOf(predictor, normaliseImages(images.subarray(0, SERVICE_BATCH * PIXELS))));
}

function summarise(course: Course, turns: readonly Round[], answerBytes: number, batchMs: number): ApiCourse {
  const middle = (read: (turn: Round) => number): number => median(turns.map(read));
  const constantP99Ms = middle(({ constant }) => constant.p99);
  return {
    name: course.name,
    images: course.images,
    bodyBytes: course.body.length,
    answerBytes,
    constantRate: middle(({ constant }) => constant.rate),
    engineRate: middle(({ engineRate }) => engineRate),
    serviceRate: middle(({ service }) => service.rate),
    share: middle(({ share }) => share),
    goal: course.goal,
    constantP99Ms,
    serviceP99Ms: middle(({ service }) => service.p99),
    p99LimitMs: course.images === 1 ? 3 * constantP99Ms + batchMs : null,
  };
}

/** Whether every course reached its goals. */
export function reachedApiGoals({ courses }: ApiResults): boolean {
  return courses.every(({ share, goal, serviceP99Ms, p99LimitMs }) => {
    return share >= goal && (p99LimitMs === null || serviceP99Ms <= p99LimitMs);
  });
}

/** The results as a section of a document. */
export function reportApi({ machine, weightsSha256, connections, seconds, rounds, courses }: ApiResults): string {
  const head = ['requests of', 'constant answer/s', 'engine/s', 'service/s', 'share', 'goal', 'p99 ms', 'limit'];
  const rows = courses.map((course) => [
    course.name,
    count(course.constantRate),
    count(course.engineRate),
    count(course.serviceRate),
    percent(course.share),
    percent(course.goal),
    course.serviceP99Ms.toFixed(1),
    course.p99LimitMs === null ? '' : course.p99LimitMs.toFixed(1),
  ]);
  return [
    `Requests a second of the service (weights ${weightsSha256.slice(0, 12)}), of the same HTTP server with a constant answer of the same size, and`,
    'of its engine alone. The share of one image is that of 1 / (1 / constant + 1 / engine), that of 128 images is of the engine.',
    `Medians of ${rounds} rounds of ${seconds} s, ${connections} connections (2 for 128 images), client and server on one machine: ${machineLine(machine)}.`,
    '',
    markdownTable(head, rows),
  ].join('\n');
}
