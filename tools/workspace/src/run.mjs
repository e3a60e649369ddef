/**
 * Builds a program and what it needs, then runs it: `node run.mjs PROJECT [ARGUMENT ...]`.
 *
 * The build's output goes to standard error, so that standard output, its last line and the exit code are the program's
 * own (`nx run` turns an exit code of 2 into 1 and prints after the program). The program stands in the folder that the
 * user stands in, so that its paths mean what they say.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspaceRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const [project, ...programArguments] = process.argv.slice(2);
if (project === undefined) {
  console.error(
    'run: the project to run must be named, got nothing; e.g. node tools/workspace/src/run.mjs trainer --help',
  );
  process.exit(2);
}

const nx = createRequire(import.meta.url).resolve('nx/bin/nx.js');
const build = spawnSync(process.execPath, [nx, 'build', `@digits/${project}`], {
  cwd: workspaceRoot,
  stdio: ['ignore', 'pipe', 'pipe'],
  encoding: 'utf8',
});
if (build.status !== 0) {
  process.stderr.write(build.stdout + build.stderr);
  console.error(`run: the build of ${project} failed; what it printed stands above`);
  process.exit(1);
}

const group = existsSync(join(workspaceRoot, 'tools', project)) ? 'tools' : 'apps';
const program = spawn(process.execPath, [join(workspaceRoot, group, project, 'dist', 'main.js'), ...programArguments], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
});
// A terminal sends Ctrl-C to the program as well: it decides when to end, and this process ends after it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => program.kill('SIGTERM'));
program.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
