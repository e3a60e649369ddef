import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectRefusal, openTestApp, type TestApp } from './testing/test-app.ts';
import { markedImage } from './testing/marker-model.ts';

const INFER = '/v2/models/digits/infer';
const BODY = { inputs: [{ name: 'images', shape: [1, 28, 28], datatype: 'FP32', data: markedImage(3) }] };

describe('buildApp', () => {
  let service: TestApp;
  beforeAll(async () => {
    service = await openTestApp();
  });
  afterAll(() => service.close());

  it('says where things are', async () => {
    const { links } = (await service.app.inject('/')).json<{ links: Record<string, string> }>();
    for (const [name, path] of Object.entries(links)) {
      const { statusCode } = await service.app.inject(path);
      expect([name, statusCode]).toEqual([name, name === 'digits' || name === 'infer' ? 405 : 200]);
    }
  });

  it('answers what is not there, and methods that a path does not take', async () => {
    expectRefusal(
      await service.app.inject('/v3?secret=1'),
      404,
      'NOT_FOUND',
      'the path must be one of those listed at /',
    );
    const wrong = await service.app.inject({ method: 'DELETE', url: `${INFER}?x=1` });
    expectRefusal(wrong, 405, 'METHOD_NOT_ALLOWED', 'DELETE must be POST at this path');
    expect(wrong.headers.allow).toBe('POST');
  });

  it('refuses addresses that are none', async () => {
    expectRefusal(await service.app.inject('/v2/models/%E0%A4%A'), 400, 'INVALID_REQUEST');
    expectRefusal(await service.app.inject(`/v2/models/${'x'.repeat(300)}`), 414, 'URI_TOO_LONG');
  });

  it('sends headers that keep browsers careful', async () => {
    const { headers } = await service.app.inject('/v2');
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('gives a request the id that it came with, where that is safe to log', async () => {
    const ids = await Promise.all(
      ['abc-1', 'a b', 'x'.repeat(200)].map(async (id) => {
        const { headers } = await service.app.inject({ url: '/v2', headers: { 'x-request-id': id } });
        return headers['x-request-id'];
      }),
    );
    expect(ids[0]).toBe('abc-1');
    expect(ids[1]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[2]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('logs one line a request, without what was asked', async () => {
    await service.app.inject({ url: '/v2/models/digits?token=hidden', headers: { 'x-request-id': 'logged' } });
    const lines = service.log.filter(({ reqId }) => reqId === 'logged');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ method: 'GET', route: '/v2/models/:model', status: 200, msg: 'answered' });
    expect(JSON.stringify(lines)).not.toContain('hidden');
  });

  it('counts what Prometheus asks for', async () => {
    await service.app.inject({ method: 'POST', url: INFER, payload: BODY });
    const response = await service.app.inject('/metrics');
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const line of [
      /^digits_http_requests_total\{method="POST",route="\/v2\/models\/:model\/infer",status="200"\} \d+$/m,
      /^digits_http_request_duration_seconds_bucket\{le="0.001",method="GET",route="\/v2",status="200"\} \d+$/m,
      /^digits_build_info\{version="1.2.3",node="v[\d.]+"\} 1$/m,
      /^digits_model_info\{name="digits",version="1",preset="marker",weights_sha256="[0-9a-f]{64}"\} 1$/m,
      /^digits_model_loads_total\{outcome="loaded"\} 1$/m,
      /^digits_log_lines_lost_total 0$/m,
      /^digits_ready 1$/m,
      /^digits_answers_total\{source="tensor",rejected="false"\} \d+$/m,
      /^digits_batch_images_bucket\{le="1"\} \d+$/m,
      /^digits_inference_duration_seconds_count \d+$/m,
      /^digits_queue_images 0$/m,
      /^digits_queue_pictures 0$/m,
      /^nodejs_eventloop_lag_p99_seconds /m,
    ]) {
      expect(response.body).toMatch(line);
    }
  });

  it('describes itself in OpenAPI 3.1, from the schemas that validate', async () => {
    interface Operation {
      readonly requestBody?: { readonly content: Record<string, { schema?: Record<string, unknown> }> };
      readonly responses: Record<string, unknown>;
    }
    const document = (await service.app.inject('/openapi.json')).json<{
      openapi: string;
      paths: Record<string, Record<string, Operation>>;
    }>();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual(
      [
        '/',
        '/metrics',
        '/v1/digits',
        '/v1/models/{model}',
        '/v1/models/{model}/metadata',
        '/v1/models/{model}/versions/{version}',
        '/v1/models/{model}/versions/{version}/metadata',
        '/v1/models/{model}/versions/{version}:predict',
        '/v1/models/{model}:predict',
        '/v2',
        '/v2/health/live',
        '/v2/health/ready',
        '/v2/models/{model}',
        '/v2/models/{model}/infer',
        '/v2/models/{model}/ready',
        '/v2/models/{model}/versions/{version}',
        '/v2/models/{model}/versions/{version}/infer',
        '/v2/models/{model}/versions/{version}/ready',
      ].sort(),
    );
    const { post } = document.paths['/v2/models/{model}/infer'];
    expect(Object.keys(post.requestBody?.content ?? {})).toEqual(['application/json', 'application/octet-stream']);
    expect(post.requestBody?.content['application/json'].schema?.required).toEqual(['inputs']);
    expect(Object.keys(post.responses)).toEqual(['200', '400', '404', '413', '414', '415', '429', '500', '503']);
  });

  it('writes its OpenAPI document once, with a unique operation id for each operation', async () => {
    const write = jest.spyOn(service.app, 'swagger');
    const [first, second] = [await service.app.inject('/openapi.json'), await service.app.inject('/docs/json')];
    await service.app.inject('/docs/yaml');
    await service.app.inject('/docs/yaml');
    expect(write.mock.calls.length).toBeLessThanOrEqual(2);
    write.mockRestore();
    expect(second.body).toBe(first.body);
    const { paths } = first.json<{ paths: Record<string, Record<string, { operationId?: string }>> }>();
    const ids = Object.values(paths).flatMap((operations) => Object.values(operations).map((each) => each.operationId));
    expect(ids.filter((id) => id === undefined)).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    [{ url: '/docs/static/..%00' }, 403, 'FORBIDDEN'],
    [{ url: '/docs/static/swagger-ui.css', headers: { range: 'bytes=99999999-' } }, 416, 'RANGE_NOT_SATISFIABLE'],
    [{ url: '/docs/static/swagger-ui.css', headers: { 'if-match': '"x"' } }, 412, 'PRECONDITION_FAILED'],
    [{ url: '/v2', headers: { expect: '200-ok' } }, 417, 'EXPECTATION_FAILED'],
    [{ method: 'POST' as const, url: '/v1/models/a:b:predict' }, 404, 'NOT_FOUND'],
  ])('refuses %j with %s', async (request, status, code) => {
    expectRefusal(await service.app.inject(request), status, code);
  });

  it('has a page of documentation that asks no other host', async () => {
    const page = await service.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source);
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      expect(source).toMatch(/^\/docs\//);
      expect([source, (await service.app.inject(source)).statusCode]).toEqual([source, 200]);
    }
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.headers['content-security-policy']).not.toMatch(/https?:|upgrade-insecure-requests/);
  });

  it('says nothing of its inside when it fails', async () => {
    const broken = await openTestApp();
    try {
      await broken.host.requireServed().predictor.dispose();
      const response = await broken.app.inject({
        method: 'POST',
        url: INFER,
        payload: BODY,
        headers: { 'x-request-id': 'r-9' },
      });
      expectRefusal(response, 500, 'INTERNAL', /^the service failed; its log has the request id$/);
      const [line] = broken.log.filter(({ reqId, msg }) => reqId === 'r-9' && msg === 'unexpected error');
      expect(JSON.stringify(line)).toContain('disposed');
    } finally {
      await broken.close().catch(() => {});
    }
  });
});

