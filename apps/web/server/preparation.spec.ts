import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { withPolicy } from './policy.ts';
import { compressSite, writePolicies } from './preparation.ts';
import { LONG_SCRIPT, makeSite, SITE } from './site.fixture.ts';

describe('writePolicies', () => {
  it('writes the policy into every page', async () => {
    const { folder, remove } = await makeSite();
    await writePolicies(folder, '');
    for (const page of ['index.html', 'train/index.html', '404.html']) {
      expect(await readFile(join(folder, page), 'utf8')).toBe(withPolicy(SITE[page]));
    }
    await remove();
  });

  it('writes isolation and caching for hosts that read _headers, below the base path', async () => {
    const { folder, remove } = await makeSite();
    await writePolicies(folder, '/digits');
    const lines = (await readFile(join(folder, '_headers'), 'utf8')).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '/digits/*',
        '  cross-origin-opener-policy: same-origin',
        '  cross-origin-embedder-policy: require-corp',
        '/digits/_next/static/*',
        '  cache-control: public, max-age=31536000, immutable',
      ]),
    );
    await remove();
  });

  it('refuses a folder without a site', async () => {
    await expect(writePolicies('/nowhere/site', '')).rejects.toThrow(
      new Error(
        'writePolicies: folder must hold a built site, got /nowhere/site without index.html; npm run web builds it',
      ),
    );
  });
});

describe('compressSite', () => {
  it('writes both copies beside a file that gets smaller, and none beside others', async () => {
    const { folder, remove } = await makeSite();
    await compressSite(folder);
    const script = join(folder, '_next', 'static', 'chunks', 'a1b2.js');
    expect(brotliDecompressSync(await readFile(`${script}.br`)).toString()).toBe(LONG_SCRIPT);
    expect(gunzipSync(await readFile(`${script}.gz`)).toString()).toBe(LONG_SCRIPT);
    expect(existsSync(join(folder, 'sw.js.gz'))).toBe(false);
    expect(existsSync(join(folder, 'mnist', 'images.gz.gz'))).toBe(false);
    await remove();
  });
});
