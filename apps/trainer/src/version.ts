import { createRequire } from 'node:module';

/** The version of the command line, as its `package.json` says; that lies one folder above both source and build. */
export function ourVersion(): string {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  return version;
}
