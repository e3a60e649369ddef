/**
 * Runs the tests of every lib, or of those that are named, and asks that they reach 95% of its lines:
 * `npm run coverage [-- LIB ...]`. Ends with a line a lib; the exit code is 1 where one has less, or a failing test.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildProjects, workspaceRoot } from './programs.mjs';

const LEAST = 95;

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const folderOf = (lib) => join(workspaceRoot, 'libs', lib);
const all = readdirSync(join(workspaceRoot, 'libs')).filter((lib) =>
  existsSync(join(folderOf(lib), 'jest.config.cjs')),
);
const wanted = process.argv.slice(2);
const strange = wanted.find((lib) => !all.includes(lib));
if (strange !== undefined) {
  console.error(`coverage: a lib must be one of ${all.join(', ')}, got "${strange}"`);
  process.exit(2);
}
const libs = wanted.length > 0 ? wanted : all;

buildProjects(libs);
const results = libs.map((lib) => ({ lib, ...measure(lib) }));
for (const { lib, lines, passed } of results) {
  const share = lines === null ? 'no lines measured' : `${lines.toFixed(2)}% of its lines`;
  process.stdout.write(`${lib}: ${share}${passed ? '' : ', and not all of its tests pass'}\n`);
}
const below = results.filter(({ lines, passed }) => !passed || lines === null || lines < LEAST);
if (below.length > 0) {
  const names = below.map(({ lib }) => lib).join(', ');
  console.error(
    `coverage: every lib must pass its tests and reach ${LEAST}% of its lines, got less in ${names}; coverage/index.html of each shows which`,
  );
  process.exit(1);
}

/** Whether a lib's tests pass, and the percentage of its lines that they reach: null where Jest did not come to say. */
function measure(lib) {
  const cwd = folderOf(lib);
  const summary = join(cwd, 'coverage', 'coverage-summary.json');
  rmSync(summary, { force: true });
  const options = ['--coverage', '--coverageReporters=json-summary', '--coverageReporters=html', '--maxWorkers=50%'];
  const { status } = spawnSync(process.execPath, [jest, ...options, '--silent'], { cwd, stdio: 'inherit' });
  const lines = existsSync(summary) ? JSON.parse(readFileSync(summary, 'utf8')).total.lines.pct : null;
  return { passed: status === 0, lines: typeof lines === 'number' ? lines : null };
}
