import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { compressSite, contentPolicy, withPolicy, writePolicies } from './preparation.ts';
import { LONG_SCRIPT, makeSite, SITE } from './site.fixture.ts';

/** The example and hash of https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/script-src */
const SCRIPT = "alert('Hello, world.');";
const HASH = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";

const scriptSources = (html: string) => /script-src ([^;]*)/.exec(contentPolicy(html))?.[1];

describe('contentPolicy', () => {
  it('allows files of the site and WebAssembly alone in a page without scripts', () => {
    expect(scriptSources('<p>Hello')).toBe("'self' 'wasm-unsafe-eval'");
  });

  it('lets workers be files or strings of the site', () => {
    expect(contentPolicy('')).toContain("; worker-src 'self' blob:;");
  });

  it("adds the hash of each inline script's exact text, once", () => {
    const html = `<script>${SCRIPT}</script><SCRIPT nonce=">">${SCRIPT}</SCRIPT >`;
    expect(scriptSources(html)).toBe(`'self' 'wasm-unsafe-eval' ${HASH}`);
  });

  it('adds nothing for scripts that are files, or data', () => {
    const html = `<script src="/a.js" async></script><script type="application/json">${SCRIPT}</script>`;
    expect(scriptSources(html)).toBe("'self' 'wasm-unsafe-eval'");
  });

  it('never allows inline scripts in general, nor eval', () => {
    expect(scriptSources(`<script>${SCRIPT}</script>`)).not.toMatch(/'unsafe-(inline|eval)'/);
  });
});

describe('withPolicy', () => {
  const HTML = `<!doctype html><html><head><meta charSet="utf-8"/><script>${SCRIPT}</script></head></html>`;

  it('puts the policy right after the charset, before any script', () => {
    expect(withPolicy(HTML)).toBe(
      '<!doctype html><html><head><meta charSet="utf-8"/>' +
        `<meta http-equiv="Content-Security-Policy" content="${contentPolicy(HTML)}">` +
        `<script>${SCRIPT}</script></head></html>`,
    );
  });

  it('gives the same when done twice', () => {
    expect(withPolicy(withPolicy(HTML))).toBe(withPolicy(HTML));
  });

  it('refuses a page without a charset', () => {
    expect(() => withPolicy('<p>Hello')).toThrow(
      new RangeError('withPolicy: html must have a <meta charset>, got a page without'),
    );
  });
});

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
