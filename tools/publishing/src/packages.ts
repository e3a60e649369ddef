import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** The folder that holds `package.json` of the whole workspace. */
export const WORKSPACE_ROOT = join(__dirname, '..', '..', '..');

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

/**
 * Runs a Node program to its end.
 *
 * @param program path of its JavaScript
 * @returns what it wrote to standard output
 * @throws Error where it ends with another code than 0, with all that it wrote
 */
export function runNode(program: string, programArguments: readonly string[], cwd: string): string {
  return run(process.execPath, [program, ...programArguments], cwd);
}

/** Runs `npm` likewise; its advice and its checks for news are switched off. */
export function runNpm(npmArguments: readonly string[], cwd: string): string {
  return run('npm', [...npmArguments, '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], cwd);
}

/** @returns the path of a program that a package of the workspace brings, by the name in its `bin` */
export function programOf(packageName: string, name: string): string {
  const folder = join(WORKSPACE_ROOT, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  return join(folder, bin[name]);
}

function run(command: string, commandArguments: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, commandArguments, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    // npm is a script on Windows, which only a shell can start.
    shell: command === 'npm' && process.platform === 'win32',
    env: { ...process.env, NODE_OPTIONS: '', FORCE_COLOR: '0' },
  });
  if (status === 0) return stdout;
  const call = [command, ...commandArguments].join(' ');
  throw new Error(`run: "${call}" must end with 0, got ${status}: ${stdout}${stderr}`, { cause: error });
}
