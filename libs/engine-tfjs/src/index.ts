import { type BackendName, portableLoader } from './backend.ts';
import { type BackendChoice, createEngineOn, type TfjsEngine } from './engine.ts';

export type { BackendName } from './backend.ts';
export type { BackendChoice, TfjsEngine } from './engine.ts';
export { toLayersModel } from './layers-model.ts';

/** Settings of the engine. */
export interface TfjsEngineOptions {
  /** Default: `auto`, which is wasm if it can be loaded, else cpu. */
  readonly backend?: BackendChoice;
  /**
   * URL (or path) of the folder that holds the `.wasm` files of `@tensorflow/tfjs-backend-wasm`, ending in `/`; by
   * default TensorFlow.js looks for them beside the script. The first engine on `wasm` decides for the whole program.
   */
  readonly wasmFolder?: string;
}

/**
 * Creates the TensorFlow.js engine for a browser, or for Node without the native library.
 *
 * @throws RangeError if `backend` is not a backend
 * @throws Error if the backend is not available here; the message says how to get it
 * @example
 * ```ts
 * const engine = await createTfjsEngine({ backend: 'cpu' });
 * engine.backend; // 'cpu'
 * ```
 */
export function createTfjsEngine({ backend = 'auto', wasmFolder }: TfjsEngineOptions = {}): Promise<TfjsEngine> {
  return createEngineOn(backend, {
    automatic: ['wasm', 'cpu'],
    load: (name) => (name === 'tensorflow' ? () => Promise.resolve(false) : portableLoader(name, wasmFolder)),
    explainMissing,
  });
}

function explainMissing(backend: BackendName): string {
  switch (backend) {
    case 'tensorflow':
      return 'backend "tensorflow" must be reached through @digits/engine-tfjs/node, in Node, got the portable entry';
    case 'wasm':
      return 'backend "wasm" must find its .wasm files, got none that load; serve those of @tensorflow/tfjs-backend-wasm/dist and give their folder as wasmFolder';
    case 'webgl':
      return 'backend "webgl" must have a WebGL context, got none here; use wasm or cpu';
    case 'webgpu':
      return 'backend "webgpu" must have a WebGPU adapter, got none here; use wasm or cpu';
    case 'cpu':
      return 'backend "cpu" must be there always, got an error from TensorFlow.js';
  }
}
