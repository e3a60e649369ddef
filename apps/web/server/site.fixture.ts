import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Text that compresses well. */
export const LONG_SCRIPT = `/* ${'long '.repeat(1000)} */`;

/** The files of a small site, by path. */
export const SITE: Readonly<Record<string, string>> = {
  'index.html': '<!doctype html><html><head><meta charset="utf-8"></head><script>1</script></html>',
  'train/index.html': '<!doctype html><html><head><meta charset="utf-8"></head><script>2</script></html>',
  '404.html': '<!doctype html><html><head><meta charset="utf-8"></head>nothing here</html>',
  '_next/static/chunks/a1b2.js': LONG_SCRIPT,
  'sw.js': '/* short */',
  'model/weights.bin': 'weights',
  'mnist/images.gz': 'packed',
};

/** Writes {@link SITE} into a folder of its own, which the caller removes with `remove`. */
export async function makeSite(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  for (const [path, content] of Object.entries(SITE)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
