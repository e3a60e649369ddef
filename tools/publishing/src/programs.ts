import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder that holds `package.json` of the whole workspace. */
export const WORKSPACE_ROOT = join(__dirname, '..', '..', '..');

/**
 * Runs a Node program to its end.
 *
 * @param program path of its JavaScript
 * @returns what it wrote to standard output
 * @throws Error where it ends with another code than 0, with all that it wrote
 */
export function runNode(program: string, programArguments: readonly string[], cwd: string): string {
  return run(process.execPath, [program, ...programArguments], cwd);
}

/** Runs `npm` likewise; its advice and its checks for news are switched off. */
export function runNpm(npmArguments: readonly string[], cwd: string): string {
  return run('npm', [...npmArguments, '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], cwd);
}

/** @returns the path of a program that a package of the workspace brings, by the name in its `bin` */
export function programOf(packageName: string, name: string): string {
  const folder = join(WORKSPACE_ROOT, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  return join(folder, bin[name]);
}

function run(command: string, commandArguments: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, commandArguments, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    // npm is a script on Windows, which only a shell can start.
    shell: command === 'npm' && process.platform === 'win32',
    env: { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0' },
  });
  if (status === 0) return stdout;
  const call = [command, ...commandArguments].join(' ');
  throw new Error(`run: "${call}" must end with 0, got ${status}: ${stdout}${stderr}`, { cause: error });
}
