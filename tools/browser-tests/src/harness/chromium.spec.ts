import { jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Each test loads the module anew, because it finds a browser once. */
function load() {
  jest.resetModules();
  return import('./chromium.ts');
}

const env = { ...process.env };
const { platform } = process;

function pretend(value: NodeJS.Platform): void {
  Object.defineProperty(process, 'platform', { value });
}

afterEach(() => {
  process.env = { ...env };
  pretend(platform);
});

describe('findChromium', () => {
  it('takes the browser that CHROMIUM_PATH names', async () => {
    process.env.CHROMIUM_PATH = process.execPath;
    expect((await load()).findChromium()).toEqual({
      executablePath: process.execPath,
      env: {},
      source: 'CHROMIUM_PATH',
    });
  });

  it('refuses a CHROMIUM_PATH that names nothing', async () => {
    process.env.CHROMIUM_PATH = join('no', 'browser');
    const { findChromium } = await load();
    expect(findChromium).toThrow(`findChromium: CHROMIUM_PATH must name a browser, got "${join('no', 'browser')}"`);
  });

  it('finds none on a Windows without a browser', async () => {
    delete process.env.CHROMIUM_PATH;
    const empty = mkdtempSync(join(tmpdir(), 'digits-'));
    process.env.PROGRAMFILES = empty;
    process.env['PROGRAMFILES(X86)'] = empty;
    process.env.LOCALAPPDATA = empty;
    pretend('win32');
    expect((await load()).findChromium()).toBeNull();
    rmSync(empty, { recursive: true });
  });
});

describe('chromiumForTests', () => {
  const line =
    'chromiumForTests: the page needs a Chromium, got none; set CHROMIUM_PATH or install Chrome, Chromium or Edge';

  beforeEach(() => {
    delete process.env.CHROMIUM_PATH;
    for (const name of ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']) process.env[name] = join('no', 'folder');
    pretend('win32');
  });

  it('says what is skipped where there is no browser', async () => {
    delete process.env.CI;
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect((await load()).chromiumForTests('the page')).toBeNull();
    expect(write).toHaveBeenCalledWith(`skipped: ${line}\n`);
    write.mockRestore();
  });

  it('fails instead of skipping in CI', async () => {
    process.env.CI = 'true';
    const { chromiumForTests } = await load();
    expect(() => chromiumForTests('the page')).toThrow(line);
  });
});
