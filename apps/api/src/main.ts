/** The service's command line. */
import { CommanderError } from 'commander';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildApp, type BuiltApp } from './app.ts';
import { apiCommand, settingsOf } from './command-line.ts';
import { shutDown } from './server.ts';
import type { Settings } from './settings.ts';

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
    // Threads may have been started.
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
      void shutDown(app, host, settings.drainMs).then(() => {
        app.log.info('ended');
        process.exit(0);
      });
    });
  }
  if (process.platform !== 'win32') {
    process.on('SIGHUP', () => {
      void reload(app, host);
    });
  }
  // Probes are answered while the model is being loaded.
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
    const problem = code === 'EADDRINUSE' ? 'which another program uses' : `which cannot be used (${message})`;
    throw new Error(`--port must be free, got ${host}:${port}, ${problem}; choose another`, { cause });
  }
}

/** Serves the model that the folder holds now; where it holds none, the one before stays. */
async function reload(app: BuiltApp['app'], host: BuiltApp['host']): Promise<void> {
  try {
    const { model } = await host.load();
    app.log.info({ weightsSha256: model.metadata.weightsSha256 }, 'reloaded');
  } catch (err) {
    app.log.error({ err }, 'not reloaded');
  }
}
