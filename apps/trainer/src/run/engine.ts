import type { Engine } from '@digits/model';
import * as v from 'valibot';

export const ENGINES = ['simd', 'tfjs'] as const;
export const TFJS_BACKENDS = ['auto', 'tensorflow', 'wasm', 'cpu'] as const;

/** Schema of {@link EngineChoice}. */
export const engineChoice = v.object({
  engine: v.picklist(ENGINES),
  tfjsBackend: v.picklist(TFJS_BACKENDS),
  threads: v.number(),
});

/** Which engine a command runs on; plain data that can be posted to a worker. */
export type EngineChoice = Readonly<v.InferOutput<typeof engineChoice>>;

/** Makes the engine, loading no other; the caller disposes of the sessions and predictors that it opens. */
export async function createEngine(choice: EngineChoice): Promise<Engine> {
  if (choice.engine === 'simd') {
    const { createSimdEngine } = await import('@digits/engine-simd/node');
    return createSimdEngine({ threads: choice.threads });
  }
  const { createTfjsEngine } = await import('@digits/engine-tfjs/node');
  return createTfjsEngine({ backend: choice.tfjsBackend });
}
