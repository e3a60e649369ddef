/** The service as a program: command line, signals, shutdown. */
import { CommanderError } from 'commander';
import { createRequire } from 'node:module';
import { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildApp, type BuiltApp } from './app.ts';
import { type Log, openStandardOutput } from './service/log.ts';
import { apiCommand, type Settings, settingsOf } from './service/settings.ts';
import { startTelemetry, type Telemetry } from './service/telemetry.ts';

/**
 * Time for clients to notice that the port is closed, in milliseconds: a request that is in transit when its idle connection is closed
 * would be lost.
 */
const SETTLE_MS = 250;

/** Time for the last lines of the log and the last traces, in milliseconds. */
const FLUSH_MS = 1000;

/** Interval between checks for connections that have become idle at shutdown, in milliseconds. */
const CLOSE_MS = 50;

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** What the running service consists of. */
interface Service extends BuiltApp {
  readonly settings: Settings;
  readonly log: Log;
  readonly telemetry: Telemetry | null;
}

/**
 * Runs the service.
 *
 * @param onReload receives the function that reloads model and tokens
 */
export async function start(onReload: (reload: () => void) => void): Promise<void> {
  const log = openStandardOutput();
  try {
    await serve(settingsOf(apiCommand(version).parse()), log, onReload);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      process.stderr.write(
        `error: ${error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ') : String(error)}\n`,
      );
      await log.flush(FLUSH_MS);
      // Running threads would keep the process alive.
      process.exit(1);
    }
  }
}

async function serve(settings: Settings, log: Log, onReload: (reload: () => void) => void): Promise<void> {
  const workerFile = fileURLToPath(new URL('./picture-worker.js', import.meta.url));
  const jsonWorkerFile = fileURLToPath(new URL('./json-worker.js', import.meta.url));
  const telemetry = await startTelemetry(version);
  const built = await buildApp(settings, { workerFile, jsonWorkerFile, version, log, telemetry });
  const service: Service = { ...built, settings, log, telemetry };
  const { app, admin, host } = built;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      app.log.info({ signal, drainMs: settings.drainMs }, 'ending');
      void shutDown(service).then(() => process.exit(0));
    });
  }
  onReload(() => {
    void reload(service);
  });
  // Listens first, to answer probes while the model is loading.
  await listen(app, settings.host, settings.port, '--port');
  if (admin !== null && settings.adminPort !== null) {
    await listen(admin, settings.host, settings.adminPort, '--admin-port');
  }
  const { model } = await host.load();
  const { preset, weightsSha256 } = model.metadata;
  app.log.info({ version, node: process.version, preset, weightsSha256, threads: settings.threads }, 'ready');
}

async function listen(app: BuiltApp['app'], host: string, port: number, flag: string): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problem = code === 'EADDRINUSE' ? 'which another program uses' : `which can't be used (${message})`;
    throw new Error(`${flag} must be free, got ${host}:${port}, ${problem}; choose another`, { cause });
  }
}

/** Serves the model and the tokens that the files contain now; what can't be loaded stays as it was. */
async function reload({ app, host, reloadTokens }: Service): Promise<void> {
  reloadTokens();
  try {
    const { model } = await host.load();
    app.log.info({ preset: model.metadata.preset, weightsSha256: model.metadata.weightsSha256 }, 'reloaded');
  } catch (err) {
    app.log.error({ err }, 'not reloaded');
  }
}

/**
 * Shuts the service down without losing a request: it becomes not ready, accepts requests for another `drainMs`, stops listening, refuses
 * new requests on open connections, answers the accepted ones, waits until their clients have read the responses, and closes.
 */
async function shutDown({ app, admin, host, openResponses, settings, log, telemetry }: Service): Promise<void> {
  host.drain();
  await sleep(settings.drainMs);
  const end = performance.now() + settings.shutdownMs;
  // Not the HTTP server's own close, which would end idle connections at once, and those whose client still reads.
  Server.prototype.close.call(app.server);
  await sleep(SETTLE_MS);
  host.close();
  await sleep(SETTLE_MS);
  const numUnsent = await openResponses.sent(end - performance.now());
  if (numUnsent > 0) {
    app.log.warn({ numUnsent, shutdownMs: settings.shutdownMs }, 'ending before all responses are sent');
    app.server.closeAllConnections();
  }
  // A connection becomes idle only after its last response.
  const closing = setInterval(() => {
    app.server.closeIdleConnections();
  }, CLOSE_MS);
  await Promise.race([Promise.all([app.close(), admin?.close()]), sleep(Math.max(FLUSH_MS, end - performance.now()))]);
  clearInterval(closing);
  app.log.info('ended');
  await Promise.all([log.flush(FLUSH_MS), telemetry?.shutDown(FLUSH_MS)]);
}
