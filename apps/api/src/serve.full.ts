import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { itWithPython } from './testing/python.ts';
import { startService } from './testing/running-service.ts';

jest.setTimeout(300_000);

const ROOT = join(__dirname, '..', '..', '..');
const PYTHON = join(__dirname, '..', 'python');
const SEVEN = readFileSync(join(ROOT, 'docs', 'images', 'seven.jpg'));

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the child must have a pipe, got none');
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error('the child must print a line, but it ended');
}

describe('telemetry', () => {
  itWithPython('opentelemetry.proto', 'is OTLP that the official protocol buffers read', async (python) => {
    const receiver = spawn(python, [join(PYTHON, 'receive_otlp.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    const port = await firstLine(receiver);
    const service = await startService([], { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    await fetch(`${service.address}/v1/digits`, {
      method: 'POST',
      body: SEVEN,
      headers: { 'content-type': 'image/jpeg', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    service.kill('SIGTERM');
    await service.ended;
    const printed = firstLine(receiver);
    receiver.stdin.end();
    const { spans, metrics, resource } = JSON.parse(await printed) as {
      spans: { name: string; kind: number; traceId: string; parentId: string; attributes: string[] }[];
      metrics: Record<string, unknown>;
      resource: Record<string, string>;
    };
    expect(resource).toMatchObject({ 'service.name': 'digits-api' });
    const span = spans.find(({ name }) => name === 'POST /v1/digits');
    // 2 is a span of a server.
    expect(span).toMatchObject({ kind: 2, traceId, parentId: '00f067aa0ba902b7' });
    expect(span?.attributes).toEqual(expect.arrayContaining(['digits.reading_ms', 'http.response.status_code']));
    expect(metrics).toMatchObject({
      digits_answers_total: { kind: 'sum', sum: 1 },
      digits_http_request_duration_seconds: { kind: 'histogram', count: 1, sound: true },
      digits_ready: { kind: 'gauge' },
    });
  });
});

describe('feedback', () => {
  const folder = mkdtempSync(join(tmpdir(), 'digits-feedback-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is what the trainer adds to its training images', async () => {
    const service = await startService(['--feedback-store', folder]);
    const { status } = await fetch(`${service.address}/v1/feedback?label=7`, {
      method: 'POST',
      body: SEVEN,
      headers: { 'content-type': 'image/jpeg' },
    });
    const drawn = await fetch(`${service.address}/v1/feedback?label=1`, {
      method: 'POST',
      body: JSON.stringify({ strokes: [[[50, 0], [48, 90]]] }), // prettier-ignore
      headers: { 'content-type': 'application/json' },
    });
    service.kill('SIGTERM');
    await service.ended;
    expect([status, drawn.status]).toEqual([201, 201]);
    const trainer = join(ROOT, 'apps', 'trainer', 'dist', 'main.js');
    const args = ['train', '--preset', 'fast', '--add', join(folder, 'labelled'), '--dry-run', '--json'];
    const { stdout, stderr } = spawnSync(process.execPath, [trainer, ...args], { encoding: 'utf8' });
    const plan = JSON.parse(stdout || `{"error": ${JSON.stringify(stderr)}}`) as object;
    // MNIST's 60,000 without the validation split, and the two of the store.
    expect(plan).toMatchObject({ dataset: { numTraining: 55_002 } });
  });

  itWithPython('moto.server', 'is stored in S3', async (python) => {
    const port = 40_000 + (process.pid % 20_000);
    const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    const endpoint = `http://127.0.0.1:${port}`;
    try {
      while ((await fetch(`${endpoint}/bucket`, { method: 'PUT' }).catch(() => null))?.ok !== true) await sleep(200);
      const service = await startService(['--feedback-store', 's3://bucket/pre/fix', '--max-feedback', '1'], {
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'secret',
      });
      const send = () =>
        fetch(`${service.address}/v1/feedback?label=7`, {
          method: 'POST',
          body: SEVEN,
          headers: { 'content-type': 'image/jpeg' },
        });
      const statuses = [(await send()).status, (await send()).status];
      service.kill('SIGTERM');
      await service.ended;
      expect(statuses).toEqual([201, 507]);
      const listing = await (await fetch(`${endpoint}/bucket?list-type=2`)).text();
      const [, key] = /<Key>(.*?)<\/Key>/.exec(listing) ?? [];
      expect(key).toMatch(/^pre\/fix\/labelled\/7\/[0-9a-f]{32}\.jpeg$/);
      // The entity tag is the MD5 of the content.
      expect(listing).toContain(createHash('md5').update(SEVEN).digest('hex'));
      expect(listing).toContain(`<Size>${SEVEN.length}</Size>`);
    } finally {
      server.kill('SIGKILL');
    }
  });
});
