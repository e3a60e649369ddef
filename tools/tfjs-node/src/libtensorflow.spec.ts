import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { libtensorflowFor, runningGlibc, TENSORFLOW_VERSION } from './libtensorflow.mjs';

describe('libtensorflowFor', () => {
  it('names the wheel and its libraries for Linux', () => {
    expect(libtensorflowFor('linux-x64', '2.31')).toMatchObject({
      requirements: 'linux-x64.txt',
      tag: 'manylinux_2_27_x86_64',
      libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    });
  });

  it('needs no GNU C library on macOS', () => {
    expect(libtensorflowFor('darwin-arm64', null).tag).toBe('macosx_12_0_arm64');
  });

  it('refuses a machine that PyPI has nothing for', () => {
    expect(() => libtensorflowFor('win32-x64', null)).toThrow(
      'the machine must be one of linux-x64, linux-arm64, darwin-arm64 to take libtensorflow from PyPI, got win32-x64; use --tfjs-backend wasm',
    );
  });

  it('refuses another C library than glibc', () => {
    expect(() => libtensorflowFor('linux-x64', null)).toThrow(
      "the C library must be glibc 2.27 or later for PyPI's TensorFlow, got another one (musl?); use --tfjs-backend wasm",
    );
  });

  it('refuses a glibc that is too old, and compares versions as numbers', () => {
    expect(() => libtensorflowFor('linux-arm64', '2.9')).toThrow('got glibc 2.9');
    expect(() => libtensorflowFor('linux-arm64', '2.27')).not.toThrow();
  });

  it('has one pinned wheel with its hash in each requirements file', () => {
    const folder = join(__dirname, '..', 'requirements');
    const pin = new RegExp(`^tensorflow(-cpu)?==${TENSORFLOW_VERSION} --hash=sha256:[0-9a-f]{64}$`, 'gm');
    const pins = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8').match(pin)?.length]);
    expect(pins).toEqual([
      ['darwin-arm64.txt', 1],
      ['linux-arm64.txt', 1],
      ['linux-x64.txt', 1],
    ]);
  });
});

describe('runningGlibc', () => {
  it('is a version on GNU systems and null elsewhere', () => {
    expect(runningGlibc() ?? '2.0').toMatch(/^\d+\.\d+$/);
  });
});
