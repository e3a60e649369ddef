/** A program that a README shows. */
export interface ReadmeExample {
  readonly code: string;
  /** The lines that it prints, as the comments behind and below its `console.log` say. */
  readonly output: readonly string[];
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
