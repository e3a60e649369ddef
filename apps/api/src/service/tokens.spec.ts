import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenFile } from './tokens.ts';

describe('TokenFile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'digits-tokens-'));
  const file = join(folder, 'tokens');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const open = (text: string): TokenFile => {
    writeFileSync(file, text);
    return new TokenFile(file);
  };

  it('names clients, and takes lines without a name, comments and empty lines', () => {
    const tokens = open('# first: not-a-token\r\n\r\nbilling: abc+/=\nweb@example.org:   d-e_f~g \nnameless\n');
    expect(['abc+/=', 'd-e_f~g', 'nameless'].map((token) => tokens.clientOf(token))).toEqual([
      'billing',
      'web@example.org',
      'line 5',
    ]);
    for (const wrong of ['', 'billing', 'billing: abc+/=', '# first: not-a-token', 'not-a-token', 'ABC+/=']) {
      expect([wrong, tokens.clientOf(wrong)]).toEqual([wrong, null]);
    }
    expect(tokens.size).toBe(3);
  });

  it('lets a client have two tokens, and no two clients the same', () => {
    expect(open('a: 1\na: 2\n').clientOf('2')).toBe('a');
    expect(() => open('a: 1\nb: 1\n')).toThrow(
      `--tokens-file must have each token once, got that of "a" again in line 2 of ${file}`,
    );
  });

  it('reads the file again, and keeps the tokens if that is not possible', () => {
    const tokens = open('a: old\n');
    writeFileSync(file, 'a: new\n');
    tokens.reload();
    expect([tokens.clientOf('old'), tokens.clientOf('new')]).toEqual([null, 'a']);
    writeFileSync(file, '# nobody\n');
    expect(() => {
      tokens.reload();
    }).toThrow(`--tokens-file must contain at least one token, got none in ${file}`);
    expect(tokens.clientOf('new')).toBe('a');
  });

  it.each(['before', 'after'])('sees a file that is changed %s it is watched', async (when) => {
    const tokens = open('a: old\n');
    if (when === 'before') writeFileSync(file, 'a: new one\n');
    const changed = new Promise<void>((resolve) => {
      tokens.watch(resolve);
    });
    if (when === 'after') writeFileSync(file, 'a: new one\n');
    await changed;
    tokens.close();
  });
});
