import { engineContract, randomWeights, smallNetwork } from '@digits/engine-contract';
import * as tf from '@tensorflow/tfjs-core';
import { runOnBackend } from './backend.ts';
import type { BackendChoice } from './engine.ts';
import { createTfjsEngine as createPortableEngine } from './index.ts';
import { createTfjsEngine } from './node.ts';

const ARCHITECTURE = smallNetwork();
const WEIGHTS = randomWeights(ARCHITECTURE, 1);
/** For the cpu backend, whose filter gradients are plain JavaScript. Jest has one limit for both contracts of this file. */
const TIMEOUT_MS = 300_000;

describe('createTfjsEngine', () => {
  it('prints nothing when it brings a backend in and uses it', async () => {
    const printed = [jest.spyOn(console, 'warn'), jest.spyOn(console, 'log'), jest.spyOn(console, 'error')];
    for (const backend of ['cpu', 'wasm'] as const) {
      const engine = await createTfjsEngine({ backend });
      const predictor = await engine.createPredictor(ARCHITECTURE, WEIGHTS);
      await predictor.predict(new Float32Array(12 * 11));
      await predictor.dispose();
    }
    printed.forEach((spy) => {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    });
  });

  it.each(['cpu', 'wasm'] as const)('says that it runs on %s', async (backend) => {
    const engine = await createPortableEngine({ backend });
    expect([engine.name, engine.backend]).toEqual(['tfjs', backend]);
  });

  it('takes wasm by default where there is no native library', async () => {
    expect((await createPortableEngine()).backend).toBe('wasm');
  });

  it('refuses an unknown backend', async () => {
    const backend = 'cuda' as BackendChoice;
    const message = 'createTfjsEngine: backend must be one of auto, tensorflow, wasm, webgl, webgpu, cpu, got "cuda"';
    await expect(createTfjsEngine({ backend })).rejects.toThrow(new RangeError(message));
    await expect(createPortableEngine({ backend })).rejects.toThrow(new RangeError(message));
  });

  it('says in one line what the portable entry cannot reach', async () => {
    await expect(createPortableEngine({ backend: 'tensorflow' })).rejects.toThrow(
      'createTfjsEngine: backend "tensorflow" must be reached through @digits/engine-tfjs/node, in Node, got the portable entry',
    );
  });

  it.each(['webgl', 'webgpu'] as const)('says in one line that Node has no %s', async (backend) => {
    await expect(createTfjsEngine({ backend })).rejects.toThrow(
      `createTfjsEngine: backend "${backend}" is not available in Node here; use wasm or cpu`,
    );
  });

  it('goes on with the other backends after one was missing', async () => {
    await expect(createTfjsEngine({ backend: 'webgl' })).rejects.toThrow('webgl');
    const engine = await createTfjsEngine({ backend: 'cpu' });
    const predictor = await engine.createPredictor(ARCHITECTURE, WEIGHTS);
    expect(await predictor.predict(new Float32Array(12 * 11))).toHaveLength(5);
    await predictor.dispose();
  });

  it('lets engines on two backends answer at the same time', async () => {
    const engines = await Promise.all([createTfjsEngine({ backend: 'cpu' }), createTfjsEngine({ backend: 'wasm' })]);
    const predictors = await Promise.all(engines.map((engine) => engine.createPredictor(ARCHITECTURE, WEIGHTS)));
    const images = Float32Array.from({ length: 300 * 12 * 11 }, (_, i) => (i % 17) / 16);
    const [onCpu, onWasm] = await Promise.all(predictors.map((predictor) => predictor.predict(images)));
    expect(onCpu).toHaveLength(1500);
    onCpu.forEach((logit, i) => {
      expect(onWasm[i]).toBeCloseTo(logit, 4);
    });
    await Promise.all(predictors.map((predictor) => predictor.dispose()));
  });
});

describe('runOnBackend', () => {
  it('runs on the backend named, whichever is active', async () => {
    await createTfjsEngine({ backend: 'cpu' });
    await createTfjsEngine({ backend: 'wasm' });
    const active = await Promise.all(
      (['cpu', 'wasm', 'cpu'] as const).map((name) => runOnBackend(name, () => tf.getBackend())),
    );
    expect(active).toEqual(['cpu', 'wasm', 'cpu']);
  });

  it('passes on what the work throws', async () => {
    const failing = runOnBackend('cpu', () => {
      throw new Error('no such thing');
    });
    await expect(failing).rejects.toThrow('no such thing');
  });
});

describe('createTfjsEngine on cpu', () => {
  engineContract(() => createTfjsEngine({ backend: 'cpu' }), { timeoutMs: TIMEOUT_MS });
});

describe('createTfjsEngine on wasm', () => {
  engineContract(() => createTfjsEngine({ backend: 'wasm' }), { timeoutMs: TIMEOUT_MS });
});
