import type { ReadingJson } from '@digits/reader';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PictureFile } from './picture-files.ts';

const APPS = join(__dirname, '..', '..', '..', '..', 'apps');

/** One line of `predict --json`. */
export type Prediction = ReadingJson & { readonly file: string };

/** Runs `predict --json` of the built command line on files, and returns its lines. */
export function predictFiles(files: readonly PictureFile[]): Prediction[] {
  const folder = mkdtempSync(join(tmpdir(), 'digits-'));
  try {
    const paths = files.map(({ name }) => join(folder, name));
    files.forEach(({ buffer }, i) => {
      writeFileSync(paths[i], buffer);
    });
    const commandLine = join(APPS, 'trainer', 'dist', 'main.js');
    const run = spawnSync(process.execPath, [commandLine, 'predict', '--json', ...paths], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`predict: must end well, got ${String(run.status)}: ${run.stderr}`);
    return run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Prediction);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The built service while it runs. */
export interface RunningService {
  readonly port: string;
  readonly stop: () => void;
}

/** Starts the built service on a free port of this machine; the caller stops it. */
export async function startService(): Promise<RunningService> {
  const service = spawn(
    process.execPath,
    [join(APPS, 'api', 'dist', 'main.js'), '--host', '127.0.0.1', '--port', '0'],
    // The service refuses variables that it does not know.
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, DIGITS_SAMPLES: undefined } },
  );
  return { port: await portOf(service), stop: () => service.kill() };
}

/** Waits until the service listens. */
function portOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      const found = /listening at http:\/\/127\.0\.0\.1:(\d+)/.exec(log);
      if (found !== null) resolve(found[1]);
    });
    child.on('exit', (code) => {
      reject(new Error(`the service must start, but it ended with ${String(code)}; is apps/api built?`));
    });
  });
}
