import type { LabelledImages } from '@digits/data';
import {
  type AnyPresetName,
  PIXEL_PRESET_NAMES,
  PRESET_NAMES,
  type TrainingConfig,
  trainingConfigFor,
  type TrainingRequest,
} from '@digits/model';
import * as v from 'valibot';
import { UsageError } from '../command-line.ts';
import { PREPROCESSINGS } from '../dataset/prepare-images.ts';
import { jsonObject } from '../json.ts';
import { engineChoice } from './engine.ts';

/** Every preset. */
export const ALL_PRESETS = [...PRESET_NAMES, ...PIXEL_PRESET_NAMES] as const;

/** What stands for the data set of a run that generates its pages. */
export const GENERATED_PAGES = 'pages';

/** Schema of {@link RunRequest}: a {@link TrainingRequest}, and where its data, engine and run folder are. */
export const runRequest = v.object({
  preset: v.picklist(ALL_PRESETS),
  /** `mnist`, a folder, or {@link GENERATED_PAGES}. */
  dataset: v.string(),
  engine: engineChoice,
  out: v.string(),
  resume: v.boolean(),
  preprocess: v.exactOptional(v.picklist(PREPROCESSINGS)),
  /** Leaves out picture files that cannot be decoded. */
  skipBroken: v.exactOptional(v.boolean()),
  /** A folder that keeps what was read of the data set. */
  cache: v.exactOptional(v.string()),
  /** A labelled set that is added to the training images. */
  add: v.exactOptional(v.string()),
  /** A model folder whose weights are started from. */
  init: v.exactOptional(v.string()),
  /** Writes event files for TensorBoard too. */
  tensorboard: v.exactOptional(v.boolean()),
  /** Seconds after which a checkpoint is due within an epoch too; nothing else depends on it. */
  checkpointSeconds: v.number(),
  /**
   * Settings that differ from the preset's, `architecture` included. A name with dots sets one field of a setting, such as
   * `schedule.learningRate`; `learningRate` is short for it.
   */
  settings: jsonObject,
});

/** What one run is asked to do. Plain JSON, kept in the run folder and posted to the worker. */
export type RunRequest = TrainingRequest & Readonly<v.InferOutput<typeof runRequest>>;

/**
 * Returns the whole configuration of a run.
 *
 * @param images all training images; null if the preset generates pages
 * @throws UsageError if a setting is unknown or out of range
 */
export function configFor(request: RunRequest, images: LabelledImages | null): TrainingConfig {
  try {
    return trainingConfigFor(request, images);
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Whether the text names a preset. */
export function isPresetName(name: unknown): name is AnyPresetName {
  return (ALL_PRESETS as readonly unknown[]).includes(name);
}
