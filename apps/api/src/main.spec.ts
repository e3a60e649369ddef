import { createModel } from '@digits/model';
import { saveModel } from '@digits/model/node';
import { rm, mkdtemp, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fuzz } from './testing/fuzz.ts';
import { markedImage, markerModel, saveMarkerModel } from './testing/marker-model.ts';
import { runService, startLoad, startService } from './testing/running-service.ts';

let model: string;
beforeAll(async () => {
  model = await saveMarkerModel();
});
afterAll(() => rm(dirname(model), { recursive: true }));

const PAYLOAD = Buffer.from(
  JSON.stringify({
    inputs: [{ name: 'images', shape: [1, 28, 28], datatype: 'UINT8', data: markedImage(6, 255) }],
    outputs: [{ name: 'digit' }],
  }),
);
const ANSWER =
  '{"model_name":"digits","model_version":"1","outputs":[{"name":"digit","datatype":"INT32","shape":[1],"data":[6]}]}';

/** Sends raw bytes and reads until the connection is closed. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}

/** Windows has no SIGTERM: a process ends at once there. */
const onUnix = process.platform === 'win32' ? it.skip : it;

const portOf = (address: string): number => Number(new URL(address).port);

describe('the running service', () => {
  onUnix('ends on SIGTERM without losing a request that it accepted', async () => {
    const service = await startService(['--model', model, '--rate-limit', '0']);
    const load = startLoad(
      `${service.address}/v2/models/digits/infer`,
      PAYLOAD,
      { 'content-type': 'application/json' },
      16,
      ({ status }) => status !== 200,
    );
    while (load.outcomes.length < 200) await sleep(10);
    service.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    await load.stop();
    const kinds = new Set(
      load.outcomes.map(({ status, errorCode, wasReused }) => `${status ?? errorCode} ${wasReused}`),
    );
    // A new connection finds nobody listening; one that was in use is told so.
    for (const kind of kinds)
      expect(kind).toMatch(/^(200 (true|false)|503 (true|false)|ECONNREFUSED false|ECONNRESET false)$/);
    const answered = load.outcomes.filter(({ status }) => status === 200);
    expect(answered.length).toBeGreaterThanOrEqual(200);
    expect(new Set(answered.map(({ body }) => body))).toEqual(new Set([ANSWER]));
    const logged = service.log.filter(({ route, status }) => status === 200 && String(route).endsWith('/infer'));
    expect(logged).toHaveLength(answered.length);
  });

  onUnix('is not ready while it drains, and still answers', async () => {
    const service = await startService(['--model', model, '--drain', '1500']);
    service.kill('SIGTERM');
    while (!service.log.some(({ msg }) => msg === 'ending')) {
      // The log is written twice a second; readiness changes at once.
      if ((await fetch(`${service.address}/v2/health/ready`)).status === 503) break;
    }
    const ready = await fetch(`${service.address}/v2/health/ready`);
    expect([ready.status, ((await ready.json()) as { code: string }).code]).toEqual([503, 'NOT_READY']);
    const answer = await fetch(`${service.address}/v2/models/digits/infer`, { method: 'POST', body: PAYLOAD });
    expect(await answer.text()).toBe(ANSWER);
    expect(await service.ended).toBe(0);
  });

  onUnix(
    'serves another model after SIGHUP without losing a request, and keeps it where the folder holds none',
    async () => {
      const folder = await saveMarkerModel();
      const service = await startService(['--model', folder, '--rate-limit', '0']);
      const url = `${service.address}/v2/models/digits/infer`;
      const load = startLoad(url, PAYLOAD, { 'content-type': 'application/json' }, 8);
      const sees = async (text: string): Promise<void> => {
        while (!service.log.some(({ msg }) => msg === text)) await sleep(20);
      };
      try {
        // The same network, whose rule now rejects everything.
        const { architecture, weights, metadata } = markerModel();
        const rejection = { score: 'confidence', threshold: 2 } as const;
        await saveModel(folder, createModel(architecture, weights, { ...metadata, rejection }));
        service.kill('SIGHUP');
        await sees('reloaded');
        const changed = await fetch(url, { method: 'POST', body: PAYLOAD });
        expect(await changed.text()).toBe(ANSWER.replace('[6]', '[-1]'));
        await rm(join(folder, 'weights.bin'));
        service.kill('SIGHUP');
        await sees('not reloaded');
        expect(await (await fetch(url, { method: 'POST', body: PAYLOAD })).text()).toBe(ANSWER.replace('[6]', '[-1]'));
      } finally {
        await load.stop();
        service.kill('SIGTERM');
        await service.ended;
        await rm(dirname(folder), { recursive: true });
      }
      const bodies = new Set(load.outcomes.map(({ status, body }) => `${String(status)} ${body}`));
      expect([...bodies].sort()).toEqual([`200 ${ANSWER.replace('[6]', '[-1]')}`, `200 ${ANSWER}`].sort());
    },
  );

  it('answers what is no HTTP, and what comes too slowly, in the form of all errors', async () => {
    const service = await startService(['--model', model, '--timeout', '500']);
    const port = portOf(service.address);
    try {
      const noise = await exchange(port, 'GET / HTTP/9.9\r\n\r\n');
      expect(noise).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(noise).toMatch(/\r\n\r\n\{"error":"the request must be HTTP\/1\.1","code":"INVALID_REQUEST"\}$/);
      const large = await exchange(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`);
      expect(large).toMatch(/"code":"HEADERS_TOO_LARGE"\}$/);
      const slow = await exchange(
        port,
        'POST /v2/models/digits/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"inputs"',
      );
      expect(slow).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
      expect(slow).toMatch(/"code":"REQUEST_TIMEOUT"\}$/);
    } finally {
      service.kill('SIGTERM');
      await service.ended;
    }
  });

  it('answers 500 mutated requests soundly and lives on', async () => {
    const service = await startService(['--model', model, '--rate-limit', '0', '--log-level', 'info']);
    try {
      expect(await fuzz(portOf(service.address), 1, 500, 8)).toEqual([]);
      expect((await fetch(`${service.address}/v2/health/ready`)).status).toBe(200);
    } finally {
      service.kill('SIGTERM');
      await service.ended;
    }
    expect(service.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it('takes its options from the environment, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'digits-tokens-'));
    const tokensFile = join(folder, 'tokens');
    await writeFile(tokensFile, 'open sesame\n\n');
    const service = await startService([], {
      DIGITS_MODEL: model,
      DIGITS_TOKENS_FILE: tokensFile,
      DIGITS_MODEL_NAME: 'mine',
    });
    try {
      const path = `${service.address}/v2/models/mine`;
      expect((await fetch(path)).status).toBe(401);
      expect((await fetch(path, { headers: { authorization: 'Bearer open sesame' } })).status).toBe(200);
    } finally {
      service.kill('SIGTERM');
      await service.ended;
      await rm(folder, { recursive: true });
    }
  });

  it.each([
    [['--prot', '1'], 2, "error: unknown option '--prot'"],
    [['--port', '70000'], 2, 'It must be a whole number from 0 to 65535.'],
    [['--cors', 'example.org'], 2, 'It must be origins such as https://example.org, or *.'],
    [['--trust-proxy', 'maybe'], 2, 'It must be true or false.'],
    [['--max-queue', '5'], 2, 'error: --max-images must be at most half of --max-queue 5, got 2048'],
    [['--port', '0', '--model', 'nowhere'], 1, 'error: loadModel: folder must hold model.json and weights.bin, got no'],
    [['--tokens-file', 'nowhere'], 1, `error: --tokens-file must be a readable file, got ${resolve('nowhere')}`],
  ])('ends with one clear line for %j', async (args, code, text) => {
    const { code: found, stderr } = await runService(args);
    expect(found).toBe(code);
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('says so where another program listens at its port', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      expect(await runService(['--host', '127.0.0.1', '--port', String(port), '--model', model])).toEqual({
        code: 1,
        stderr: `error: --port must be free, got 127.0.0.1:${port}, which another program uses; choose another\n`,
      });
    } finally {
      other.close();
    }
  });
});
