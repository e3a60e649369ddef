import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { itOpensFixtures } from './real-files.fixture.ts';

jest.setTimeout(120_000);

const MODULES = 'numpy, pandas, pyarrow, PIL';

/** A Python with the tools that write such files: `DIGITS_PYTHON`, `python3` or `python`. */
const python = [process.env.DIGITS_PYTHON, 'python3', 'python'].find(
  (name) => name !== undefined && spawnSync(name, ['-c', `import ${MODULES}`]).status === 0,
);

if (python === undefined) {
  process.stderr.write(
    'SKIPPED: no Python here has numpy, pandas, pyarrow and pillow; pip install them, and name the interpreter as DIGITS_PYTHON\n',
  );
}

(python === undefined ? describe.skip : describe)('openStoredDataset of files that are made anew', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'digits-fixtures-'));
    const script = join(__dirname, 'fixtures', 'make_fixtures.py');
    const { status, stderr } = spawnSync(python ?? '', [script, folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`make_fixtures.py failed: ${stderr}`);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  itOpensFixtures(() => folder);
});
