import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencesPage, productionLicences } from './licences.mjs';

const root = join(__dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n');

describe('productionLicences', () => {
  it('groups packages by licence and leaves out what only development needs', () => {
    const packages = {
      '': { version: '0.1.0' },
      'libs/data': { version: '0.1.0' },
      'node_modules/@digits/data': { link: true },
      'node_modules/b': { version: '2.0.0', license: 'MIT' },
      'node_modules/b/node_modules/@x/a': { version: '1.0.0', license: 'MIT' },
      'node_modules/c': { version: '1.0.0', license: 'Apache-2.0 AND MIT' },
      'node_modules/f': { version: '3.0.0', license: '(MIT OR GPL-3.0)' },
      'node_modules/d': { version: '1.0.0', license: 'GPL-3.0', dev: true },
      'node_modules/e': { version: '1.0.0', license: 'GPL-3.0', devOptional: true },
    };
    expect([...productionLicences({ packages })]).toEqual([
      ['(MIT OR GPL-3.0)', ['f 3.0.0']],
      ['Apache-2.0 AND MIT', ['c 1.0.0']],
      ['MIT', ['@x/a 1.0.0', 'b 2.0.0']],
    ]);
  });

  it.each([
    ['GPL-3.0', 'GPL-3.0'],
    ['MIT AND AGPL-3.0', 'MIT AND AGPL-3.0'],
    [undefined, 'none'],
  ])('refuses %s', (license, got) => {
    const packages = { 'node_modules/a': { version: '1.0.0', ...(license !== undefined && { license }) } };
    expect(() => productionLicences({ packages })).toThrow(
      `productionLicences: a 1.0.0 must have a compatible licence, got ${got}`,
    );
  });

  it('gives what docs/licences.md says; npm run licences writes it', () => {
    const lock = JSON.parse(read('package-lock.json')) as Parameters<typeof productionLicences>[0];
    expect(read('docs/licences.md')).toBe(licencesPage(productionLicences(lock)));
  });
});
