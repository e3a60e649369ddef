/** Entry point of the service: command line, signals, shutdown. */
import { CommanderError } from 'commander';
import { createRequire } from 'node:module';
import { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildApp, type BuiltApp } from './app.ts';
import { apiCommand, type Settings, settingsOf } from './service/settings.ts';

/**
 * Time for clients to notice that the port is closed, in milliseconds: a request that is in transit when its idle connection is closed
 * would be lost.
 */
const SETTLE_MS = 250;

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

try {
  await serve(settingsOf(apiCommand(version).parse()));
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(
      `error: ${error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ') : String(error)}\n`,
    );
    // Running threads would keep the process alive.
    process.exit(1);
  }
}

async function serve(settings: Settings): Promise<void> {
  const workerFile = fileURLToPath(new URL('./picture-worker.js', import.meta.url));
  const { app, host } = await buildApp(settings, { workerFile, version });
  const signals = ['SIGTERM', 'SIGINT'] as const;
  for (const signal of signals) {
    process.once(signal, () => {
      app.log.info({ signal, drainMs: settings.drainMs }, 'ending');
      void shutDown({ app, host }, settings.drainMs).then(() => {
        app.log.info('ended');
        process.exit(0);
      });
    });
  }
  if (process.platform !== 'win32') {
    process.on('SIGHUP', () => {
      void reload({ app, host });
    });
  }
  // Listens first, to answer probes while the model is loading.
  await listen(app, settings);
  const { model } = await host.load();
  const { preset, weightsSha256 } = model.metadata;
  app.log.info({ preset, weightsSha256, threads: settings.threads }, 'ready');
}

async function listen(app: BuiltApp['app'], { host, port }: Settings): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const problem = code === 'EADDRINUSE' ? 'which another program uses' : `which can't be used (${message})`;
    throw new Error(`--port must be free, got ${host}:${port}, ${problem}; choose another`, { cause });
  }
}

/** Serves the model that the folder contains now; if that can't be loaded, the previous one stays. */
async function reload({ app, host }: BuiltApp): Promise<void> {
  try {
    const { model } = await host.load();
    app.log.info({ weightsSha256: model.metadata.weightsSha256 }, 'reloaded');
  } catch (err) {
    app.log.error({ err }, 'not reloaded');
  }
}

/**
 * Shuts the service down without losing a request: it becomes not ready, accepts requests for another `drainMs`, stops listening, refuses
 * new requests on open connections, answers the accepted ones, and closes.
 */
async function shutDown({ app, host }: BuiltApp, drainMs: number): Promise<void> {
  host.drain();
  await sleep(drainMs);
  // Not the HTTP server's own close, which would end idle connections at once.
  Server.prototype.close.call(app.server);
  await sleep(SETTLE_MS);
  host.close();
  await sleep(SETTLE_MS);
  await app.close();
}
