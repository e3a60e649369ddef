import type { LightMyRequestResponse } from 'fastify';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildApp, type BuiltApp } from '../app.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import { saveMarkerModel } from './marker-model.ts';

/** The thread that reads pictures, as it is shipped. */
const WORKER_FILE = join(__dirname, '..', '..', 'dist', 'picture-worker.js');

/** An app over a marker model, and its log. */
export interface TestApp extends BuiltApp {
  /** Lines of the log, parsed. */
  readonly log: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

/** Builds an app as the command line does, with a model whose answers are known. */
export async function openTestApp(changes: Partial<Settings> = {}, isLoaded = true): Promise<TestApp> {
  if (!existsSync(WORKER_FILE))
    throw new Error('openTestApp: the service must be built first; run npx nx build @digits/api');
  const modelDir = changes.modelDir ?? (await saveMarkerModel());
  const settings = { ...DEFAULT_SETTINGS, threads: 2, pictureWorkers: 1, rateLimit: 0, ...changes, modelDir };
  const log: Record<string, unknown>[] = [];
  const logDestination = {
    write: (line: string) => {
      log.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  const built = await buildApp(settings, { workerFile: WORKER_FILE, version: '1.2.3', logDestination });
  if (isLoaded) await built.host.load();
  const close = async (): Promise<void> => {
    await built.app.close();
    if (changes.modelDir === undefined) await rm(dirname(modelDir), { recursive: true });
  };
  return { ...built, log, close };
}

/** What is expected of every refusal. */
export function expectRefusal(
  { statusCode, headers, body }: LightMyRequestResponse,
  status: number,
  code: string,
  text: string | RegExp = '',
): void {
  const parsed = JSON.parse(body) as { error: string; code: string };
  expect({ statusCode, code: parsed.code, error: parsed.error }).toEqual({
    statusCode: status,
    code,
    error:
      typeof text === 'string' ? (expect.stringContaining(text) as string) : (expect.stringMatching(text) as string),
  });
  expect(Object.keys(parsed).sort()).toEqual(['code', 'error']);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
}
