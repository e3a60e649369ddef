import { spawn } from 'node:child_process';
import { closeSync, cpSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { saveMarkerModel } from './testing/marker-model.ts';
import { runService, type RunningService, startService } from './testing/running-service.ts';

const PROGRAM = join(__dirname, '..', 'dist', 'main.js');
const INFER = '/v2/models/digits/infer';
let model: string;
beforeAll(async () => {
  model = await saveMarkerModel();
});
afterAll(() => rm(dirname(model), { recursive: true }));

const portOf = ({ address }: RunningService): number => Number(new URL(address).port);

async function stop(service: RunningService): Promise<void> {
  service.kill('SIGTERM');
  await service.ended;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

const onUnix = process.platform === 'win32' ? it.skip : it;
const onLinux = process.platform === 'linux' ? it : it.skip;

describe('the service as a program', () => {
  onLinux('takes SIGHUP before its packages are loaded', async () => {
    const child = spawn(process.execPath, [PROGRAM, '--port', '0', '--model', model], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const ended = new Promise<string>((resolve) => {
      child.on('exit', (code, signal) => {
        resolve(`${String(code)} ${String(signal)}`);
      });
    });
    // SIGHUP is the lowest bit of the caught signals.
    await until(() => /^SigCgt:.*[13579bdf]$/m.test(readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8')));
    for (let i = 0; i < 20; i++) child.kill('SIGHUP');
    await until(() => log.includes('"ready"'));
    child.kill('SIGTERM');
    expect(await ended).toBe('0 null');
  });

  onUnix('joins reloads, and goes on after a model whose weights are a pipe', async () => {
    const folder = await saveMarkerModel();
    const service = await startService(['--model', folder]);
    const count = (text: string): number => service.log.filter(({ msg }) => msg === text).length;
    try {
      for (let i = 0; i < 50; i++) service.kill('SIGHUP');
      await until(() => count('reloaded') > 0);
      await rm(join(folder, 'weights.bin'));
      await new Promise((resolve) => spawn('mkfifo', [join(folder, 'weights.bin')]).on('close', resolve));
      service.kill('SIGHUP');
      await until(() => count('not reloaded') > 0);
      await rm(join(folder, 'weights.bin'));
      cpSync(join(model, 'weights.bin'), join(folder, 'weights.bin'));
      const before = count('reloaded');
      service.kill('SIGHUP');
      await until(() => count('reloaded') > before);
      expect((await fetch(`${service.address}/v2/health/ready`)).status).toBe(200);
      const metrics = await (await fetch(`${service.address}/metrics`)).text();
      expect(metrics).toMatch(/^digits_model_loads_total\{outcome="failed"\} 1$/m);
    } finally {
      await stop(service);
      await rm(dirname(folder), { recursive: true });
    }
  });

  onUnix('sends the whole response to a slow reader after SIGTERM', async () => {
    const service = await startService(['--model', model, '--max-images', '20000', '--max-queue', '40000']);
    const socket = connect(portOf(service), '127.0.0.1').pause();
    // The response has more bytes than the operating system buffers.
    const shape = [20_000, 28, 28];
    const pixels = Buffer.alloc(20_000 * 784);
    const input = { name: 'images', shape, datatype: 'UINT8', parameters: { binary_data_size: pixels.length } };
    const json = JSON.stringify({ inputs: [input] });
    socket.write(
      `POST ${INFER} HTTP/1.1\r\nHost: x\r\nInference-Header-Content-Length: ${json.length}\r\n` +
        `Content-Length: ${json.length + pixels.length}\r\n\r\n${json}`,
    );
    socket.write(pixels);
    await until(async () =>
      /^digits_open_responses [2-9]/m.test(await (await fetch(`${service.address}/metrics`)).text()),
    );
    await until(async () => /^digits_queue_images 0$/m.test(await (await fetch(`${service.address}/metrics`)).text()));
    service.kill('SIGTERM');
    // The port is closed and idle connections are, too, before the client reads.
    await sleep(2000);
    let received = '';
    for (;;) {
      const chunk = socket.read() as Buffer | null;
      if (chunk !== null) received += chunk.toString('latin1');
      else if (socket.readableEnded || socket.destroyed) break;
      await sleep(1);
    }
    const [head, content] = received.split('\r\n\r\n');
    expect(content).toHaveLength(Number(/content-length: (\d+)/i.exec(head)?.[1]));
    expect(await service.ended).toBe(0);
    expect(service.log.filter(({ msg, route }) => msg === 'answered' && String(route).endsWith('infer'))).toHaveLength(
      1,
    );
  });

  onUnix('cuts off a client that reads nothing, after --shutdown-timeout, and logs that it was dropped', async () => {
    const service = await startService([
      '--model',
      model,
      '--shutdown-timeout',
      '1000',
      '--max-json',
      '16',
      '--max-images',
      '4096',
    ]);
    const sockets = Array.from({ length: 4 }, () => connect(portOf(service), '127.0.0.1').pause());
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      // Long responses to short requests.
      socket.write(`GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(99));
    }
    // Four unread ones and that of this request.
    await until(async () =>
      /^digits_open_responses [5-9]/m.test(await (await fetch(`${service.address}/metrics`)).text()),
    );
    service.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.log.some(({ msg }) => msg === 'ending before all responses are sent')).toBe(true);
    expect(service.log.some(({ msg, dropped }) => msg === 'dropped' && dropped === 'response')).toBe(true);
    for (const socket of sockets) socket.destroy();
  });

  onLinux.each([
    ['to a full disk', 'full'],
    ['without a reader', 'pipe'],
  ])('answers and ends with a log %s', async (_, kind) => {
    const full = kind === 'full' ? openSync('/dev/full', 'w') : 'pipe';
    const port = await freePort();
    const args = ['--port', String(port), '--host', '127.0.0.1', '--model', model, '--rate-limit', '0'];
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', full, 'inherit'] });
    if (full !== 'pipe') closeSync(full);
    child.stdout?.pause();
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const ask = (path: string, id = 'x') =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'x-request-id': id } }).catch(() => null);
    await until(async () => (await ask('/v2/health/ready'))?.status === 200);
    // More lines than fit in the pipe.
    for (let i = 0; i < 500; i++) expect((await ask('/v2', 'y'.repeat(120)))?.status).toBe(200);
    const metrics = (await (await ask('/metrics'))?.text()) ?? '';
    const numLost = Number(/^digits_log_lines_lost_total (\d+)$/m.exec(metrics)?.[1]);
    if (kind === 'full') expect(numLost).toBeGreaterThan(0);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('has metrics and documentation on another port only, if it is asked for', async () => {
    const port = await freePort();
    const service = await startService(['--model', model, '--admin-port', String(port)]);
    try {
      const statusOf = async (base: string, path: string): Promise<number> => (await fetch(base + path)).status;
      const admin = `http://127.0.0.1:${port}`;
      for (const path of ['/metrics', '/docs', '/openapi.json']) {
        expect([path, await statusOf(service.address, path), await statusOf(admin, path)]).toEqual([path, 404, 200]);
      }
      expect(await statusOf(admin, '/v2/health/ready')).toBe(200);
      expect([await statusOf(service.address, '/v2'), await statusOf(admin, '/v2')]).toEqual([200, 404]);
      const { links } = (await (await fetch(service.address)).json()) as { links: object };
      expect(Object.keys(links)).not.toEqual(expect.arrayContaining(['metrics']));
      const document = (await (await fetch(`${admin}/openapi.json`)).json()) as { paths: object };
      expect(document.paths).toHaveProperty(['/v1/digits']);
    } finally {
      await stop(service);
    }
  });

  it('counts and logs requests that are dropped, too slow, too large, or no HTTP', async () => {
    const service = await startService(['--model', model, '--timeout', '500']);
    const send = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(portOf(service), '127.0.0.1', () => socket.write(text));
        socket.on('data', () => undefined);
        socket.on('close', () => {
          resolve();
        });
        socket.on('error', () => undefined);
        if (text.includes('DROP')) setTimeout(() => socket.destroy(), 200);
      });
    try {
      const start = `POST ${INFER} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n`;
      const form = `POST /v1/digits HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100\r\n\r\n--b\r\nDROP`;
      await send(`${start}\r\n{"inputs"`);
      await send(`${start}\r\nDROP`);
      await send(form);
      await send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`);
      await send('no HTTP\r\n\r\n');
      const metrics = await (await fetch(`${service.address}/metrics`)).text();
      for (const line of [
        'digits_errors_total{code="REQUEST_TIMEOUT"} 1',
        'digits_errors_total{code="HEADERS_TOO_LARGE"} 1',
        'digits_errors_total{code="INVALID_REQUEST"} 1',
        `digits_http_requests_dropped_total{method="POST",route="/v1/digits",phase="request"} 1`,
      ]) {
        expect(metrics.split('\n')).toContain(line);
      }
    } finally {
      await stop(service);
    }
    const refused = service.log.filter(({ msg }) => msg === 'connection refused').map(({ code }) => code);
    expect(refused.sort()).toEqual(['HEADERS_TOO_LARGE', 'INVALID_REQUEST', 'REQUEST_TIMEOUT']);
    expect(service.log.filter(({ msg }) => msg === 'dropped').length).toBeGreaterThanOrEqual(2);
    expect(service.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it('says where the time went, and gives the log the trace context, on request', async () => {
    const service = await startService(['--model', model]);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    try {
      const drawing = JSON.stringify({
        strokes: [
          [
            [0, 0],
            [60, 0],
            [25, 90],
          ],
        ],
      });
      const ask = (headers: Record<string, string>) =>
        fetch(`${service.address}/v1/digits`, {
          method: 'POST',
          body: drawing,
          headers: { 'content-type': 'application/json', ...headers },
        });
      const timed = await ask({ prefer: 'server-timing', traceparent });
      expect(timed.headers.get('server-timing')).toMatch(/^decoding;dur=[\d.]+, reading;dur=[\d.]+, total;dur=[\d.]+$/);
      expect(timed.headers.get('preference-applied')).toBe('server-timing');
      expect((await ask({ traceparent: 'no trace' })).headers.get('server-timing')).toBeNull();
    } finally {
      await stop(service);
    }
    const lines = service.log.filter(({ route }) => route === '/v1/digits');
    expect(lines.map((line) => line.traceparent)).toEqual([traceparent, undefined]);
    expect(lines[0].phases).toMatchObject({ reading: expect.any(Number) as number });
  });
});

describe('tokens', () => {
  it('change without a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'digits-tokens-'));
    const file = join(folder, 'tokens');
    await writeFile(file, '# one client\nshop: old-token\n');
    const service = await startService(['--model', model, '--tokens-file', file]);
    const ask = async (token: string): Promise<number> =>
      (await fetch(`${service.address}/v2`, { headers: { authorization: `Bearer ${token}` } })).status;
    try {
      expect([await ask('old-token'), await ask('new-token')]).toEqual([200, 401]);
      await writeFile(file, 'shop: new-token\nadmin: another\n');
      await until(async () => (await ask('new-token')) === 200);
      expect(await ask('old-token')).toBe(401);
      await writeFile(file, '');
      await until(() => service.log.some(({ msg }) => msg === 'tokens not reloaded'));
      const { status } = await fetch(`${service.address}/metrics`, { headers: { authorization: 'Bearer another' } });
      expect(status).toBe(200);
    } finally {
      await stop(service);
      await rm(folder, { recursive: true });
    }
  });
});

describe('telemetry', () => {
  it('sends spans and metrics to an OTLP receiver', async () => {
    const received = new Map<string, Buffer>();
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = request.url ?? '';
        received.set(path, Buffer.concat([received.get(path) ?? Buffer.alloc(0), ...chunks]));
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const service = await startService(['--model', model], {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=spec',
    });
    try {
      await fetch(`${service.address}/v2?secret=1`, {
        headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
      });
    } finally {
      await stop(service);
      receiver.closeAllConnections();
      receiver.close();
    }
    const traces = received.get('/v1/traces') ?? Buffer.alloc(0);
    const metrics = received.get('/v1/metrics') ?? Buffer.alloc(0);
    for (const text of [
      'digits-api',
      'deployment.environment.name',
      'GET /v2',
      Buffer.from('4bf92f3577b34da6a3ce929d0e0e4736', 'hex'),
    ]) {
      expect([text, traces.includes(text)]).toEqual([text, true]);
    }
    expect(traces.includes('secret')).toBe(false);
    for (const text of ['digits_http_requests_total', 'digits_http_request_duration_seconds', 'digits_model_info']) {
      expect([text, metrics.includes(text)]).toEqual([text, true]);
    }
    const line = service.log.find(({ route }) => route === '/v2');
    expect(line?.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
  });

  it('refuses what it does not have', async () => {
    expect(await runService(['--model', model], { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual({
      code: 1,
      stderr: 'error: OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf, got grpc\n',
    });
  });
});

/** Returns a port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
