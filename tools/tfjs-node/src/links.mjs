import { lstatSync, mkdirSync, readdirSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, relative } from 'node:path';

/**
 * Makes `link` lead to the folder `target`, whatever it led to before. A junction on Windows, where links need a privilege.
 *
 * @param {string} link
 * @param {string} target
 * @throws {Error} where something that is not a link stands there
 */
export function makeLink(link, target) {
  removeLink(link);
  mkdirSync(dirname(link), { recursive: true });
  if (process.platform === 'win32') symlinkSync(target, link, 'junction');
  else symlinkSync(relative(dirname(link), target), link);
}

/**
 * Removes `link`, and the folders above it that are empty then, up to and with `node_modules`.
 *
 * @param {string} link
 * @throws {Error} where something that is not a link stands there
 */
export function removeLink(link) {
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSymbolicLink()) {
    throw new Error(`${link} must be a link that set-up made, found a folder; move it away`);
  }
  unlinkSync(link);
  for (const folder of [dirname(link), dirname(dirname(link))]) {
    if (readdirSync(folder).length > 0) return;
    rmdirSync(folder);
  }
}
