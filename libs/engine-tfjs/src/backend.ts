import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { registerResizeKernels } from './resize-kernels.ts';
import { registerWasmKernels } from './wasm-kernels.ts';

/** Backends of TensorFlow.js. `tensorflow` is the native library, available through `@digits/engine-tfjs/node` only. */
export const BACKENDS = ['tensorflow', 'wasm', 'webgl', 'webgpu', 'cpu'] as const;

/** Name of a backend in TensorFlow.js. */
export type BackendName = (typeof BACKENDS)[number];

/** Loads a backend; resolves to false if this machine does not have it. */
export type BackendLoader = () => Promise<boolean>;

/** Everything in this lib that uses the active backend runs in turn, because the backend is global in TensorFlow.js. */
let lastTurn: Promise<unknown> = Promise.resolve();

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = lastTurn.then(task);
  lastTurn = result.catch(() => undefined);
  return result;
}

/**
 * Loads and initialises a backend.
 *
 * @param load loads the packages of the backend
 * @returns whether the backend is available; a missing one does not reject
 */
export function initialiseBackend(name: BackendName, load: BackendLoader): Promise<boolean> {
  return inTurn(async () => {
    if (!(await load()) || !isRegistered(name)) return false;
    if (!(await tf.setBackend(name))) return false;
    if (name === 'cpu') silenceNodeBanner();
    if (name === 'wasm') registerWasmKernels();
    registerResizeKernels(name);
    return true;
  });
}

/**
 * Runs tensor work on one backend. Engines on several backends take turns: nothing else in this lib runs between the switch
 * and the end of the work.
 *
 * @param compute must not wait for other work of this lib
 */
export function runOnBackend<T>(name: BackendName, compute: () => T | Promise<T>): Promise<T> {
  return inTurn(async () => {
    if (tf.getBackend() !== name) await tf.setBackend(name);
    return compute();
  });
}

/**
 * Returns the loader of a backend without a native library.
 *
 * @param wasmFolder URL or path, ending in `/`, of the folder with the `.wasm` files; by default the package looks for them
 */
export function portableLoader(name: Exclude<BackendName, 'tensorflow'>, wasmFolder?: string): BackendLoader {
  switch (name) {
    case 'cpu':
      return () => Promise.resolve(true);
    case 'wasm':
      return () => Promise.resolve(wasmFolder === undefined || takesWasmFolder(wasmFolder));
    case 'webgl':
      return async () => {
        await import('@tensorflow/tfjs-backend-webgl');
        // Packed textures hold 2x2 values. Values beyond an odd edge are not always zero, and packed products add them.
        tf.env().set('WEBGL_PACK', false);
        return true;
      };
    case 'webgpu':
      return async () => (await import('@tensorflow/tfjs-backend-webgpu'), true);
  }
}

/** Sets the folder; false if the backend failed to load before, because it then accepts no other folder. */
function takesWasmFolder(wasmFolder: string): boolean {
  try {
    setWasmPaths(wasmFolder);
    return true;
  } catch {
    return false;
  }
}

function isRegistered(name: BackendName): boolean {
  return Object.hasOwn(tf.engine().registryFactory, name);
}

/** Suppresses the advertisement for tfjs-node that the cpu backend prints with its first tensor in Node. */
function silenceNodeBanner(): void {
  const backend = tf.backend() as { firstUse?: boolean };
  backend.firstUse = false;
}
