import { spawnSync } from 'node:child_process';

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 * @returns {{ ok: boolean, missing: boolean, output: string }} `output`: what it wrote on both streams; `missing`: there is no such program
 */
export function run(command, args, { cwd, env, timeoutMs } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: env ?? process.env,
    timeout: timeoutMs,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  const missing = error !== undefined && 'code' in error && error.code === 'ENOENT';
  return { ok: status === 0, missing, output: `${stdout ?? ''}${stderr ?? ''}` };
}

/**
 * The one line of a program's output that says what went wrong.
 *
 * @param {string} output
 */
export function lastError(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const telling = [/error: /i, /\bfailed\b/i, /\berror\b/i].map((pattern) => lines.find((line) => pattern.test(line)));
  return telling.find((line) => line !== undefined) ?? lines.filter((line) => line !== '').at(-1) ?? 'nothing';
}

/**
 * The first of several programs that is there.
 *
 * @param {readonly string[]} commands
 * @returns {string | null}
 */
function firstProgram(commands) {
  return commands.find((command) => run(command, ['--version']).ok) ?? null;
}

/**
 * Python with pip.
 *
 * @returns {string} the command
 * @throws {Error} where either is missing
 */
export function requirePython() {
  const python = firstProgram(process.env.PYTHON ? [process.env.PYTHON] : ['python3', 'python']);
  if (python === null) {
    throw new Error('python3 must be on the PATH to fetch libtensorflow, found none; install Python 3 or set PYTHON');
  }
  if (!run(python, ['-m', 'pip', '--version']).ok) {
    throw new Error(
      `pip must be installed for ${python}, found none; try ${python} -m ensurepip, or apt install python3-pip`,
    );
  }
  return python;
}

/**
 * @returns {string} the command of a C++ compiler
 * @throws {Error} where there is none
 */
export function requireCompiler() {
  const compiler = firstProgram(process.env.CXX ? [process.env.CXX] : ['g++', 'clang++', 'c++']);
  if (compiler === null) {
    throw new Error(
      "a C++ compiler must be on the PATH to build tfjs-node's binding, found none; apt install g++, or set CXX",
    );
  }
  return compiler;
}
