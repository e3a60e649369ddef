import { type Command, CommanderError } from 'commander';
import { createRequire } from 'node:module';

/** A mistake in how a command was called: exit code 2. Everything else that fails is 1. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Work that the person at the keyboard ended before it had a result. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}

/** What the person at the keyboard ended, not the program: exit code 130, as shells have it. */
export const INTERRUPTED = 130;

/**
 * Runs the program and answers with its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted. An error is one line on standard
 * error, followed by its stack with `--debug`.
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...args], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`error: ${describeError(error)}\n`);
    if (args.includes('--debug') && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
    if (error instanceof InterruptedError) return INTERRUPTED;
    return error instanceof UsageError ? 2 : 1;
  }
}

/** One line: the message, then the causes that say something new. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : describeError(error.cause);
  const text = cause === '' || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

/** Prints a line to standard error, which takes everything but the answers themselves. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Reads the version of the command line from its `package.json`, one folder above both source and build. */
export function ourVersion(): string {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  return version;
}
