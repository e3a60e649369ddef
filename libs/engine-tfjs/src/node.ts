import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { type BackendLoader, type BackendName, portableLoader } from './backend.ts';
import { type BackendChoice, createEngineOn, type TfjsEngine } from './engine.ts';
import { loadNativeLibrary } from './node/native-library.ts';

export { loadNativeLibrary, type NativeLibrary } from './node/native-library.ts';

/** Settings of the engine. */
export interface NodeTfjsEngineOptions {
  /** Default: `auto`, which is tensorflow (tfjs-node) if it loads, else wasm, else cpu. */
  readonly backend?: BackendChoice;
}

/**
 * Creates the TensorFlow.js engine for Node, with the native library if `@tensorflow/tfjs-node` is installed.
 *
 * @throws RangeError if `backend` is not a backend
 * @throws Error if the backend is not available here; the message says how to get it
 * @example
 * ```ts
 * const engine = await createTfjsEngine({ backend: 'wasm' });
 * engine.backend; // 'wasm'
 * ```
 */
export function createTfjsEngine({ backend = 'auto' }: NodeTfjsEngineOptions = {}): Promise<TfjsEngine> {
  return createEngineOn(backend, { automatic: ['tensorflow', 'wasm', 'cpu'], load: nodeLoader, explainMissing });
}

function nodeLoader(name: BackendName): BackendLoader {
  switch (name) {
    case 'tensorflow':
      return () => Promise.resolve(loadNativeLibrary().loaded);
    case 'wasm':
      return portableLoader(name, wasmFolder());
    case 'cpu':
      return portableLoader(name);
    case 'webgl':
    case 'webgpu':
      return () => Promise.resolve(false);
  }
}

/** Returns the folder of the installed `.wasm` files, which a bundled program cannot find by itself. */
function wasmFolder(): string {
  const packageFile = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  return `${dirname(packageFile)}${sep}dist${sep}`;
}

function explainMissing(backend: BackendName): string {
  if (backend === 'tensorflow') {
    const library = loadNativeLibrary();
    const reason = library.loaded ? '@tensorflow/tfjs-node loads but has no backend' : library.reason;
    return `backend "tensorflow" is not available: ${reason}`;
  }
  return `backend "${backend}" is not available in Node here; use wasm or cpu`;
}
