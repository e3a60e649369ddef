/** Entry point of the service. Takes SIGHUP at once, because by default it ends a process, and loading the packages takes a while. */
const reloads = { run: (): void => undefined };
// A model that is not loaded yet is read from its folder anyway.
if (process.platform !== 'win32') {
  process.on('SIGHUP', () => {
    reloads.run();
  });
}

const { start } = await import('./serve.ts');
await start((reload) => {
  reloads.run = reload;
});

export {};
