import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { registerWasmKernels } from './wasm-kernels.ts';

/** What TensorFlow.js computes on. `tensorflow` is the native library, reached through `@digits/engine-tfjs/node` only. */
export const BACKENDS = ['tensorflow', 'wasm', 'webgl', 'webgpu', 'cpu'] as const;

/** The name of a backend, as TensorFlow.js has it. */
export type BackendName = (typeof BACKENDS)[number];

/** How a backend is brought in; resolves to false where this machine does not have it. */
export type BackendLoader = () => Promise<boolean>;

/** What of this lib touches the active backend, which is global in TensorFlow.js, does so in turn. */
let lastTurn: Promise<unknown> = Promise.resolve();

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = lastTurn.then(task);
  lastTurn = result.catch(() => undefined);
  return result;
}

/**
 * Brings a backend in and makes it ready.
 *
 * @param load loads what the backend needs besides this lib
 * @returns whether it is there; never rejects for a backend that is merely missing
 */
export function initialiseBackend(name: BackendName, load: BackendLoader): Promise<boolean> {
  return inTurn(async () => {
    if (!(await load()) || !isRegistered(name)) return false;
    if (!(await tf.setBackend(name))) return false;
    if (name === 'cpu') silenceNodeBanner();
    if (name === 'wasm') registerWasmKernels();
    return true;
  });
}

/**
 * Runs tensor work on one backend, so that engines on several of them take turns: nothing else of this lib runs between the
 * switch and the end of the work.
 *
 * @param compute must not wait for anything from outside
 */
export function runOnBackend<T>(name: BackendName, compute: () => T | Promise<T>): Promise<T> {
  return inTurn(async () => {
    if (tf.getBackend() !== name) await tf.setBackend(name);
    return compute();
  });
}

/**
 * Loads the backends that need no native library.
 *
 * @param wasmFolder URL or path, ending in `/`, of the folder with the `.wasm` files; by default where the package finds them
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
        // Packed textures hold 2x2 values; what stands beyond an odd edge is not always zero, and packed products add it in.
        tf.env().set('WEBGL_PACK', false);
        return true;
      };
    case 'webgpu':
      return async () => (await import('@tensorflow/tfjs-backend-webgpu'), true);
  }
}

/** Once the backend failed to load it takes no other folder, and is missing from then on. */
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

/** The cpu backend advertises tfjs-node when it first holds a tensor in Node; the choice was made by then. */
function silenceNodeBanner(): void {
  const backend = tf.backend() as { firstUse?: boolean };
  backend.firstUse = false;
}
