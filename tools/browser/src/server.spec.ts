import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from './server.ts';

describe('serve', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'digits-'));
    mkdirSync(join(folder, 'site'));
    writeFileSync(join(folder, 'site', 'index.html'), '<p>site</p>');
    writeFileSync(join(folder, 'secret.txt'), 'secret');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('serves the index of a folder, and given files before it', async () => {
    const { url, close } = await serve({ folder: join(folder, 'site'), files: { '/a.js': 'a' }, isolated: false });
    expect(await (await fetch(`${url}/`)).text()).toBe('<p>site</p>');
    const script = await fetch(`${url}/a.js`);
    expect([script.headers.get('content-type'), await script.text()]).toEqual(['text/javascript', 'a']);
    await close();
  });

  it('sends the two isolation headers only where asked', async () => {
    for (const isolated of [true, false]) {
      const { url, close } = await serve({ files: { '/index.html': '' }, isolated });
      const { headers } = await fetch(`${url}/`);
      expect(headers.get('cross-origin-opener-policy')).toBe(isolated ? 'same-origin' : null);
      expect(headers.get('cross-origin-embedder-policy')).toBe(isolated ? 'require-corp' : null);
      await close();
    }
  });

  it('answers 404 for what is not there', async () => {
    const { url, close } = await serve({ folder: join(folder, 'site'), isolated: false });
    expect((await fetch(`${url}/missing.js`)).status).toBe(404);
    await close();
  });

  it('serves nothing outside its folder', async () => {
    const { url, close } = await serve({ folder: join(folder, 'site'), isolated: false });
    const status = await new Promise((resolve, reject) => {
      const path = '/%2e%2e%2fsecret.txt';
      request(url, { path }, (response) => {
        resolve(response.resume().statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
    await close();
  });
});
