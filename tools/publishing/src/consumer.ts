import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PackedLib, runNpm, WORKSPACE_ROOT } from './packages.ts';

/** A package as npm's lock file holds it. */
interface LockedPackage {
  readonly version: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Partial<Record<string, { readonly optional?: boolean }>>>;
}

type Packages = Readonly<Record<string, LockedPackage>>;

/** A project that has nothing to do with the workspace. */
export interface Consumer {
  /** An empty folder, where the tarballs lie in `tarballs`. */
  readonly folder: string;
  readonly libs: readonly PackedLib[];
  /** What it installs besides, by name, in the workspace's version. */
  readonly others: readonly string[];
}

/**
 * Installs packed libs into an empty project.
 *
 * Everything else comes in the versions of the workspace's lock, so that npm's cache has it all after `npm ci` and no
 * other version can slip in.
 */
export function installConsumer({ folder, libs, others }: Consumer): void {
  const { packages } = JSON.parse(readFileSync(join(WORKSPACE_ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Packages;
  };
  const tarballs = libs.map(({ lib, tarball }) => [lib.manifest.name, `file:tarballs/${tarball}`] as const);
  const versions = others.map((name) => [name, packages[`node_modules/${name}`].version] as const);
  const dependencies = Object.fromEntries([...tarballs, ...versions]);
  const project = { name: 'consumer', version: '1.0.0', type: 'module', private: true, dependencies };
  const lock = {
    name: project.name,
    version: project.version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': project, ...lockedPackages(packages, libs, others) },
  };
  writeProjectFile(folder, 'package.json', JSON.stringify(project, null, 2));
  writeProjectFile(folder, 'package-lock.json', JSON.stringify(lock, null, 2));
  runNpm(['ci', '--prefer-offline', '--ignore-scripts'], folder);
}

/** Writes a text file into a project, and the folders that it needs. */
export function writeProjectFile(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** All that the libs and the others need, where npm would put it. */
function lockedPackages(packages: Packages, libs: readonly PackedLib[], others: readonly string[]): Packages {
  const locked: Record<string, LockedPackage> = {};
  const add = (from: string, name: string): void => {
    const place = placeOf(packages, from, name);
    if (place === undefined || libs.some(({ lib }) => lib.manifest.name === name)) return;
    const target = placeInConsumer(place, libs);
    if (target in locked) return;
    locked[target] = packages[place];
    addNeeded(place, packages[place]);
  };
  const addNeeded = (from: string, needing: LockedPackage): void => {
    for (const name of neededNames(needing)) add(from, name);
  };
  for (const { lib, tarball } of libs) {
    const { version, dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = lib.manifest;
    const entry = { version, dependencies, peerDependencies, peerDependenciesMeta };
    locked[`node_modules/${lib.manifest.name}`] = { ...entry, resolved: `file:tarballs/${tarball}` };
    addNeeded(lib.folder, entry);
  }
  for (const name of others) add('', name);
  return locked;
}

function neededNames({ dependencies, optionalDependencies, ...peers }: LockedPackage): string[] {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = peers;
  const requiredPeers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...requiredPeers];
}

/** What npm nests below a lib's folder lies below its package there. */
function placeInConsumer(place: string, libs: readonly PackedLib[]): string {
  const owner = libs.find(({ lib }) => place.startsWith(`${lib.folder}/`));
  return owner === undefined ? place : place.replace(owner.lib.folder, `node_modules/${owner.lib.manifest.name}`);
}

/** Where Node finds a package from a place in the tree: beside it, or beside what holds it. */
function placeOf(packages: Packages, from: string, name: string): string | undefined {
  for (let place = from; place !== ''; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    const below = `${place}/node_modules/${name}`;
    if (below in packages) return below;
  }
  const top = `node_modules/${name}`;
  return top in packages ? top : undefined;
}
