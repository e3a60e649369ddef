/** The command line: serves the built page, and prepares it after a build. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { compressSite, writePolicies } from './preparation.ts';
import { serveSite } from './server.ts';

interface ServeFlags {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly basePath: string;
  readonly isolation: boolean;
}

const SITE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'out');

const program = new Command('web').description('The page, served from its exported files.');
program.exitOverride().showHelpAfterError('(--help says what can be given)');

program
  .command('serve', { isDefault: true })
  .description('serves the built page until Ctrl-C')
  .option('--folder <DIR>', 'the built page', SITE)
  .option('--host <name>', 'the address to listen at; 0.0.0.0 for every machine of the network', 'localhost')
  .option('--port <n>', 'the port to listen at; 0 takes a free one', portNumber, 3000)
  .option('--base-path <path>', 'the path that the page was built for, e.g. /digits', basePath, '')
  .option('--no-isolation', 'leave out the headers that let training use several threads')
  .action(async ({ folder, isolation, ...where }: ServeFlags) => {
    const served = await serveSite({ ...where, folder: resolve(folder), isolated: isolation });
    process.stdout.write(`page: ${served.url}/ (Ctrl-C ends it)\n`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void served.close());
  });

program
  .command('policies')
  .description("writes each page's policy into it, and _headers for hosts that read such a file")
  .argument('<folder>', 'the built page')
  .option('--base-path <path>', 'the path that the page will lie at, e.g. /digits', basePath, '')
  .action((folder: string, flags: { readonly basePath: string }) => writePolicies(resolve(folder), flags.basePath));

program
  .command('compress')
  .description('writes a .br and a .gz beside every file that gets smaller by it')
  .argument('<folder>', 'the built page')
  .action((folder: string) => compressSite(resolve(folder)));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

function portNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  }
  return value;
}

function basePath(text: string): string {
  if (text !== '' && !/^(\/[\w.~-]+)+$/.test(text)) {
    throw new InvalidArgumentError('It must begin with / and not end with it, e.g. /digits.');
  }
  return text;
}
