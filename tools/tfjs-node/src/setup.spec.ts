import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PROGRAMS = { python: 'exit 0', noPip: 'case "$2" in pip) exit 1;; esac', compiler: 'exit 0' };

/** A copy of this tool in a workspace of its own, and a folder that stands for the whole PATH. */
let workspace: string;
let tool: string;
let programs: string;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'digits-'));
  tool = join(workspace, 'tools', 'tfjs-node');
  programs = join(workspace, 'bin');
  mkdirSync(programs);
  for (const part of ['src', 'requirements', 'package.json', 'package-lock.json']) {
    cpSync(join(__dirname, '..', part), join(tool, part), { recursive: true });
  }
});

afterEach(() => {
  rmSync(workspace, { recursive: true });
});

function write(file: string, contents: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}

function addProgram(name: string, script: string): void {
  write(join(programs, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
}

/** As after the install of the packages. */
function addPackages(): void {
  const { dependencies } = JSON.parse(readFileSync(join(tool, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const [name, version] of Object.entries(dependencies)) {
    write(join(tool, 'node_modules', name, 'package.json'), JSON.stringify({ name, version }));
  }
}

function setUp(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(tool, 'src', 'setup.mjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: programs },
  });
  return { status, stdout, stderr };
}

/** What set-up ends with where it fails: one line, and exit code 1. */
const refusal = (line: string | RegExp) => ({
  status: 1,
  stderr: expect.stringMatching(line) as string,
});

const onlyWhereWheelsFit = ['linux-x64', 'linux-arm64', 'darwin-arm64'].includes(`${process.platform}-${process.arch}`)
  ? it
  : it.skip;

describe('setup:tfjs-node', () => {
  onlyWhereWheelsFit('says that the registry is out of reach', () => {
    addProgram('npm', 'echo "npm error network request to http://registry failed, reason: refused"; exit 1');
    expect(setUp()).toMatchObject(
      refusal(
        /^setup:tfjs-node: npm must fetch tfjs-node from its registry, got: npm error network request to http:\/\/registry failed, reason: refused; see npm config get registry\n$/,
      ),
    );
  });

  onlyWhereWheelsFit('falls through when its own download fails', () => {
    addPackages();
    write(
      join(tool, 'node_modules', '@tensorflow', 'tfjs-node', 'scripts', 'install.js'),
      'throw new Error("getaddrinfo ENOTFOUND host");',
    );
    expect(setUp().stdout).toMatch(
      /^setup:tfjs-node: trying tfjs-node's own download\nsetup:tfjs-node: its own download failed \(Error: getaddrinfo ENOTFOUND host\); taking libtensorflow from PyPI instead\n/,
    );
  });

  onlyWhereWheelsFit('says that python3 is missing', () => {
    addPackages();
    expect(setUp('--wheel')).toMatchObject(
      refusal(
        /^setup:tfjs-node: python3 must be on the PATH to fetch libtensorflow, found none; install Python 3 or set PYTHON\n$/,
      ),
    );
  });

  onlyWhereWheelsFit('says that pip is missing', () => {
    addPackages();
    addProgram('python3', PROGRAMS.noPip);
    expect(setUp('--wheel')).toMatchObject(
      refusal(
        /^setup:tfjs-node: pip must be installed for python3, found none; try python3 -m ensurepip, or apt install python3-pip\n$/,
      ),
    );
  });

  onlyWhereWheelsFit('says that the compiler is missing before it downloads', () => {
    addPackages();
    addProgram('python3', PROGRAMS.python);
    const result = setUp('--wheel');
    expect(result).toMatchObject(
      refusal(
        /^setup:tfjs-node: a C\+\+ compiler must be on the PATH to build tfjs-node's binding, found none; apt install g\+\+, or set CXX\n$/,
      ),
    );
    expect(result.stdout).not.toContain('PyPI');
  });

  onlyWhereWheelsFit('says that PyPI is out of reach, and leaves nothing that looks whole', () => {
    addPackages();
    addProgram('python3', 'case "$3" in download) echo "ERROR: No matching distribution found"; exit 1;; esac');
    addProgram('g++', PROGRAMS.compiler);
    expect(setUp('--wheel')).toMatchObject(
      refusal(
        /^setup:tfjs-node: pip must fetch and check TensorFlow 2\.21\.0 from PyPI, got: ERROR: No matching distribution found; see pip config list\n$/,
      ),
    );
    expect(existsSync(join(tool, 'build'))).toBe(false);
  });

  onlyWhereWheelsFit('passes on what the compiler says', () => {
    addPackages();
    mkdirSync(join(tool, 'build', `libtensorflow-2.21.0-${process.platform}-${process.arch}`), { recursive: true });
    addProgram('g++', 'case "$1" in -std=*) echo "a.cc:1:2: fatal error: no.h: No such file"; exit 1;; esac');
    expect(setUp('--wheel')).toMatchObject(
      refusal(
        /^setup:tfjs-node: g\+\+ must compile tfjs-node's binding, got: a\.cc:1:2: fatal error: no\.h: No such file\n$/,
      ),
    );
  });

  it('refuses an unknown option with exit code 2', () => {
    const { status, stderr } = setUp('--wheels');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^setup:tfjs-node: Unknown option '--wheels'/) as string,
    });
  });

  it('--remove takes away what set-up made, the links too, and can be repeated', () => {
    addPackages();
    mkdirSync(join(tool, 'build', 'libtensorflow'), { recursive: true });
    expect(setUp('--remove')).toEqual({ status: 0, stdout: 'setup:tfjs-node: removed\n', stderr: '' });
    expect(['node_modules', 'build'].filter((name) => existsSync(join(tool, name)))).toEqual([]);
    expect(setUp('--remove').status).toBe(0);
  });
});
