import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lib, WORKSPACE_ROOT } from './packages.ts';

/** A program that a README shows. */
export interface ReadmeExample {
  readonly code: string;
  /** The lines that it prints, as the comments behind and below its `console.log` say. */
  readonly output: readonly string[];
}

/** An example with a name that no other has, such as `data-2`. */
export interface NamedExample extends ReadmeExample {
  readonly name: string;
}

const BLOCK = /^```ts\n(.*?)^```$/gms;
const PRINTING = /console\.log\(.*\);(?: \/\/ (.*))?$/;
const COMMENT = /^\s*\/\/ ?(.*)$/;

/**
 * Finds the programs in a README: its blocks of TypeScript, each of which stands alone.
 *
 * What a program prints stands in comments: behind a `console.log(...);`, or in whole lines right below it.
 */
export function readmeExamples(markdown: string): ReadmeExample[] {
  return [...markdown.matchAll(BLOCK)].map(([, code]) => ({ code, output: printedLines(code.split('\n')) }));
}

/** Finds the programs in the READMEs of libs. */
export function libExamples(libs: readonly Lib[]): NamedExample[] {
  return libs.flatMap(({ folder, manifest }) =>
    readmeExamples(readFileSync(join(WORKSPACE_ROOT, folder, 'README.md'), 'utf8')).map((example, index) => ({
      ...example,
      name: `${manifest.name.replace('@digits/', '')}-${index + 1}`,
    })),
  );
}

function printedLines(lines: readonly string[]): string[] {
  const output: string[] = [];
  let printing = false;
  for (const line of lines) {
    const printed = PRINTING.exec(line);
    const comment = COMMENT.exec(line);
    if (printed?.[1] !== undefined) output.push(printed[1]);
    else if (printing && comment !== null) output.push(comment[1]);
    printing = printed !== null || (printing && comment !== null);
  }
  return output;
}
