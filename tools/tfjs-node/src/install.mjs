import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { TENSORFLOW_VERSION } from './libtensorflow.mjs';
import {
  bindingFile,
  bindingTarget,
  BUILD,
  libtensorflowFolder,
  LINKS,
  makeLink,
  MODULES,
  pinnedVersion,
  TFJS_NODE,
  TOOL,
} from './places.mjs';
import { lastError, requireCompiler, requirePython, run } from './programs.mjs';

/** @typedef {import('./libtensorflow.mjs').Libtensorflow} Libtensorflow */

/** After this a download counts as hung. */
const DOWNLOAD_TIMEOUT_MS = 20 * 60_000;

/**
 * Installs the locked packages without running any of their scripts.
 *
 * @returns {boolean} false where they were there
 * @throws {Error} where the registry cannot be reached
 */
export function installPackages() {
  const file = join(TFJS_NODE, 'package.json');
  const installed = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : null;
  if (installed === pinnedVersion() && existsSync(join(MODULES, 'node-api-headers', 'package.json'))) return false;
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { ok, output } =
    npm === undefined
      ? run('npm', args, { cwd: TOOL, timeoutMs: DOWNLOAD_TIMEOUT_MS })
      : run(process.execPath, [npm, ...args], { cwd: TOOL, timeoutMs: DOWNLOAD_TIMEOUT_MS });
  if (!ok) {
    throw new Error(
      `npm must fetch tfjs-node from its registry, got: ${lastError(output)}; see npm config get registry`,
    );
  }
  return true;
}

/**
 * tfjs-node's own install: downloads its libtensorflow and its ready-made binding.
 *
 * @returns {string | null} null, or why it failed
 */
export function ordinaryInstall() {
  const { ok, output } = run(process.execPath, [join('scripts', 'install.js')], {
    cwd: TFJS_NODE,
    env: { ...process.env, PATH: `${join(MODULES, '.bin')}${delimiter}${process.env.PATH ?? ''}` },
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
  });
  if (!ok) return lastError(output);
  return existsSync(bindingTarget()) ? null : 'it left no binding behind';
}

/**
 * Looks for every program that the rest will need, so that none is missed after a long download.
 *
 * @param {string} machine
 * @throws {Error} where one is missing
 */
export function checkPrograms(machine) {
  if (!existsSync(libtensorflowFolder(machine))) requirePython();
  if (!existsSync(bindingFile(machine))) requireCompiler();
}

/**
 * Takes libtensorflow out of its wheel on PyPI, unless an earlier run did; pip checks the wheel's SHA-256.
 *
 * @param {Libtensorflow} libtensorflow
 * @throws {Error} where Python or pip is missing, or the wheel cannot be fetched
 */
export function fetchLibtensorflow({ machine, requirements, tag, libraries }) {
  const folder = libtensorflowFolder(machine);
  if (existsSync(folder)) return;
  const python = requirePython();
  mkdirSync(BUILD, { recursive: true });
  // Filled beside its place and then renamed, so that an interrupted run leaves nothing that looks whole.
  const unfinished = mkdtempSync(join(BUILD, 'unfinished-'));
  try {
    const wheel = downloadWheel(python, requirements, tag, unfinished);
    const out = join(unfinished, 'out');
    const extract = join(TOOL, 'src', 'extract_wheel.py');
    const { ok, output } = run(python, [extract, wheel, join(TFJS_NODE, 'binding'), out, ...libraries]);
    if (!ok) throw new Error(`libtensorflow must come out of ${wheel}, got: ${lastError(output)}`);
    renameSync(out, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    if (readdirSync(BUILD).length === 0) rmdirSync(BUILD);
  }
}

/**
 * @param {string} python
 * @param {string} requirements
 * @param {string} tag
 * @param {string} folder
 * @returns {string} the wheel's path
 */
function downloadWheel(python, requirements, tag, folder) {
  const report = ['--quiet', '--disable-pip-version-check', '--no-input', '--retries', '2'];
  const which = [
    '--require-hashes',
    '--no-deps',
    '--only-binary=:all:',
    '--platform',
    tag,
    '--python-version',
    '3.12',
    '--implementation',
    'cp',
  ];
  const { ok, output } = run(
    python,
    ['-m', 'pip', 'download', ...report, ...which, '--dest', folder, '-r', join(TOOL, 'requirements', requirements)],
    { timeoutMs: DOWNLOAD_TIMEOUT_MS },
  );
  if (!ok) {
    throw new Error(
      `pip must fetch and check TensorFlow ${TENSORFLOW_VERSION} from PyPI, got: ${lastError(output)}; see pip config list`,
    );
  }
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error(`pip must leave a wheel in ${folder}, found none`);
  return join(folder, wheel);
}

/**
 * Compiles tfjs-node's binding against libtensorflow, unless an earlier run did. It speaks Node-API only, so that one file
 * serves every Node.
 *
 * @param {Libtensorflow} libtensorflow
 * @throws {Error} where there is no compiler, or it fails
 */
export function compileBinding({ machine, linkerOptions }) {
  const binding = bindingFile(machine);
  if (existsSync(binding)) return;
  const compiler = requireCompiler();
  mkdirSync(dirname(binding), { recursive: true });
  const unfinished = `${binding}.unfinished`;
  const folder = libtensorflowFolder(machine);
  const includes = [join(MODULES, 'node-api-headers', 'include'), join(folder, 'include')].map((path) => `-I${path}`);
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(TFJS_NODE, 'binding', file));
  const options = ['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', ...includes];
  const { ok, output } = run(compiler, [
    ...options,
    ...sources,
    '-o',
    unfinished,
    `-L${join(folder, 'lib')}`,
    ...linkerOptions,
  ]);
  if (!ok) throw new Error(`${compiler} must compile tfjs-node's binding, got: ${lastError(output)}`);
  renameSync(unfinished, binding);
}

/**
 * Puts the binding and libtensorflow where tfjs-node looks for them.
 *
 * @param {string} machine
 */
export function placeBinding(machine) {
  const target = bindingTarget();
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(bindingFile(machine), target);
  const libraries = join(TFJS_NODE, 'deps', 'lib');
  // What the ordinary install has left; a link here would be that of an earlier run.
  rmSync(dirname(libraries), { recursive: true, force: true });
  makeLink(libraries, join(libtensorflowFolder(machine), 'lib'));
}

/** Lets the libs and the apps find tfjs-node. */
export function makeLinks() {
  for (const link of LINKS) makeLink(link, TFJS_NODE);
}

/**
 * Loads tfjs-node in a process of its own and multiplies two numbers with it.
 *
 * @returns {{ version: string | null, error: string }} the version of TensorFlow that answered, or null and why not
 */
export function tryTfjsNode() {
  const script = [
    `const tf = require(${JSON.stringify(TFJS_NODE)});`,
    'if (tf.mul(6, 7).dataSync()[0] !== 42) throw new Error("6 * 7 is not 42");',
    'console.log("TensorFlow " + tf.backend().binding.TF_Version);',
  ].join('\n');
  const { ok, output } = run(process.execPath, ['-e', script]);
  const version = ok ? /^TensorFlow (\S+)$/m.exec(output)?.[1] : undefined;
  return { version: version ?? null, error: version === undefined ? lastError(output) : '' };
}
