import { type BackendName, createTfjsEngine } from '@digits/engine-tfjs';
import { createEngineHost, type EngineAnswer, type EngineRequest } from '../engines/engine-host.ts';

let host: ((request: EngineRequest) => Promise<EngineAnswer>) | undefined;

/** The `.wasm` files are served beside the page. */
export async function start(backend: BackendName): Promise<string> {
  const engine = await createTfjsEngine({ backend, wasmFolder: '/' });
  host = createEngineHost(engine);
  return engine.backend;
}

export async function ask(request: EngineRequest): Promise<EngineAnswer> {
  if (host === undefined) throw new Error('start must be called before ask');
  return host(request);
}
