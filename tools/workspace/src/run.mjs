/**
 * Builds a program and what it needs, then runs it: `node run.mjs PROJECT [ARGUMENT ...]`.
 *
 * The build's output goes to standard error, so that standard output, its last line and the exit code are the program's
 * own (`nx run` turns an exit code of 2 into 1 and prints after the program). The page is files: its program is the
 * server of them.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildProjects, startProgram, workspaceRoot } from './programs.mjs';

const [project, ...programArguments] = process.argv.slice(2);
if (project === undefined) {
  console.error(
    'run: the project to run must be named, got nothing; e.g. node tools/workspace/src/run.mjs trainer --help',
  );
  process.exit(2);
}

buildProjects([project]);
const group = existsSync(join(workspaceRoot, 'tools', project)) ? 'tools' : 'apps';
const file = project === 'web' ? 'server/main.js' : 'main.js';
const program = startProgram(join(group, project, 'dist', file), programArguments);
// A terminal sends Ctrl-C to the program as well: it decides when to end, and this process ends after it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => program.kill('SIGTERM'));
program.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
