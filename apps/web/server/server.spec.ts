import { get, type IncomingHttpHeaders } from 'node:http';
import { compressSite, contentPolicy } from './preparation.ts';
import { serveSite, type ServedSite, type SiteOptions } from './server.ts';
import { makeSite, SITE } from './site.fixture.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(parts).toString('latin1'),
        });
      });
    }).on('error', reject);
  });
}

describe('serveSite', () => {
  let site: Awaited<ReturnType<typeof makeSite>>;
  const open: ServedSite[] = [];

  const start = async (options: Partial<SiteOptions> = {}) => {
    const served = await serveSite({ folder: site.folder, port: 0, ...options });
    open.push(served);
    return served.url;
  };

  beforeAll(async () => {
    site = await makeSite();
    await compressSite(site.folder);
  });
  afterEach(() => Promise.all(open.splice(0).map((served) => served.close())));
  afterAll(() => site.remove());

  it.each(['/train', '/train/', '/train/index.html'])('answers %s with the page and its own policy', async (path) => {
    const { status, headers, body } = await ask((await start()) + path);
    expect(status).toBe(200);
    expect(body).toBe(SITE['train/index.html']);
    expect(headers['content-type']).toBe('text/html;charset=utf-8');
    expect(headers['content-security-policy']).toBe(
      `${contentPolicy(SITE['train/index.html'])}; frame-ancestors 'none'`,
    );
  });

  it('isolates pages and everything that they load', async () => {
    const url = await start();
    for (const path of ['/', '/sw.js', '/model/weights.bin']) {
      expect((await ask(url + path)).headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  it('leaves isolation out when asked to', async () => {
    const { headers } = await ask(await start({ isolated: false }));
    expect(headers).not.toHaveProperty('cross-origin-opener-policy');
    expect(headers).not.toHaveProperty('cross-origin-embedder-policy');
    expect(headers).toHaveProperty('content-security-policy');
  });

  it('lets browsers keep hashed files for good and ask about all others', async () => {
    const url = await start();
    const hashed = await ask(`${url}/_next/static/chunks/a1b2.js`);
    expect(hashed.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const worker = await ask(`${url}/sw.js`);
    expect(worker.headers['cache-control']).toBe('no-cache');
    const again = await ask(`${url}/sw.js`, { 'if-none-match': worker.headers.etag ?? '' });
    expect(again.status).toBe(304);
  });

  it.each([
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['identity', undefined],
  ])('answers Accept-Encoding: %s with %s', async (accepted, encoding) => {
    const { headers } = await ask(`${await start()}/_next/static/chunks/a1b2.js`, { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers['content-type']).toBe('text/javascript');
  });

  it('gives a packed data file as it is', async () => {
    const { headers, body } = await ask(`${await start()}/mnist/images.gz`, { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('identity');
    expect(headers['content-type']).toBe('application/gzip');
    expect(body).toBe('packed');
  });

  it('answers what is not there with the page 404.html and status 404', async () => {
    const { status, headers, body } = await ask(`${await start()}/nowhere`);
    expect(status).toBe(404);
    expect(body).toBe(SITE['404.html']);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toBe(`${contentPolicy(SITE['404.html'])}; frame-ancestors 'none'`);
  });

  it('reaches no file outside its folder', async () => {
    expect((await ask(`${await start()}/..%2f..%2fetc%2fpasswd`)).status).toBe(404);
  });

  it('serves below a base path, to which the root leads', async () => {
    const url = await start({ basePath: '/digits' });
    expect(url).toMatch(/^http:\/\/localhost:\d+\/digits$/);
    expect((await ask(`${url}/train/`)).body).toBe(SITE['train/index.html']);
    const root = await ask(new URL('/', url).href);
    expect([root.status, root.headers.location]).toEqual([302, '/digits/']);
    expect((await ask(new URL('/digitsfoo', url).href)).status).toBe(404);
  });

  it('says which port is taken', async () => {
    const port = Number(new URL(await start()).port);
    await expect(serveSite({ folder: site.folder, port })).rejects.toThrow(
      `serveSite: port must be free, got localhost:${port}, which another program uses; choose another`,
    );
  });

  it('says that the site is not built', async () => {
    await expect(serveSite({ folder: '/nowhere/site', port: 0 })).rejects.toThrow(
      'serveSite: folder must hold a built site, got /nowhere/site without index.html; npm run web builds it',
    );
  });
});
