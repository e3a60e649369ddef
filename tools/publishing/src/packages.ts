import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNpm, WORKSPACE_ROOT } from './programs.ts';

/** What a lib's `package.json` says, as far as it is checked here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly private?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** One of our packages. */
export interface Lib {
  /** Path of its folder from the workspace's, with `/`. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** What can be imported: `@digits/data`, `@digits/data/node`. */
  readonly entries: readonly string[];
}

/** A packed lib. */
export interface PackedLib {
  readonly lib: Lib;
  /** File name of the tarball. */
  readonly tarball: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** Paths inside the package. */
  readonly files: readonly string[];
}

/** @returns all libs of the workspace, by name: every folder of `libs` with a `package.json` */
export function readLibs(): Lib[] {
  return readdirSync(join(WORKSPACE_ROOT, 'libs'))
    .filter((name) => existsSync(join(WORKSPACE_ROOT, 'libs', name, 'package.json')))
    .map((name) => {
      const folder = `libs/${name}`;
      const manifest = JSON.parse(readFileSync(join(WORKSPACE_ROOT, folder, 'package.json'), 'utf8')) as Manifest;
      const entries = Object.keys(manifest.exports).filter((path) => path !== './package.json');
      return { folder, manifest, entries: entries.map((path) => manifest.name + path.slice(1)) };
    });
}

/**
 * Packs libs as `npm publish` would.
 *
 * @param destination an existing folder
 */
export function packLibs(libs: readonly Lib[], destination: string): PackedLib[] {
  const workspaces = libs.flatMap(({ folder }) => ['--workspace', folder]);
  const answer = runNpm(['pack', ...workspaces, '--pack-destination', destination, '--json'], WORKSPACE_ROOT);
  const packs = JSON.parse(answer) as { name: string; filename: string; size: number; files: { path: string }[] }[];
  return libs.map((lib) => {
    const pack = packs.find(({ name }) => name === lib.manifest.name);
    if (pack === undefined) throw new Error(`packLibs: npm pack must answer for ${lib.manifest.name}, got ${answer}`);
    return { lib, tarball: pack.filename, size: pack.size, files: pack.files.map(({ path }) => path) };
  });
}
