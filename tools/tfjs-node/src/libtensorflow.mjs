/** Which wheel carries libtensorflow for a machine, and how a program is linked against what it carries. */

export const TENSORFLOW_VERSION = '2.21.0';

/**
 * @typedef {object} Libtensorflow
 * @property {string} machine e.g. `linux-x64`
 * @property {string} requirements file of `requirements/`, which names the wheel and its SHA-256
 * @property {string} tag the wheel's platform tag
 * @property {readonly string[]} libraries the files to take from the wheel's `tensorflow/` folder
 * @property {readonly string[]} linkerOptions beside `-L`; they make the add-on look for the libraries in `deps/lib` of its package
 */

const LINUX = {
  libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  linkerOptions: ['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
};

/** @type {Record<string, Pick<Libtensorflow, 'tag' | 'libraries' | 'linkerOptions'>>} */
const MACHINES = {
  'linux-x64': { tag: 'manylinux_2_27_x86_64', ...LINUX },
  'linux-arm64': { tag: 'manylinux_2_27_aarch64', ...LINUX },
  'darwin-arm64': {
    tag: 'macosx_12_0_arm64',
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    linkerOptions: [
      '-ltensorflow_cc.2',
      '-ltensorflow_framework.2',
      '-Wl,-undefined,dynamic_lookup',
      '-Wl,-rpath,@loader_path/../../deps/lib',
    ],
  },
};

/**
 * @param {string} machine platform and architecture as Node names them, e.g. `linux-x64`
 * @param {string | null} glibc version of the GNU C library, null where there is none
 * @returns {Libtensorflow}
 * @throws {Error} where PyPI has no wheel that fits
 */
export function libtensorflowFor(machine, glibc) {
  const found = Object.hasOwn(MACHINES, machine) ? MACHINES[machine] : undefined;
  if (found === undefined) {
    throw new Error(
      `the machine must be one of ${Object.keys(MACHINES).join(', ')} to take libtensorflow from PyPI, got ${machine}; use --tfjs-backend wasm`,
    );
  }
  if (machine.startsWith('linux') && !isAtLeast(glibc, [2, 27])) {
    throw new Error(
      `the C library must be glibc 2.27 or later for PyPI's TensorFlow, got ${glibc === null ? 'another one (musl?)' : `glibc ${glibc}`}; use --tfjs-backend wasm`,
    );
  }
  return { machine, requirements: `${machine}.txt`, ...found };
}

/**
 * @param {string | null} version e.g. `2.31`
 * @param {readonly [number, number]} least
 */
function isAtLeast(version, [major, minor]) {
  if (version === null) return false;
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/** @returns {string | null} the running program's glibc */
export function runningGlibc() {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
    /** @type {unknown} */ (process.report.getReport())
  );
  return report.header.glibcVersionRuntime ?? null;
}
