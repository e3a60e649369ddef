import type { LightMyRequestResponse } from 'fastify';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildApp, type BuiltApp } from '../app.ts';
import { defaultSettings, type Settings } from '../service/settings.ts';
import { saveMarkerModel } from './marker-model.ts';

/** Path of the built picture worker. */
const WORKER_FILE = join(__dirname, '..', '..', 'dist', 'picture-worker.js');

/** App over a marker model, with its log. */
export interface TestApp extends BuiltApp {
  /** Parsed lines of the log. */
  readonly log: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

/** Builds an app like the command line does, by default with a marker model. */
export async function openTestApp(changes: Partial<Settings> = {}, isLoaded = true): Promise<TestApp> {
  if (!existsSync(WORKER_FILE))
    throw new Error('openTestApp: the service must be built first; run npx nx build @digits/api');
  const modelDir = changes.modelDir ?? (await saveMarkerModel());
  const settings = { ...defaultSettings(), threads: 2, pictureWorkers: 1, rateLimit: 0, ...changes, modelDir };
  const log: Record<string, unknown>[] = [];
  const destination = {
    numLost: 0,
    write: (line: string) => {
      log.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  const built = await buildApp(settings, {
    workerFile: WORKER_FILE,
    jsonWorkerFile: join(dirname(WORKER_FILE), 'json-worker.js'),
    version: '1.2.3',
    log: destination,
  });
  if (isLoaded) await built.host.load();
  const close = async (): Promise<void> => {
    await built.app.close();
    if (changes.modelDir === undefined) await rm(dirname(modelDir), { recursive: true });
  };
  return { ...built, log, close };
}

/** Expects a response to be a refusal in the form of the catalogue. */
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
