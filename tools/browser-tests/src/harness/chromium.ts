import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium as playwright } from 'playwright-core';

/** A Chromium that can be started. */
export interface Chromium {
  readonly executablePath: string;
  /** Added to the browser's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly source: 'CHROMIUM_PATH' | 'installed' | '@sparticuz/chromium';
}

/** `software`: WebGL and WebGPU on SwiftShader, the processor's stand-in for a graphics card. */
export type Graphics = 'none' | 'software';

const QUIET_FLAGS = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A container's /dev/shm may hold 64 MB only.
  '--disable-dev-shm-usage',
];

const GRAPHICS_FLAGS: Record<Graphics, readonly string[]> = {
  none: ['--disable-gpu'],
  software: [
    '--use-gl=angle',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
  ],
};

let found: Chromium | null | undefined;

/**
 * Finds a Chromium: the one that `CHROMIUM_PATH` names, else an installed Chrome, Chromium or Edge, else (Linux on x64)
 * the one inside the npm package `@sparticuz/chromium`, unpacked once under `node_modules/.cache`.
 *
 * @returns null where there is none
 * @throws Error where `CHROMIUM_PATH` names no file
 */
export function findChromium(): Chromium | null {
  found ??= named(process.env.CHROMIUM_PATH) ?? installed() ?? packaged();
  return found;
}

/**
 * As {@link findChromium}, for a spec file to choose between `describe` and `describe.skip` with. Where there is no Chromium
 * it prints a line that says what is skipped; with `CI` set it throws instead, so that a skip cannot pass for a success.
 *
 * @param what what is tested, e.g. `engine-simd in the page`
 */
export function chromiumForTests(what: string): Chromium | null {
  const chromium = findChromium();
  if (chromium !== null) return chromium;
  const line = `chromiumForTests: ${what} needs a Chromium, got none; set CHROMIUM_PATH or install Chrome, Chromium or Edge`;
  if (process.env.CI !== undefined && process.env.CI !== '') throw new Error(line);
  process.stderr.write(`skipped: ${line}\n`);
  return null;
}

/**
 * Starts a headless Chromium; the caller closes it.
 *
 * @param flags further flags of its command line
 */
export function launchChromium(
  chromium: Chromium,
  graphics: Graphics = 'none',
  flags: readonly string[] = [],
): Promise<Browser> {
  return playwright.launch({
    executablePath: chromium.executablePath,
    env: { ...process.env, ...chromium.env },
    args: [...QUIET_FLAGS, ...GRAPHICS_FLAGS[graphics], ...flags],
  });
}

function named(path: string | undefined): Chromium | null {
  if (path === undefined || path === '') return null;
  if (!existsSync(path)) throw new Error(`findChromium: CHROMIUM_PATH must name a browser, got "${path}"`);
  return { executablePath: path, env: {}, source: 'CHROMIUM_PATH' };
}

function installed(): Chromium | null {
  const path = candidates().find((candidate) => existsSync(candidate) && starts(candidate));
  return path === undefined ? null : { executablePath: path, env: {}, source: 'installed' };
}

function candidates(): readonly string[] {
  const { env } = process;
  switch (process.platform) {
    case 'win32':
      return [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
        .filter((folder) => folder !== undefined)
        .flatMap((folder) => [
          join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
          join(folder, 'Chromium', 'Application', 'chrome.exe'),
          join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
        ]);
    case 'darwin':
      return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
        (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
      );
    default:
      return ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'microsoft-edge'].flatMap(
        (name) => (env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)),
      );
  }
}

/** Ubuntu's `chromium-browser` may be a script that only says how to get a browser. Windows answers with a window. */
function starts(path: string): boolean {
  if (process.platform === 'win32') return true;
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

function packaged(): Chromium | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const script = fileURLToPath(new URL('../../src/harness/unpack-chromium.mjs', import.meta.url));
  const run = spawnSync(process.execPath, [script], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  if (run.status !== 0) throw new Error(`findChromium: @sparticuz/chromium could not be unpacked; ${run.stderr}`);
  const unpacked = JSON.parse(run.stdout) as { executablePath: string; libraries: string; fonts: string };
  const libraries = [process.env.LD_LIBRARY_PATH, unpacked.libraries].filter(Boolean).join(delimiter);
  return {
    executablePath: unpacked.executablePath,
    env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_PATH: unpacked.fonts },
    source: '@sparticuz/chromium',
  };
}
