import type { LabelledImages } from '@digits/data';
import {
  PRESET_NAMES,
  type PresetName,
  type TrainingConfig,
  trainingConfigFor,
  type TrainingRequest,
} from '@digits/model';
import { UsageError } from './command-line.ts';
import type { EngineChoice } from './engines.ts';
import type { Preprocessing } from './prepared-data.ts';

/** What one run is asked to do, and where it is written. Plain JSON, kept in the run folder and posted to the worker. */
export interface RunRequest extends TrainingRequest {
  /** `mnist` or a folder. */
  readonly dataset: string;
  readonly engine: EngineChoice;
  readonly out: string;
  readonly resume: boolean;
  readonly preprocess?: Preprocessing;
  /** A folder of pictures that are added to the training images. */
  readonly add?: string;
  /** A model folder whose weights are started from. */
  readonly init?: string;
  /** Writes event files for TensorBoard too. */
  readonly tensorboard?: boolean;
  /** Seconds after which a checkpoint is due within an epoch too; nothing else depends on it. */
  readonly checkpointSeconds: number;
}

/**
 * Returns the whole configuration of a run.
 *
 * @throws UsageError if a setting is unknown or out of range
 */
export function configFor(request: TrainingRequest, images: LabelledImages): TrainingConfig {
  try {
    return trainingConfigFor(request, images);
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Whether the text names a preset. */
export function isPresetName(name: unknown): name is PresetName {
  return (PRESET_NAMES as readonly unknown[]).includes(name);
}
