import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { registerWasmKernels } from './wasm-kernels.ts';

/** What TensorFlow.js computes on. `tensorflow` is the native library, reached through `@digits/engine-tfjs/node` only. */
export const BACKENDS = ['tensorflow', 'wasm', 'webgl', 'webgpu', 'cpu'] as const;

export type BackendName = (typeof BACKENDS)[number];

/** How a backend is brought in; resolves to false where this machine does not have it. */
export type BackendLoader = () => Promise<boolean>;

/** Chains first-time initialisations: TensorFlow.js mixes two of them up when they overlap. */
let initialisation: Promise<unknown> = Promise.resolve();

/**
 * Brings a backend in and makes it ready.
 *
 * @param load loads what the backend needs besides this lib
 * @returns whether it is there; never rejects for a backend that is merely missing
 */
export function initialiseBackend(name: BackendName, load: BackendLoader): Promise<boolean> {
  const result = initialisation.then(async () => {
    if (!(await load()) || !isRegistered(name)) return false;
    if (!(await tf.setBackend(name))) return false;
    if (name === 'cpu') silenceNodeBanner();
    if (name === 'wasm') registerWasmKernels();
    return true;
  });
  initialisation = result.catch(() => undefined);
  return result;
}

/**
 * Runs synchronous tensor work on one backend. The active backend is global in TensorFlow.js, so that engines on several
 * of them take turns: nothing else runs between the switch and the work.
 *
 * @param compute must not wait for anything
 */
export async function runOnBackend<T>(name: BackendName, compute: () => T): Promise<T> {
  for (;;) {
    const pending = initialisation;
    await pending;
    if (pending !== initialisation) continue;
    if (tf.getBackend() === name) return compute();
    await tf.setBackend(name);
  }
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
      return () => {
        if (wasmFolder !== undefined) setWasmPaths(wasmFolder);
        return Promise.resolve(true);
      };
    case 'webgl':
      return async () => (await import('@tensorflow/tfjs-backend-webgl'), true);
    case 'webgpu':
      return async () => (await import('@tensorflow/tfjs-backend-webgpu'), true);
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
