import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** Interval between checks for a changed file, in milliseconds. Polling also sees secrets that Kubernetes replaces by a link. */
const CHECK_MS = 2000;

/** Name of a client, then its token. Tokens contain no colon. */
const NAMED = /^([\w.@-]{1,64}):\s+(.+)$/;

/** Names of clients by the hashes of their tokens. */
type Names = ReadonlyMap<string, string>;

/**
 * Bearer tokens of a file: one per line, each after a name and a colon. Empty lines and those that start with `#` do not count. Several
 * tokens may have the same name, for clients that change their token.
 *
 * @example
 * # Billing, until March
 * billing: 9gR1...
 */
export class TokenFile {
  readonly #file: string;
  /** State of the file before it was read: later changes are then never missed. */
  #state: string;
  #names: Names;
  #check: NodeJS.Timeout | undefined;

  /** @throws Error if the file can't be read or holds no token */
  constructor(file: string) {
    this.#file = file;
    this.#state = stateOf(file);
    this.#names = readNames(file);
  }

  /** Number of tokens. */
  get size(): number {
    return this.#names.size;
  }

  /** Returns the name of the client that has a token, null for an unknown token. */
  clientOf(token: string): string | null {
    // The time that a look-up takes says nothing about a token, only about its hash.
    return this.#names.get(digestOf(token)) ?? null;
  }

  /**
   * Reads the file again.
   *
   * @throws Error if it can't be read or holds no token; the previous tokens stay valid
   */
  reload(): void {
    this.#names = readNames(this.#file);
  }

  /** Calls back when the file has changed. */
  watch(onChange: () => void): void {
    this.#check = setInterval(() => {
      const state = stateOf(this.#file);
      if (state === this.#state) return;
      this.#state = state;
      onChange();
    }, CHECK_MS).unref();
  }

  /** Stops watching. */
  close(): void {
    clearInterval(this.#check);
  }
}

/** Returns text that changes if the file, or the target of its link, is replaced or written; empty if the file is missing. */
function stateOf(file: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return '';
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function readNames(file: string): Names {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`--tokens-file must be a readable file, got ${file}`, { cause });
  }
  const names = new Map<string, string>();
  for (const [i, content] of text.split(/\r?\n/).entries()) {
    const line = content.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, name = `line ${i + 1}`, token = line] = NAMED.exec(line) ?? [];
    const digest = digestOf(token);
    const other = names.get(digest);
    if (other !== undefined) {
      throw new Error(
        `--tokens-file must have each token once, got that of "${other}" again in line ${i + 1} of ${file}`,
      );
    }
    names.set(digest, name);
  }
  if (names.size === 0) throw new Error(`--tokens-file must contain at least one token, got none in ${file}`);
  return names;
}
