import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLink, removeLink } from './places.mjs';

let folder: string;
let link: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'digits-'));
  link = join(folder, 'libs', 'node_modules', '@scope', 'name');
  for (const target of ['old', 'new']) {
    mkdirSync(join(folder, target));
    writeFileSync(join(folder, target, 'name.txt'), target);
  }
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('makeLink', () => {
  it('makes the folders above the link', () => {
    makeLink(link, join(folder, 'new'));
    expect(realpathSync(link)).toBe(realpathSync(join(folder, 'new')));
  });

  it('replaces an older link', () => {
    makeLink(link, join(folder, 'old'));
    makeLink(link, join(folder, 'new'));
    expect(readFileSync(join(link, 'name.txt'), 'utf8')).toBe('new');
  });

  it('refuses to replace a folder', () => {
    mkdirSync(link, { recursive: true });
    expect(() => {
      makeLink(link, join(folder, 'new'));
    }).toThrow(`${link} must be a link that set-up made, found a folder; move it away`);
  });
});

describe('removeLink', () => {
  it('removes the link and the folders that it leaves empty, not what it leads to', () => {
    mkdirSync(join(folder, 'libs', 'data'), { recursive: true });
    makeLink(link, join(folder, 'new'));
    removeLink(link);
    expect(existsSync(join(folder, 'libs', 'node_modules'))).toBe(false);
    expect([existsSync(join(folder, 'libs', 'data')), existsSync(join(folder, 'new', 'name.txt'))]).toEqual([
      true,
      true,
    ]);
  });

  it('leaves what else is in node_modules', () => {
    makeLink(link, join(folder, 'new'));
    writeFileSync(join(folder, 'libs', 'node_modules', 'other'), '');
    removeLink(link);
    expect(existsSync(join(folder, 'libs', 'node_modules', 'other'))).toBe(true);
  });

  it('does nothing where there is no link', () => {
    expect(() => {
      removeLink(link);
    }).not.toThrow();
  });
});
