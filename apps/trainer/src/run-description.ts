import type { TrainingConfig } from '@digits/model';
import { cpus, totalmem } from 'node:os';
import type { Preprocessing } from './prepared-data.ts';
import { ourVersion } from './version.ts';
import type { RunRequest } from './training-request.ts';

/** What `config.json` of a run says: enough to repeat it. */
export interface RunDescription {
  readonly request: RunRequest;
  readonly config: TrainingConfig;
  readonly dataset: { readonly source: string; readonly sha256: string; readonly preprocessing: Preprocessing };
  readonly versions: { readonly digits: string; readonly node: string };
  readonly machine: {
    readonly platform: string;
    readonly processor: string;
    readonly cores: number;
    readonly memoryBytes: number;
  };
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Describes a run that is about to start on this machine. */
export function describeRun(
  request: RunRequest,
  {
    config,
    checksum,
    preprocessing,
  }: { readonly config: TrainingConfig; readonly checksum: string; readonly preprocessing: Preprocessing },
): RunDescription {
  return {
    request,
    config,
    dataset: { source: request.dataset, sha256: checksum, preprocessing },
    versions: { digits: ourVersion(), node: process.version },
    machine: {
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    startedAt: new Date().toISOString(),
  };
}
