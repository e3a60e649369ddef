/* Builds programs of the workspace with Nx and starts them. */
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspaceRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/**
 * Builds projects and what they need; ends the process where that fails. The output is shown then only: standard output is
 * the program's.
 *
 * @param {readonly string[]} projects without `@digits/`
 */
export function buildProjects(projects) {
  const nx = createRequire(import.meta.url).resolve('nx/bin/nx.js');
  const names = projects.map((project) => `@digits/${project}`).join(',');
  const build = spawnSync(process.execPath, [nx, 'run-many', '-t', 'build', '-p', names], {
    cwd: workspaceRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (build.status === 0) return;
  process.stderr.write(build.stdout + build.stderr);
  console.error(`run: the build of ${projects.join(', ')} failed; what it printed stands above`);
  process.exit(1);
}

/**
 * Starts a program in the folder that the user stands in, so that paths mean what they say.
 *
 * @param {string} file JavaScript, from the workspace's root
 * @param {readonly string[]} programArguments
 */
export function startProgram(file, programArguments) {
  return spawn(process.execPath, [join(workspaceRoot, file), ...programArguments], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: 'inherit',
  });
}
