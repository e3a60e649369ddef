/**
 * Adds up what the test runners printed: `node count-tests.mjs LOG` reads the log of `npm run check` and prints
 * `N passed, N failed` (`, N skipped` where tests were skipped) as its only line.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param {string} log what Jest printed, any number of runs, colours or not */
export function countTests(log) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  // eslint-disable-next-line no-control-regex -- terminal colours start with the escape character
  for (const line of log.replaceAll(/\u001b\[[0-9;]*m/g, '').split('\n')) {
    const summary = /^\s*Tests:\s+(.*\d+ total)\s*$/.exec(line);
    if (summary === null) continue;
    for (const [, count, kind] of summary[1].matchAll(/(\d+) (passed|failed|skipped|todo)/g)) {
      counts[kind === 'todo' ? 'skipped' : kind] += Number(count);
    }
  }
  return counts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { passed, failed, skipped } = countTests(readFileSync(process.argv[2], 'utf8'));
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
}
