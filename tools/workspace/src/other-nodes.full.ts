import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const trainer = join(__dirname, '..', '..', '..', 'apps', 'trainer', 'dist', 'main.js');
const isWindows = process.platform === 'win32';

/** The packages that npm's `node` is made of: a binary each, and no install script. */
const nodePackage = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;

interface Trained {
  readonly weightsSha256: string;
  readonly test: { readonly count: number; readonly accuracy: number };
}

function run(command: string, commandArguments: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, commandArguments, {
    cwd,
    encoding: 'utf8',
    shell: command === 'npm' && isWindows,
    env: { ...process.env, NODE_OPTIONS: '', INIT_CWD: cwd },
  });
  if (status !== 0) throw new Error(`run: ${command} ${commandArguments.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** The newest release of a line, by what npm's `node` package offers. */
function newestOf(line: string): string {
  const answer: unknown = JSON.parse(run('npm', ['view', `node@${line}`, 'version', '--json'], tmpdir()));
  return String(Array.isArray(answer) ? answer.at(-1) : answer);
}

/** @returns the path of a Node binary of that version */
function installNode(version: string, folder: string): string {
  const name = `${nodePackage}@${version}`;
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', folder, name], folder);
  return join(folder, 'node_modules', nodePackage, 'bin', isWindows ? 'node.exe' : 'node');
}

function train(node: string, folder: string): Trained {
  const options = ['--preset', 'fast', '--epochs', '1', '--seed', '7', '--threads', '2', '--out', join(folder, 'run')];
  const stdout = run(node, [trainer, 'train', ...options, '--json'], folder);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Trained;
}

describe('other versions of Node', () => {
  const root = mkdtempSync(join(tmpdir(), 'digits-nodes-'));
  let here: Trained;

  beforeAll(() => {
    here = train(process.execPath, mkdtempSync(join(root, 'here-')));
  });

  afterAll(() => {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  });

  it.each(['22', 'latest'])('train the same weights as this one: %s', (line) => {
    const folder = mkdtempSync(join(root, 'other-'));
    const version = newestOf(line);
    const node = installNode(version, folder);
    expect(run(node, ['--version'], folder)).toBe(`v${version}\n`);

    const there = train(node, folder);

    expect(there.test).toMatchObject({ count: 10_000, accuracy: here.test.accuracy });
    expect(there.weightsSha256).toBe(here.weightsSha256);
    expect(readFileSync(join(folder, 'run', 'model', 'weights.bin')).length).toBeGreaterThan(0);
  });
});
