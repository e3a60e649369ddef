/**
 * Unpacks the Chromium of `@sparticuz/chromium` once and prints `{ executablePath, libraries, fonts }` as JSON.
 *
 * A program of its own, because the package reads the environment when it is imported and unpacks into `os.tmpdir()`:
 * there, two test workers that start together would run a half-written binary, and leave 200 MB behind.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '147.0.0';

const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
const nodeModules = entry.slice(0, entry.lastIndexOf(`${sep}node_modules${sep}`) + `${sep}node_modules`.length);
const folder = join(nodeModules, '.cache', `digits-chromium-${VERSION}`);

if (!existsSync(folder)) {
  mkdirSync(dirname(folder), { recursive: true });
  const unpacked = mkdtempSync(`${folder}-`);
  // What os.tmpdir() reads, and what makes the package unpack the NSS libraries that many servers lack.
  process.env.TMPDIR = unpacked;
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  await chromium.executablePath();
  try {
    renameSync(unpacked, folder);
  } catch {
    // Another process was first; its copy is the same.
    rmSync(unpacked, { recursive: true, force: true });
  }
}

const fonts = join(folder, 'fonts');
// The package's own configuration names folders of a Lambda: without a font, a page with a text field ends the browser.
const configuration = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${fonts}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`;
const configurationFile = join(fonts, 'fonts.conf');
if (readFileSync(configurationFile, 'utf8') !== configuration) writeFileSync(configurationFile, configuration);

process.stdout.write(
  JSON.stringify({
    executablePath: join(folder, 'chromium'),
    libraries: join(folder, 'al2023', 'lib'),
    fonts,
  }),
);
