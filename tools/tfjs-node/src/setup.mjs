/**
 * Makes `--tfjs-backend tensorflow` work: `npm run setup:tfjs-node [-- --wheel | --remove] [--debug]`.
 *
 * First tfjs-node's own install, which downloads libtensorflow 2.9.1. Where that is refused, or with `--wheel`, a newer
 * libtensorflow out of PyPI's TensorFlow wheel, with tfjs-node's binding compiled against it. `--remove` undoes everything.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  checkPrograms,
  compileBinding,
  fetchLibtensorflow,
  installPackages,
  makeLinks,
  ordinaryInstall,
  placeBinding,
  tryTfjsNode,
} from './install.mjs';
import { libtensorflowFor, runningGlibc, TENSORFLOW_VERSION } from './libtensorflow.mjs';
import { BUILD, LINKS, MODULES, removeLink } from './places.mjs';

/** @param {string} line */
function say(line) {
  console.log(`setup:tfjs-node: ${line}`);
}

function remove() {
  for (const link of LINKS) removeLink(link);
  rmSync(MODULES, { recursive: true, force: true });
  rmSync(BUILD, { recursive: true, force: true });
  say('removed');
}

/** @param {boolean} wheelOnly */
function setUp(wheelOnly) {
  if (installPackages()) say('installed @tensorflow/tfjs-node without its scripts');
  let { version, error } = tryTfjsNode();
  // The ordinary install brought an older one.
  if (wheelOnly && version !== TENSORFLOW_VERSION) version = null;
  if (version === null && !wheelOnly) {
    say("trying tfjs-node's own download");
    const refusal = ordinaryInstall();
    if (refusal !== null) say(`its own download failed (${refusal}); taking libtensorflow from PyPI instead`);
    else ({ version, error } = tryTfjsNode());
  }
  if (version === null) {
    fromWheel();
    ({ version, error } = tryTfjsNode());
  }
  if (version === null)
    throw new Error(`tfjs-node must load after set-up, got: ${error}; try --remove and set up again`);
  makeLinks();
  say(`TensorFlow ${version} is ready: npm run train -- --engine tfjs --tfjs-backend tensorflow`);
}

function fromWheel() {
  const libtensorflow = libtensorflowFor(`${process.platform}-${process.arch}`, runningGlibc());
  checkPrograms(libtensorflow.machine);
  say(`taking libtensorflow ${TENSORFLOW_VERSION} from PyPI (about 280 MB once, then kept in tools/tfjs-node/build)`);
  fetchLibtensorflow(libtensorflow);
  say("compiling tfjs-node's binding");
  compileBinding(libtensorflow);
  placeBinding(libtensorflow.machine);
}

const USAGE = `npm run setup:tfjs-node -- [--wheel | --remove] [--debug]

  --wheel   skip tfjs-node's own download and take libtensorflow out of PyPI's TensorFlow wheel
  --remove  undo everything
  --debug   print the stack of an error too`;

let debug = false;
try {
  const { values } = parseArgs({
    options: {
      wheel: { type: 'boolean' },
      remove: { type: 'boolean' },
      debug: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  debug = values.debug ?? false;
  if (values.help) console.log(USAGE);
  else if (values.remove) remove();
  else setUp(values.wheel ?? false);
} catch (error) {
  const wrongUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(`setup:tfjs-node: ${error instanceof Error ? error.message : String(error)}`);
  if (debug && error instanceof Error) console.error(error.stack);
  process.exitCode = wrongUsage ? 2 : 1;
}
