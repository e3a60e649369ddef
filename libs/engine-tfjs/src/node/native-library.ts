import { createRequire } from 'node:module';
import util from 'node:util';

const PACKAGE = '@tensorflow/tfjs-node';

/** Whether TensorFlow's native library was loaded, and if not, why. */
export type NativeLibrary = { readonly loaded: true } | { readonly loaded: false; readonly reason: string };

/**
 * Loads `@tensorflow/tfjs-node`, which registers the backend `tensorflow`. It stays optional: nothing here depends on it.
 *
 * @param load loads a package by name, as `require` does
 * @returns the reason in one line if it does not load; never throws
 */
export function loadNativeLibrary(load: (name: string) => unknown = createRequire(import.meta.url)): NativeLibrary {
  try {
    restoreFormerFunctions();
    withoutRegistrationWarnings(() => load(PACKAGE));
    return { loaded: true };
  } catch (error) {
    return { loaded: false, reason: reasonOf(error) };
  }
}

/**
 * tfjs-node calls two deprecated functions of `node:util`. Node 22 warns about both. Node 23 removed the first, so every operation
 * would fail there.
 */
function restoreFormerFunctions(): void {
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: (value: unknown) => Array.isArray(value),
  });
}

/**
 * Hides the warnings about kernels that are already registered. tfjs-node prints them if it has its own copies of the
 * TensorFlow.js packages. Loading is synchronous, so no other warnings are hidden.
 */
function withoutRegistrationWarnings(load: () => unknown): void {
  const { warn } = console;
  console.warn = (...data: unknown[]) => {
    const isExpected = typeof data[0] === 'string' && /already (been set|registered)/.test(data[0]);
    if (!isExpected) warn.apply(console, data);
  };
  try {
    load();
  } finally {
    console.warn = warn;
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const firstLine = String(message ?? error).split('\n', 1)[0];
  if (code === 'MODULE_NOT_FOUND' && firstLine.includes(`'${PACKAGE}'`)) {
    return `${PACKAGE} is not installed; npm run setup:tfjs-node sets it up, backend "wasm" needs nothing`;
  }
  return `${PACKAGE} is installed but does not load (${firstLine}); npm run setup:tfjs-node may mend it, backend "wasm" needs nothing`;
}
