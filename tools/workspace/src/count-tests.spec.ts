import { countTests } from './count-tests.mjs';

describe('countTests', () => {
  it("adds up Jest's closing lines over several runs", () => {
    const log = [
      'Tests:       3 passed, 3 total',
      'noise: Tests: none',
      'Tests:       1 failed, 2 skipped, 1 todo, 40 passed, 44 total',
    ].join('\n');
    expect(countTests(log)).toEqual({ passed: 43, failed: 1, skipped: 3 });
  });

  it('reads through terminal colours', () => {
    const log = '\u001b[1mTests:       \u001b[22m\u001b[1m\u001b[32m5 passed\u001b[39m\u001b[22m, 5 total\n';
    expect(countTests(log)).toEqual({ passed: 5, failed: 0, skipped: 0 });
  });

  it('counts nothing where no runner reported', () => {
    expect(countTests('npm error code E404\n')).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});
