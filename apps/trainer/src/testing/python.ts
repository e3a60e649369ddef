import { spawnSync } from 'node:child_process';

/** Result of a Python program. */
export interface PythonRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const CANDIDATES = [process.env.DIGITS_PYTHON, 'python3', 'python'].filter((name) => name !== undefined);

/** Defines a test that needs a Python with some modules: `DIGITS_PYTHON`, `python3` or `python`. It is skipped if none has them. */
export function itWithPython(modules: string, title: string, test: (python: string) => void | Promise<void>): void {
  const python = findPython(modules);
  if (python === null) it.skip(title, () => undefined);
  else
    it(title, async () => {
      await test(python);
    });
}

function findPython(module: string): string | null {
  const found = CANDIDATES.find(
    (name) => spawnSync(name, ['-c', `import ${module}`], { env: { ...process.env } }).status === 0,
  );
  if (found !== undefined) return found;
  process.stderr.write(
    `SKIPPED: no Python here has ${module}; pip install it, and name the interpreter as DIGITS_PYTHON\n`,
  );
  return null;
}

/** Runs a Python program to its end. */
export function runPython(python: string, args: readonly string[], cwd?: string): PythonRun {
  // Without `env`, Jest's child processes do not get what a spec sets.
  const options = { encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env } } as const;
  return spawnSync(python, args, { ...options, ...(cwd !== undefined && { cwd }) });
}
