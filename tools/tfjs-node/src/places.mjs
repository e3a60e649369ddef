import { lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TENSORFLOW_VERSION } from './libtensorflow.mjs';

/** This tool's own folder; everything that set-up writes is below it, the two links aside. */
export const TOOL = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Kept between runs, each thing in a folder that is named after its versions. */
export const BUILD = join(TOOL, 'build');

export const MODULES = join(TOOL, 'node_modules');

/** Where npm puts tfjs-node. */
export const TFJS_NODE = join(MODULES, '@tensorflow', 'tfjs-node');

/**
 * Links through which Node's ordinary resolution finds tfjs-node, from the libs (`libs/node_modules`) and from the bundled apps
 * (`apps/node_modules`). Not in the root's `node_modules`: every `npm install` there removes what its lock does not know.
 */
export const LINKS = ['libs', 'apps'].map((folder) =>
  join(TOOL, '..', '..', folder, 'node_modules', '@tensorflow', 'tfjs-node'),
);

/** @param {string} machine e.g. `linux-x64` */
export function libtensorflowFolder(machine) {
  return join(BUILD, `libtensorflow-${TENSORFLOW_VERSION}-${machine}`);
}

/** @param {string} machine e.g. `linux-x64` */
export function bindingFile(machine) {
  return join(BUILD, `binding-${pinnedVersion()}-libtensorflow-${TENSORFLOW_VERSION}-${machine}`, 'tfjs_binding.node');
}

/** @returns {string} the tfjs-node that this tool asks for */
export function pinnedVersion() {
  const { dependencies } = JSON.parse(readFileSync(join(TOOL, 'package.json'), 'utf8'));
  return dependencies['@tensorflow/tfjs-node'];
}

/** @returns {string} the file that tfjs-node loads its binding from, by its own rule */
export function bindingTarget() {
  const require = createRequire(join(TFJS_NODE, 'package.json'));
  return require('@mapbox/node-pre-gyp').find(join(TFJS_NODE, 'package.json'));
}

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