describe('buildApp before its model is loaded', () => {
  it('lives, is not ready, and answers no question', async () => {
    const loading = await openTestApp({}, false);
    try {
      expect((await loading.app.inject('/v2/health/live')).json()).toEqual({ live: true });
      expectRefusal(
        await loading.app.inject('/v2/health/ready'),
        503,
        'NOT_READY',
        'the service must be ready, but it is loading',
      );
      expectRefusal(await loading.app.inject({ method: 'POST', url: INFER, payload: BODY }), 503, 'NOT_READY');
      await loading.host.load();
      expect((await loading.app.inject('/v2/health/ready')).json()).toEqual({ live: true, ready: true });
    } finally {
      await loading.close();
    }
  });

  it('is not ready while draining, and refuses when closing', async () => {
    const draining = await openTestApp();
    try {
      draining.host.drain();
      expectRefusal(await draining.app.inject('/v2/health/ready'), 503, 'NOT_READY', 'but it is draining');
      const answered = await draining.app.inject({ method: 'POST', url: INFER, payload: BODY });
      expect([answered.statusCode, answered.headers.connection]).toEqual([200, 'close']);
      draining.host.close();
      expectRefusal(await draining.app.inject({ method: 'POST', url: INFER, payload: BODY }), 503, 'SHUTTING_DOWN');
    } finally {
      await draining.close();
    }
  });
});

