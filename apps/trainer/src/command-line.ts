import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';

/** A mistake in how a command was called: exit code 2. Everything else that fails is 1. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** What the person at the keyboard ended, not the program: exit code 130, as shells have it. */
export const INTERRUPTED = 130;

/** Reads a whole number of at least `min` from the command line. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < min || value > max) {
      const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
      throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    }
    return value;
  };
}

/** Lets `--json` and `--debug` mean the same in every command. */
export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print one JSON object as the last line of standard output'))
    .addOption(new Option('--debug', 'print the stack of an error too'))
    .showHelpAfterError('(--help says what can be given)');
}

/**
 * Runs the program and answers with its exit code: 0 done, 1 failed, 2 wrong usage. An error is one line on standard
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

/** Prints to standard error, where everything goes that is not the answer itself. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
