import { createTfjsEngine } from './index.ts';

describe('createTfjsEngine in a browser', () => {
  const wasmFolder = '/no/such/folder/';

  beforeEach(() => {
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('says what the wasm backend needs where its files are not in the folder', async () => {
    await expect(createTfjsEngine({ backend: 'wasm', wasmFolder })).rejects.toThrow(
      'createTfjsEngine: backend "wasm" must find its .wasm files, got none that load; serve those of @tensorflow/tfjs-backend-wasm/dist and give their folder as wasmFolder',
    );
  });

  it('falls back to cpu by default where wasm cannot be loaded', async () => {
    expect((await createTfjsEngine({ wasmFolder })).backend).toBe('cpu');
  });

  it.each([
    ['webgl', 'must have a WebGL context, got none here; use wasm or cpu'],
    ['webgpu', 'must have a WebGPU adapter, got none here; use wasm or cpu'],
  ] as const)('says what %s needs where there is none', async (backend, message) => {
    await expect(createTfjsEngine({ backend })).rejects.toThrow(`createTfjsEngine: backend "${backend}" ${message}`);
  });
});
