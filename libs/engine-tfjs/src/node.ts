import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { type BackendLoader, type BackendName, portableLoader } from './backend.ts';
import { type BackendChoice, createEngineOn, type TfjsEngine } from './engine.ts';
import { loadNativeLibrary } from './node/native-library.ts';

export { loadNativeLibrary, type NativeLibrary } from './node/native-library.ts';

/** What the engine runs on. */
export interface NodeTfjsEngineOptions {
  /** `auto`, the default: tensorflow (tfjs-node) when it loads, else wasm, else cpu. */
  readonly backend?: BackendChoice;
}

/**
 * Makes the TensorFlow.js engine for Node, with the native library where `@tensorflow/tfjs-node` is installed.
 *
 * @throws RangeError when `backend` is none that exists
 * @throws Error when the backend is not available here, with what would make it so
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

/** Where npm put the `.wasm` files: a bundled program cannot find them from its own place. */
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
