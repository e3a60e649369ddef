/**
 * Lists the licences of what the libs, the service, the page and the trainer depend on: `npm run licences` writes `docs/licences.md`.
 *
 * Reads the lock file, because listers read what is installed: license-checker-rseidelsohn 4.4.2 finds none of the production
 * packages of this npm workspace with `--production`. Without it, it misses the 48 native packages of other platforms and adds
 * 714 that only development needs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workspaceRoot } from './programs.mjs';

/** Licences (SPDX) under which code may be used beside code under the Apache License 2.0, and what that asks for. */
const COMPATIBLE = {
  '0BSD': 'nothing',
  'Apache-2.0': 'its notice',
  'BSD-2-Clause': 'its notice',
  'BSD-3-Clause': 'its notice',
  'BlueOak-1.0.0': 'its notice',
  'CC-BY-4.0': 'a mention; for data, not code',
  ISC: 'its notice',
  'LGPL-3.0-or-later': 'that it stays a library of its own, which can be exchanged: native files beside sharp',
  MIT: 'its notice',
  'NIST-Software': 'its notice',
};

/** Licences of packages that name only a file, as read there. */
const READ_FROM_FILE = { h5wasm: 'NIST-Software AND BSD-3-Clause' };

/**
 * Groups the packages that are installed for more than development, in whatever package of the workspace.
 *
 * @param {{ packages: Record<string, { version?: string, license?: string, link?: boolean, dev?: boolean, devOptional?: boolean }> }} lock
 *   what `package-lock.json` holds
 * @returns {Map<string, string[]>} by licence, sorted; `name version` each
 * @throws Error where a package has no licence, or one that is not compatible
 */
export function productionLicences({ packages }) {
  /** @type {Map<string, Set<string>>} */
  const groups = new Map();
  for (const [path, { version, license: stated, link, dev, devOptional }] of Object.entries(packages)) {
    if (!path.includes('node_modules/') || link === true || dev === true || devOptional === true) continue;
    const packageName = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const name = `${packageName} ${version}`;
    const license = new Map(Object.entries(READ_FROM_FILE)).get(packageName) ?? stated;
    if (license === undefined || !isCompatible(license)) {
      throw new Error(`productionLicences: ${name} must have a compatible licence, got ${license ?? 'none'}`);
    }
    groups.set(license, (groups.get(license) ?? new Set()).add(name));
  }
  const byName = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(byName.map(([license, names]) => [license, [...names].sort()]));
}

/** @param {string} license an SPDX expression: where there is a choice, one that is compatible is enough */
function isCompatible(license) {
  const choices = license.replaceAll(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((part) => Object.hasOwn(COMPATIBLE, part)));
}

/** @param {Map<string, string[]>} groups */
export function licencesPage(groups) {
  const sections = [...groups].map(([license, names]) => {
    const parts = license.replaceAll(/[()]/g, '').split(/ AND | OR /);
    const asks = Object.entries(COMPATIBLE).filter(([part]) => parts.includes(part));
    const text = asks.map(([part, asked]) => (asks.length === 1 ? asked : `${part}: ${asked}`)).join('; ');
    return `## ${license}\n\nAsks for ${text}.\n\n${names.map((name) => `- ${name}`).join('\n')}\n`;
  });
  return [
    '# Licences of what production depends on\n',
    'Every package that `npm ci --omit=dev` may install, on any platform, by its licence as `package-lock.json` says it. Written by',
    '`npm run licences`; a test keeps it true and refuses licences that do not go with the Apache License 2.0.\n',
    ...sections,
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(join(workspaceRoot, 'package-lock.json'), 'utf8'));
  writeFileSync(join(workspaceRoot, 'docs', 'licences.md'), licencesPage(productionLicences(lock)));
}
