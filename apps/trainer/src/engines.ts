import type { Engine } from '@digits/model';
import { type Command, Option } from 'commander';
import { availableParallelism } from 'node:os';
import { UsageError, wholeNumber } from './command-line.ts';

const ENGINES = ['simd', 'tfjs'] as const;
const TFJS_BACKENDS = ['auto', 'tensorflow', 'wasm', 'cpu'] as const;

/** engine-simd cuts a batch into 8 shards. */
const MAX_THREADS = 8;

/** Which engine a command runs on; plain data, so that it can be posted to a worker. */
export interface EngineChoice {
  readonly engine: (typeof ENGINES)[number];
  readonly tfjsBackend: (typeof TFJS_BACKENDS)[number];
  readonly threads: number;
}

/** Adds `--engine`, `--tfjs-backend` and `--threads`. */
export function withEngineOptions(command: Command): Command {
  return command
    .addOption(new Option('--engine <name>', 'what runs the network').choices(ENGINES).default('simd'))
    .addOption(
      new Option(
        '--tfjs-backend <name>',
        'backend of --engine tfjs (auto: tensorflow where installed, else wasm, else cpu)',
      )
        .choices(TFJS_BACKENDS)
        .default('auto'),
    )
    .addOption(
      new Option('--threads <n>', 'threads of --engine simd, at most 8; the result does not depend on it')
        .argParser(wholeNumber(1, MAX_THREADS))
        .default(Math.min(availableParallelism(), MAX_THREADS), 'one a core'),
    );
}

/** @throws UsageError where an option is given that the chosen engine does not have */
export function checkEngineChoice(choice: EngineChoice): void {
  if (choice.engine !== 'tfjs' && choice.tfjsBackend !== 'auto') {
    throw new UsageError(`--tfjs-backend must go with --engine tfjs, got --engine ${choice.engine}`);
  }
}

/** Makes the engine, loading no other; the caller disposes of the sessions and predictors that it opens. */
export async function createEngine(choice: EngineChoice): Promise<Engine> {
  if (choice.engine === 'simd') {
    const { createSimdEngine } = await import('@digits/engine-simd/node');
    return createSimdEngine({ threads: choice.threads });
  }
  const { createTfjsEngine } = await import('@digits/engine-tfjs/node');
  return createTfjsEngine({ backend: choice.tfjsBackend });
}
