import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

jest.setTimeout(300_000);

const root = join(__dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');

describe('docs/settings.md', () => {
  it('is what schema and presets give; npm run settings writes it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'digits-settings-'));
    try {
      const written = join(folder, 'settings.md');
      execFileSync(process.execPath, [join(__dirname, 'settings.mjs'), written]);
      expect(read(join(root, 'docs', 'settings.md'))).toBe(read(written));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
