import { contentPolicy, withPolicy } from './policy.ts';

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
