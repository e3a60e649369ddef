import { normaliseImages } from '@digits/data';
import { createSimdEngine } from '@digits/engine-simd/node';
import { createClassifier } from '@digits/model';
import { loadModel, pretrainedModelDirectory } from '@digits/model/node';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fuzz } from './testing/fuzz.ts';
import { saveMarkerModel } from './testing/marker-model.ts';
import { createDice } from './testing/mutations.ts';
import { itWithPython, runPython } from './testing/python.ts';
import { residentMiB, type RunningService, startLoad, startService } from './testing/running-service.ts';

jest.setTimeout(900_000);

const COUNT = 20_000;
/** Number of requests before memory is measured: they fill caches and heaps. */
const WARM_UP = 5000;

describe('the running service', () => {
  let model: string;
  let service: RunningService;
  beforeAll(async () => {
    model = await saveMarkerModel();
    service = await startService(['--model', model, '--rate-limit', '0']);
  });
  afterAll(async () => {
    service.kill('SIGTERM');
    await service.ended;
    await rm(dirname(model), { recursive: true });
  });

  it(`answers ${COUNT} mutated requests soundly, without growing`, async () => {
    const port = Number(new URL(service.address).port);
    expect(await fuzz(port, 1000, WARM_UP, 16)).toEqual([]);
    const before = residentMiB(service);
    expect(await fuzz(port, 1000 + WARM_UP, COUNT - WARM_UP, 16)).toEqual([]);
    const after = residentMiB(service);
    process.stderr.write(`resident memory: ${before?.toFixed(0) ?? '?'} MiB, then ${after?.toFixed(0) ?? '?'} MiB\n`);
    if (before !== null && after !== null) expect(after - before).toBeLessThan(64);
    expect((await fetch(`${service.address}/v2/health/ready`)).status).toBe(200);
    expect(service.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  itWithPython('schemathesis', 'is as its OpenAPI document says (schemathesis)', async (python) => {
    const folder = await mkdtemp(join(tmpdir(), 'digits-schemathesis-'));
    // Excluded check: that everything the schema allows is accepted. No schema describes an image file, or data that fit a shape.
    const options = [
      '--checks',
      'all',
      '--exclude-checks',
      'positive_data_acceptance',
      '--max-examples',
      '100',
      '--seed',
      '1',
    ];
    const args = [
      '-m',
      'schemathesis.cli',
      'run',
      `${service.address}/openapi.json`,
      ...options,
      '--suppress-health-check',
      'all',
    ];
    try {
      const { status, stdout, stderr } = runPython(python, args, folder);
      expect({ status, output: status === 0 ? '' : stdout.slice(-5000) + stderr }).toEqual({ status: 0, output: '' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Throughput peaks at about 64 connections: from there on requests only wait. */
const PEAK_CONNECTIONS = 64;
const SECONDS = 60;
const IMAGES = 4;

/** Grey noise from a fixed seed: the test compares the answers with those of an idle classifier. */
const dice = createDice(1);
const pixels = Uint8Array.from({ length: IMAGES * 784 }, () => dice.below(256));
const header = Buffer.from(
  JSON.stringify({
    inputs: [
      {
        name: 'images',
        shape: [IMAGES, 28, 28, 1],
        datatype: 'UINT8',
        parameters: { binary_data_size: pixels.length },
      },
    ],
    outputs: [{ name: 'probabilities' }],
  }),
);
const payload = Buffer.concat([header, pixels]);
const headers = { 'inference-header-content-length': String(header.length) };

function probabilitiesIn(body: string): number[] {
  return (JSON.parse(body) as { outputs: { data: number[] }[] }).outputs[0].data;
}

describe('the service with five times the connections that it can use', () => {
  let service: RunningService;
  beforeAll(async () => {
    // A queue of a tenth of the images that will be asked for at once.
    service = await startService([
      '--rate-limit',
      '0',
      '--log-level',
      'info',
      '--max-queue',
      '256',
      '--max-images',
      '128',
    ]);
  });
  afterAll(async () => {
    service.kill('SIGTERM');
    await service.ended;
  });

  it(`answers or refuses for ${SECONDS} s, then is as before`, async () => {
    const url = `${service.address}/v2/models/digits/infer`;
    const classifier = await createClassifier(
      await loadModel(pretrainedModelDirectory()),
      createSimdEngine({ threads: 1 }),
    );
    const expected = await classifier.probabilities(normaliseImages(pixels));
    await classifier.dispose();

    const warmUp = startLoad(url, payload, headers, PEAK_CONNECTIONS);
    await sleep(3000);
    await warmUp.stop();
    const before = residentMiB(service) ?? 0;
    const load = startLoad(url, payload, headers, 5 * PEAK_CONNECTIONS);
    await sleep(SECONDS * 1000);
    const during = residentMiB(service) ?? 0;
    await load.stop();

    const { outcomes } = load;
    const answered = outcomes.filter(({ status }) => status === 200);
    const refused = outcomes.filter(({ status }) => status === 503);
    const refusalMs = refused.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
    const within = (share: number): string => refusalMs[Math.floor(share * (refusalMs.length - 1))].toFixed(0);
    const numSlow = refusalMs.filter((ms) => ms > 250).length;
    process.stderr.write(
      `${answered.length} answered, ${refused.length} refused (99% of them within ${within(0.99)} ms, 99.9% within ${within(0.999)} ms, all within ${within(1)} ms; ` +
        `${numSlow} took more than the 250 ms that are the goal on a machine with nothing else to do), ` +
        `${before.toFixed(0)} MiB before and ${during.toFixed(0)} MiB at the end\n`,
    );
    expect(outcomes.length).toBe(answered.length + refused.length);
    expect(answered.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    const bodies = new Set(answered.map(({ body }) => body));
    for (const body of bodies) {
      probabilitiesIn(body).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 5);
      });
    }
    for (const body of new Set(refused.map(({ body: text }) => text.replace(/holds \d+/, 'holds n')))) {
      expect(body).toBe(
        '{"error":"the queue has room for 128 images of this client and holds n; retry in a second","code":"OVERLOADED"}',
      );
    }
    expect(during - before).toBeLessThan(128);

    const after = startLoad(url, payload, headers, 8);
    await sleep(2000);
    await after.stop();
    expect(new Set(after.outcomes.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
