import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

describe('npm run coverage', () => {
  it('refuses a lib that is none, by the names of those that there are', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(__dirname, 'coverage.mjs'), 'nope'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe(
      'coverage: a lib must be one of charts, data, engine-simd, engine-tfjs, metrics, model, picture-files, got "nope"\n',
    );
    expect(status).toBe(2);
  });
});
