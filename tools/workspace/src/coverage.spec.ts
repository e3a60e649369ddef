import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

describe('npm run coverage', () => {
  it('refuses an unknown lib and names those that exist', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(__dirname, 'coverage.mjs'), 'nope'], {
      encoding: 'utf8',
    });
    const libs = readdirSync(join(__dirname, '..', '..', '..', 'libs')).filter((name) => name !== 'node_modules');
    expect(stderr).toBe(`coverage: a lib must be one of ${libs.join(', ')}, got "nope"\n`);
    expect(status).toBe(2);
  });
});