describe('buildApp with limits', () => {
  it('limits each address', async () => {
    const limited = await openTestApp({ rateLimit: 3 });
    try {
      const ask = (remoteAddress: string) => limited.app.inject({ url: '/v2', remoteAddress });
      for (let i = 0; i < 3; i++) expect((await ask('192.0.2.1')).statusCode).toBe(200);
      const refused = await ask('192.0.2.1');
      expectRefusal(refused, 429, 'RATE_LIMITED', 'an address may send 3 requests per minute; retry in');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect((await ask('192.0.2.2')).statusCode).toBe(200);
      expect((await limited.app.inject({ url: '/v2/health/live', remoteAddress: '192.0.2.1' })).statusCode).toBe(200);
      // Without a proxy in front, nobody may choose an address.
      const disguised = { url: '/v2', remoteAddress: '192.0.2.1', headers: { 'x-forwarded-for': '192.0.2.9' } };
      expect((await limited.app.inject(disguised)).statusCode).toBe(429);
    } finally {
      await limited.close();
    }
  });

  it('counts requests that are refused or find nothing, and goes on when the clock is set back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'digits-tokens-'));
    const tokensFile = join(folder, 'tokens');
    await writeFile(tokensFile, 'a-token\n');
    const limited = await openTestApp({ rateLimit: 4, tokensFile });
    const clock = jest.spyOn(Date, 'now');
    try {
      const ask = (method: 'GET' | 'DELETE', url: string) =>
        limited.app.inject({ method, url, remoteAddress: '192.0.2.1' });
      expect((await ask('GET', '/v3')).statusCode).toBe(404);
      expect((await ask('DELETE', '/v2')).statusCode).toBe(405);
      expect((await ask('GET', '/v2')).statusCode).toBe(401);
      expect((await ask('GET', '/metrics')).statusCode).toBe(401);
      for (const url of ['/v3', '/v2', '/metrics']) expectRefusal(await ask('GET', url), 429, 'RATE_LIMITED');
      clock.mockReturnValue(0);
      const refused = await ask('GET', '/v2');
      expect(refused.statusCode).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect((await ask('GET', '/v2/health/live')).statusCode).toBe(200);
    } finally {
      clock.mockRestore();
      await limited.close();
      await rm(folder, { recursive: true });
    }
  });

  it('limits the address that the proxy in front saw, even if the client claims another one', async () => {
    const limited = await openTestApp({ rateLimit: 1, trustProxy: true });
    try {
      const ask = (forwardedFor: string) =>
        limited.app.inject({ url: '/v2', remoteAddress: '10.0.0.1', headers: { 'x-forwarded-for': forwardedFor } });
      expect((await ask('192.0.2.1')).statusCode).toBe(200);
      expect((await ask('192.0.2.2')).statusCode).toBe(200);
      // The proxy appends to what the client sent.
      expect((await ask('192.0.2.9, 192.0.2.1')).statusCode).toBe(429);
      // Some proxies append the port, too.
      expect((await ask('192.0.2.2:40001')).statusCode).toBe(429);
    } finally {
      await limited.close();
    }
  });

  it('limits bodies', async () => {
    const limited = await openTestApp({ maxBody: 1000 });
    try {
      expectRefusal(
        await limited.app.inject({ method: 'POST', url: INFER, payload: BODY }),
        413,
        'BODY_TOO_LARGE',
        'the body must have at most 1000 bytes; send',
      );
      const form = new FormData();
      form.append('picture', new Blob([new Uint8Array(2000)]), 'large.png');
      const encoded = new Response(form);
      const response = await limited.app.inject({
        method: 'POST',
        url: '/v1/digits',
        headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
        payload: Buffer.from(await encoded.arrayBuffer()),
      });
      expectRefusal(response, 413, 'BODY_TOO_LARGE', 'the body must have at most 1000 bytes; send');
    } finally {
      await limited.close();
    }
  });

  it('asks for a token of those it knows, except for probes and documentation', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'digits-tokens-'));
    const tokensFile = join(folder, 'tokens');
    await writeFile(tokensFile, '# two clients\nfirst: first-token\nsecond-token\n');
    const guarded = await openTestApp({ tokensFile });
    try {
      const ask = (authorization?: string) =>
        guarded.app.inject({
          method: 'POST',
          url: INFER,
          payload: BODY,
          headers: authorization === undefined ? {} : { authorization },
        });
      for (const wrong of [
        undefined,
        'Bearer',
        'Bearer third-token',
        'Bearer first-toke',
        'Basic first-token',
        'first-token',
      ]) {
        expectRefusal(await ask(wrong), 401, 'UNAUTHORIZED', 'the header Authorization must be "Bearer"');
      }
      expect((await ask('Bearer first-token')).statusCode).toBe(200);
      // The scheme of RFC 9110 has no case.
      expect((await ask('bearer second-token')).statusCode).toBe(200);
      expect((await ask('Bearer third-token')).headers['www-authenticate']).toBe('Bearer realm="digits"');
      const document = (await guarded.app.inject('/openapi.json')).json<{
        security: unknown;
        paths: Record<string, Record<string, { security?: unknown; responses: Record<string, unknown> }>>;
      }>();
      expect(document.security).toEqual([{ token: [] }]);
      for (const [path, operations] of Object.entries(document.paths)) {
        const isOpen = ['/', '/v2/health/live', '/v2/health/ready'].includes(path);
        for (const { security, responses } of Object.values(operations)) {
          expect({ path, security, is401: '401' in responses }).toEqual({
            path,
            security: isOpen ? [] : undefined,
            is401: !isOpen,
          });
        }
      }
      for (const path of ['/metrics', '/v2', '/v2/models/digits']) {
        expectRefusal(await guarded.app.inject(path), 401, 'UNAUTHORIZED');
      }
      for (const path of ['/', '/v2/health/live', '/v2/health/ready', '/openapi.json', '/docs']) {
        expect([path, (await guarded.app.inject(path)).statusCode]).toEqual([path, 200]);
      }
    } finally {
      await guarded.close();
      await rm(folder, { recursive: true });
    }
  });

  it('lets in pages of the origins that it was told', async () => {
    const open = await openTestApp({ corsOrigins: ['https://example.org'] });
    try {
      const from = async (origin: string) => (await open.app.inject({ url: '/v2', headers: { origin } })).headers;
      expect((await from('https://example.org'))['access-control-allow-origin']).toBe('https://example.org');
      expect((await from('https://example.com'))['access-control-allow-origin']).not.toBe('https://example.com');
      const preflight = await open.app.inject({
        method: 'OPTIONS',
        url: '/v1/digits',
        headers: { origin: 'https://example.org', 'access-control-request-method': 'POST' },
      });
      expect([preflight.statusCode, preflight.headers['access-control-allow-methods']]).toEqual([
        204,
        'GET, HEAD, POST',
      ]);
    } finally {
      await open.close();
    }
  });
});
