/** Runs the tests of every lib and asks that they reach 95% of its lines: `npm run coverage`. The libs must be built. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { workspaceRoot } from './programs.mjs';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest.js');
const options = [
  '--coverage',
  '--coverageReporters=text-summary',
  '--coverageThreshold={"global":{"lines":95}}',
  '--maxWorkers=50%',
  '--silent',
];
const libs = readdirSync(join(workspaceRoot, 'libs'))
  .map((name) => join(workspaceRoot, 'libs', name))
  .filter((folder) => existsSync(join(folder, 'jest.config.cjs')));

const below = libs.filter((folder) => {
  process.stdout.write(`${folder}\n`);
  return spawnSync(process.execPath, [jest, ...options], { cwd: folder, stdio: 'inherit' }).status !== 0;
});
if (below.length > 0) {
  console.error(`coverage: every lib must pass its tests and reach 95% of its lines, got less in ${below.join(', ')}`);
  process.exit(1);
}
