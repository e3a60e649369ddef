import type { LabelledImages } from '@digits/data';
import {
  type AnyPresetName,
  describeSettings,
  PIXEL_PRESET_NAMES,
  PRESET_NAMES,
  type TrainingConfig,
  trainingConfigFor,
  type TrainingRequest,
} from '@digits/model';
import { distance } from 'fastest-levenshtein';
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

/** Names that settings can be given by, `architecture` and the fields of {@link describeSettings}, with those that are short. */
const SETTING_NAMES = ['architecture', 'learningRate', ...new Set(describeSettings().map(({ name }) => name))];

/** Whole objects may be given too: `optimizer` with its `type`. */
const isSettingName = (name: string) =>
  SETTING_NAMES.includes(name) || SETTING_NAMES.some((other) => other.startsWith(`${name}.`));

/**
 * Refuses names that are not settings, naming the nearest one that is.
 *
 * @param option that gave them, for the message
 * @throws UsageError naming the first one
 */
export function checkSettingNames(names: readonly string[], option: string): void {
  const unknown = names.find((name) => !isSettingName(name));
  if (unknown === undefined) return;
  const nearest = nearestSetting(unknown);
  const advice = nearest === null ? '' : `did you mean ${nearest}? `;
  throw new UsageError(`train: ${option} must name a setting, got ${unknown}; ${advice}docs/settings.md lists all`);
}

/** Returns the setting whose name, or the part of it after the last dot, is nearest; null if more than half of it differs. */
function nearestSetting(unknown: string): string | null {
  const distanceTo = (name: string) =>
    Math.min(distance(unknown, name), distance(unknown, name.slice(name.lastIndexOf('.') + 1)));
  const nearest = SETTING_NAMES.reduce((best, name) => (distanceTo(name) < distanceTo(best) ? name : best));
  return distanceTo(nearest) > unknown.length / 2 ? null : nearest;
}

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
